"""Every scheme by the name that a rule gives it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.signing import web, xml
from gateway.signing.model import Keys, Trust
from gateway.signing.protection import Protection
from gateway.signing.settings import ProtectionSettings


def protection(rule: ProtectionSettings, *, keys: Mapping[str, Keys], trust: Mapping[str, Trust]) -> Protection:
    """What carries the rule out. `ConfigurationError` names the option, key or trust that is missing or wrong."""
    build = xml.build if rule.scheme in xml.SCHEMES else web.build
    return build(rule, keys=keys, trust=trust)
