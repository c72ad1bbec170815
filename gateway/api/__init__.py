"""The provincial API `/v1` and the addresses that national systems call: `app` makes it, `Services` is what it needs.

`app` is not imported here: commands that serve nothing need not wait for the web framework."""

from gateway.api.services import Services

__all__ = ["Services"]
