"""The provincial API `/v1` and the addresses that national systems call."""

from gateway.api.app import build, create_app
from gateway.api.services import Services

__all__ = ["Services", "build", "create_app"]
