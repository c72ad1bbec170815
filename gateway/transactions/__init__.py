"""Giao dịch: the audit log, found again by what happened: search, the course of one transaction, whose fault it is."""
