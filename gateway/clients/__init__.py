"""Which provincial systems may call, and what each may do."""
