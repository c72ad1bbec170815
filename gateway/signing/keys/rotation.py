"""All keys of one name: the youngest in force signs, and the older ones still open what partners send meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.sdk.errors import ConfigurationError
from gateway.signing.model import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One key, and how long it is used: it signs from `since` to `until`, and opens until then."""

    key: SigningKey
    since: datetime
    until: datetime
    source: str = ""

    def signs_at(self, at: datetime) -> bool:
        """In force, and so is its certificate (SIG-04: before anything is signed)."""
        certificate = self.key.certificate
        is_valid = certificate is None or certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
        return self.since <= at < self.until and is_valid


class Rotation:
    """Implements `Keys`."""

    def __init__(self, name: str, turns: Sequence[Turn]) -> None:
        self._name = name
        self.turns = tuple(sorted(turns, key=lambda turn: turn.since, reverse=True))
        """Youngest first."""
        kids = [turn.key.kid for turn in turns]
        if len(set(kids)) < len(kids):
            raise ConfigurationError(
                f"keys.{name}: two keys have one `kid`; partners could not tell them apart.",
                vi=f"keys.{name}: hai khoá trùng `kid`, đối tác không phân biệt được.",
                what="key",
            )

    def signing(self, at: datetime) -> SigningKey:
        for turn in self.turns:
            if turn.signs_at(at):
                return turn.key
        raise ConfigurationError(
            f"keys.{self._name}: no key is in force now, or its certificate is not valid. See `lienthong keys list`.",
            vi=f"keys.{self._name}: không có khoá nào đang hiệu lực, hoặc chứng thư số đã hết hạn. "
            "Xem `lienthong keys list`.",
            what="no_key",
        )

    def accepted(self, at: datetime) -> Sequence[SigningKey]:
        """Those announced for later, too: a partner may use one as soon as it has it."""
        return tuple(turn.key for turn in self.turns if at < turn.until)
