"""Electronic receipts: numbered, signed, kept, and told to the tax authority (NĐ 254/2026)."""
