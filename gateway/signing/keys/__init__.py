"""Our private keys: read once at start, used here, shown nowhere."""

from gateway.signing.keys.loading import load_keys
from gateway.signing.keys.rotation import Rotation

__all__ = ["Rotation", "load_keys"]
