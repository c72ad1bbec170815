"""Người vận hành: the province's own staff, what each may do, and how they prove who they are."""
