"""When a message was made: wsu:Timestamp (WSS 1.1.1, 10) and any other xsd:dateTime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from gateway.signing.xml.names import wsu
from gateway.signing.xml.tree import Element, child, refuse

_CREATED, _EXPIRES = wsu("Created"), wsu("Expires")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d{0,3})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def written_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_moment(text: str | None) -> datetime:
    """`TrustError`: not an xsd:dateTime, or one without its zone."""
    found = _MOMENT.fullmatch((text or "").strip())
    try:
        # Python reads six decimals at most.
        moment = datetime.fromisoformat("".join(found.groups("")) if found else "")
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        refuse("The time in the message cannot be read.", vi="Không đọc được thời điểm trong thông điệp.", what="stale")


def check_age(created: datetime, *, at: datetime, fresh_s: float) -> None:
    """Also of a future one: a partner's clock may be ahead by as much as a message may be old."""
    if abs((at - created).total_seconds()) > fresh_s:
        refuse(
            "The message is too old, or from the future.", vi="Thông điệp quá cũ hoặc có thời điểm sai.", what="stale"
        )


def add_timestamp(parent: Element, *, at: datetime, fresh_s: float, id: str) -> Element:  # noqa: A002 - an XML Id
    timestamp = child(parent, wsu("Timestamp"), None, **{wsu("Id"): id})
    child(timestamp, wsu("Created"), written_moment(at))
    child(timestamp, wsu("Expires"), written_moment(at + timedelta(seconds=fresh_s)))
    return timestamp


def read_created(timestamp: Element) -> datetime:
    return read_moment(_one(timestamp, _CREATED))


def check_timestamp(timestamp: Element, *, at: datetime, fresh_s: float) -> None:
    """`TrustError` (`security.stale`): too old by our rule, or by the partner's own Expires, if it gives one."""
    has_end = any(part.tag == _EXPIRES for part in timestamp)
    ends = read_moment(_one(timestamp, _EXPIRES)) if has_end else None
    check_moments(read_created(timestamp), ends, at=at, fresh_s=fresh_s)


def check_moments(created: datetime, ends: datetime | None, *, at: datetime, fresh_s: float) -> None:
    """As `check_timestamp`, of what stands in one."""
    check_age(created, at=at, fresh_s=fresh_s)
    if ends is not None and at >= ends:
        refuse("The message has expired.", vi="Thông điệp đã hết hạn.", what="stale")


def _one(timestamp: Element, name: str) -> str | None:
    found = [part for part in timestamp if part.tag == name]
    return found[0].text if len(found) == 1 and not len(found[0]) else None
