"""Bảo trì: planned suspensions, lawfully announced (CON-15), and the public status page (CON-19)."""
