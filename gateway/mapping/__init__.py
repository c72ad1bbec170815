"""Translate between our vocabulary and theirs: data in, data out, a closed set of verbs."""

from gateway.mapping.engine import Mapped, Mappings, Step, Tried
from gateway.mapping.load import load

__all__ = ["Mapped", "Mappings", "Step", "Tried", "load"]
