"""Read the trusts of the settings, and refuse those that would believe too much."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn

from cryptography import x509

from gateway.sdk.errors import ConfigurationError
from gateway.signing.certificates import read_certificates, spki, strong
from gateway.signing.keys.rotation import Rotation
from gateway.signing.model import Keys
from gateway.signing.settings import Domain, Revocation, TrustSettings
from gateway.signing.trust.asking import Asking
from gateway.signing.trust.bare import read_bare_keys
from gateway.signing.trust.fetching import Alarm, Fetch, may_be_fetched
from gateway.signing.trust.partner import Believed, Partner
from gateway.signing.trust.path import may_issue
from gateway.signing.trust.statuses import Statuses

Roots = Mapping[str, tuple[x509.Certificate, ...]]


def load_trust(
    settings: Mapping[str, TrustSettings],
    *,
    keys: Mapping[str, Keys],
    fetch: Fetch,
    clock: Callable[[], datetime],
    alarm: Alarm,
) -> Mapping[str, Partner]:
    """By name. `ConfigurationError`: a file that cannot be read, a root that stands in two domains, roots without
    names, revocation that is never asked, or a key of ours among theirs."""
    roots = {name: read_certificates(own.roots, where=f"trust.{name}.roots") for name, own in settings.items()}
    _require_apart(settings, roots)
    ours = _our_keys(keys)
    found = {}
    for name, own in settings.items():
        believed = _believed(name, own, roots=_Around(settings, roots, ours), keys=keys)
        grace = timedelta(hours=own.revocation_grace_h if own.revocation is Revocation.LAST_KNOWN else 0)
        statuses = Statuses(grace=grace)
        asking = Asking(name, statuses, fetch=fetch, clock=clock, alarm=alarm, responder=own.responder, lists=own.crls)
        found[name] = Partner(own.domain, believed, statuses=statuses, asking=asking, revocation=own.revocation)
    return found


class _Around:
    """What one trust must know of the others, and of us."""

    def __init__(self, settings: Mapping[str, TrustSettings], roots: Roots, ours: frozenset[bytes]) -> None:
        self._settings = settings
        self._roots = roots
        self.ours = ours

    def of(self, name: str) -> tuple[x509.Certificate, ...]:
        return self._roots[name]

    def elsewhere(self, domain: Domain) -> tuple[x509.Certificate, ...]:
        return tuple(
            one for name, roots in self._roots.items() if self._settings[name].domain is not domain for one in roots
        )


def _believed(name: str, own: TrustSettings, *, roots: _Around, keys: Mapping[str, Keys]) -> Believed:
    where = f"trust.{name}"
    pinned = read_certificates(own.pinned, where=f"{where}.pinned")
    bare = read_bare_keys(own, where=where)
    _require_sense(where, own, roots.of(name))
    theirs = {*(spki(key) for key in bare.values()), *_keys_of(pinned)}
    if theirs & roots.ours:
        _wrong(where, "a key of ours stands among the partner's", "khoá của cổng nằm trong danh sách của đối tác")
    if own.secret and own.secret not in keys:
        _wrong(f"{where}.secret", f"there is no [[keys.{own.secret}]]", f"không có [[keys.{own.secret}]]")
    return Believed(
        pinned=pinned,
        roots=roots.of(name),
        intermediates=read_certificates(own.intermediates, where=f"{where}.intermediates"),
        elsewhere=roots.elsewhere(own.domain),
        names=frozenset(unicodedata.normalize("NFC", one) for one in own.names),
        keys=bare,
        secret=keys[own.secret] if own.secret else None,
        ours=roots.ours,
    )


def _require_sense(where: str, own: TrustSettings, roots: tuple[x509.Certificate, ...]) -> None:
    if roots and not own.names:
        _wrong(
            f"{where}.names",
            "with `roots`, say whom: else everybody whom they certified would be this partner",
            "khi dùng `roots` phải ghi tên chủ thể, nếu không mọi chứng thư do gốc này cấp đều thành đối tác",
        )
    if roots and own.revocation is Revocation.NONE:
        _wrong(
            f"{where}.revocation",
            "`none` is for pinned certificates alone",
            "`none` chỉ dùng khi ghim từng chứng thư số",
        )
    if not all(may_issue(one) for one in roots):
        _wrong(f"{where}.roots", "one is no certification authority", "có chứng thư không phải của tổ chức chứng thực")
    if own.responder and not may_be_fetched(own.responder):
        _wrong(f"{where}.responder", "is no http(s) address", "không phải địa chỉ http(s)")


def _require_apart(settings: Mapping[str, TrustSettings], roots: Roots) -> None:
    """SIG-03. By key, not by certificate: a root may be issued again under the same key."""
    domains: dict[bytes, Domain] = {}
    for name, several in roots.items():
        for key in _keys_of((*several, *read_certificates(settings[name].pinned, where=f"trust.{name}.pinned"))):
            if domains.setdefault(key, settings[name].domain) is not settings[name].domain:
                _wrong(
                    f"trust.{name}",
                    "a certificate stands in two domains; official-duty and public trust are never mixed",
                    "một chứng thư số nằm ở hai miền tin cậy; chuyên dùng công vụ và công cộng không được trộn lẫn",
                )


def _keys_of(certificates: tuple[x509.Certificate, ...]) -> set[bytes]:
    good = [strong(one.public_key()) for one in certificates]
    if None in good:
        _wrong("trust", "a certificate has a weak key", "có chứng thư số dùng khoá yếu")
    return {spki(key) for key in good if key is not None}


def _our_keys(keys: Mapping[str, Keys]) -> frozenset[bytes]:
    """Of every turn, those of the past among them."""
    turns = [turn for several in keys.values() if isinstance(several, Rotation) for turn in several.turns]
    return frozenset(spki(turn.key.public_key) for turn in turns if turn.source != "secret")


def _wrong(where: str, why: str, why_vi: str) -> NoReturn:
    raise ConfigurationError(f"{where}: {why}.", vi=f"{where}: {why_vi}.", what="trust")
