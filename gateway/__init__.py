"""Liên Thông, the core: it knows protocols, never a national system."""
