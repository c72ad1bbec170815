"""What stands in the certificate of a partner's server, and whether its authority has taken it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509

from gateway.diagnostics.model import Fact, Finding, Step, Verdict
from gateway.sdk import TrustError
from gateway.signing.certificates import fingerprint, name_of
from gateway.signing.foreign import unsafe_certificate
from gateway.signing.trust.asking import Asking, lists, responders
from gateway.signing.trust.fetching import Fetch
from gateway.signing.trust.statuses import Statuses

SOON = timedelta(days=30)
_MOST_NAMES = 5


def read_chain(chain: Sequence[bytes]) -> list[x509.Certificate]:
    """Those that can be read; none where the peer's own cannot."""
    found = []
    for der in chain:
        try:
            found.append(unsafe_certificate(der))
        except TrustError:
            break
    return found


def described(chain: Sequence[x509.Certificate]) -> dict[str, Fact]:
    """For people."""
    if not chain:
        return {}
    own = chain[0]
    return {
        "subject": name_of(own),
        "names": ", ".join(_names(own)[:_MOST_NAMES]),
        "issuer": own.issuer.rfc4514_string(),
        "since": own.not_valid_before_utc.isoformat(),
        "until": own.not_valid_after_utc.isoformat(),
        "root": name_of(chain[-1]) if len(chain) > 1 else own.issuer.rfc4514_string(),
    }


def judged(chain: Sequence[x509.Certificate], *, at: datetime) -> Finding:
    """Of one that the handshake has verified."""
    facts = described(chain)
    if not chain:
        return Finding(step=Step.CERTIFICATE, verdict=Verdict.UNKNOWN, why="certificate_unreadable")
    first = min(chain, key=lambda one: one.not_valid_after_utc)
    left = first.not_valid_after_utc - at
    facts["days_left"] = left.days
    if left < SOON:
        return Finding(step=Step.CERTIFICATE, verdict=Verdict.ATTENTION, why="certificate_ends_soon", facts=facts)
    return Finding(step=Step.CERTIFICATE, verdict=Verdict.GOOD, why="certificate_good", facts=facts)


async def revocation(chain: Sequence[x509.Certificate], *, fetch: Fetch, at: datetime) -> Finding:
    """Of the server's own certificate, which chains to a root that we believe: so its issuer wrote the addresses that
    are asked."""
    if len(chain) < 2:
        return Finding(step=Step.REVOCATION, verdict=Verdict.UNKNOWN, why="revocation_no_issuer")
    own = chain[0]
    addresses = [*responders(own), *lists(own)]
    facts: dict[str, Fact] = {"asked": ", ".join(addresses[:_MOST_NAMES])}
    if not addresses:
        return Finding(step=Step.REVOCATION, verdict=Verdict.UNKNOWN, why="revocation_no_address")
    statuses = Statuses(grace=timedelta(0))
    asking = Asking("diagnostics", statuses, fetch=fetch, clock=lambda: at, alarm=_told_on_the_page)
    await asking.ask(own, chain[1:], at=at)
    try:
        statuses.require_unrevoked(fingerprint(own), at=at)
    except TrustError as exc:
        is_revoked = exc.error_code == "security.certificate_revoked"
        verdict = Verdict.FAILED if is_revoked else Verdict.UNKNOWN
        why = "revoked" if is_revoked else "revocation_unanswered"
        return Finding(step=Step.REVOCATION, verdict=verdict, why=why, facts=facts)
    return Finding(step=Step.REVOCATION, verdict=Verdict.GOOD, why="not_revoked", facts=facts)


async def _told_on_the_page(kind: str, about: str) -> None:
    """Whoever tries a partner reads it; it is no alarm."""


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress))]
