"""Whose signatures are believed: pinned certificates, or paths to the roots of one domain, and their revocation."""

from gateway.signing.trust.fetching import Fetch
from gateway.signing.trust.loading import load_trust
from gateway.signing.trust.partner import Partner

__all__ = ["Fetch", "Partner", "load_trust"]
