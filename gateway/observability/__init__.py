"""Structured logs, redaction and trace context."""
