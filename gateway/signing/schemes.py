"""Every scheme by the name that a rule gives it. Its libraries take long to load: only a rule does so."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.signing.model import Keys, Trust
from gateway.signing.protection import Protection
from gateway.signing.settings import ProtectionSettings

XML = frozenset({"wsse-x509", "xmldsig"})


def protection(rule: ProtectionSettings, *, keys: Mapping[str, Keys], trust: Mapping[str, Trust]) -> Protection:
    """What carries the rule out. `ConfigurationError` names the option, key or trust that is missing or wrong."""
    if rule.scheme in XML:
        from gateway.signing.xml import build
    else:
        from gateway.signing.web import build
    return build(rule, keys=keys, trust=trust)
