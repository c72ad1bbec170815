"""`lienthong`: what the province's staff type. Each command says what it did, and what to do when it could not."""

from gateway.cli.entry import main

__all__ = ["main"]
