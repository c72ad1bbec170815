"""Stand-in for the 2026 adapter family of the National Public Service Portal."""
