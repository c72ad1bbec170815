"""Việc hàng loạt: long work that a person starts, whose progress is seen, and that can be gone on with after a stop."""
