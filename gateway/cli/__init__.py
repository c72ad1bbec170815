"""`lienthong`: what the province's staff type. Each command says what it did, and what to do when it could not."""

import gc

gc.disable()  # what is made while modules are loaded stays: looking for what could be given back is a tenth of it

from gateway.cli.main import app, main  # noqa: E402 - see above

gc.enable()

__all__ = ["app", "main"]
