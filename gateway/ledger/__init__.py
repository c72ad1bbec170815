"""Proof of sync: what the national systems hold, compared item by item with what they were sent (SYN-12)."""
