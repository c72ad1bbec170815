"""`lienthong`: what the province's staff type. Each command says what it did, and what to do when it could not."""

from gateway.cli.main import app, main

__all__ = ["app", "main"]
