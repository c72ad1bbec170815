"""What stands between us and a national system: exchange platforms, their tokens, their headers, their faults."""

from gateway.platforms.model import Destination, Kind, PlatformSettings, TokenSettings
from gateway.platforms.platform import Platform

__all__ = ["Destination", "Kind", "Platform", "PlatformSettings", "TokenSettings"]
