"""Stand-in for the payment platform of the 2026 notes."""
