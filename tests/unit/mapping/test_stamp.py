"""Moments are written as `strftime` writes them, which is what the mapping language promises."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import VIETNAM
from gateway.mapping.model import Direction
from gateway.mapping.verbs import make

PATTERNS = ["%Y%m%d%H%M%S", "%d/%m/%Y %H:%M", "%H giờ %M, ngày %d tháng %m năm %Y", "%d%%%m", "%j %Y", "%Y", "%Y%m%"]
moments = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(9998, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moment=moments, pattern=st.sampled_from(PATTERNS))
def test_a_moment_is_written_as_strftime_writes_it(moment: datetime, pattern: str) -> None:
    verb = make("date", {"read": "iso", "write": pattern}, direction=Direction.REQUEST, codes={})
    assert verb(moment.isoformat()) == moment.astimezone(VIETNAM).strftime(pattern)
