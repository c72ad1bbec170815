"""How often one address may come that has shown no key: counted in this process alone, in memory that is bounded.

With several processes an address may come so many times as often. Addresses beyond `MOST_ADDRESSES` push the one out
that was silent longest; IPv6 is counted by its /64, which is what one subscriber has.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_ADDRESSES = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_at: float
    waits_until: float = 0.0
    wait_s: float = 0.0


class Throttle:
    """A bucket of tokens for each address. `longest_wait_s`: with it, an empty bucket is closed for a time that doubles
    each time it runs empty again; 0: it fills as time goes by."""

    def __init__(self, *, per_minute: int, monotonic: Callable[[], float], longest_wait_s: float = 0.0) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / 60.0
        self._monotonic = monotonic
        self._longest_wait_s = longest_wait_s
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, address: str) -> float:
        """0 when it may go on; else the seconds to wait."""
        now = self._monotonic()
        bucket = self._bucket(_subscriber(address), now)
        if now < bucket.waits_until:
            return bucket.waits_until - now
        bucket.left = min(self._most, bucket.left + (now - bucket.seen_at) * self._rate)
        if bucket.left >= self._most:
            bucket.wait_s = 0.0
        bucket.seen_at = now
        if bucket.left >= 1.0:
            bucket.left -= 1.0
            return 0.0
        if self._longest_wait_s:
            bucket.wait_s = min(self._longest_wait_s, max(1.0, 2 * bucket.wait_s))
            bucket.waits_until = now + bucket.wait_s
            return bucket.wait_s
        return (1.0 - bucket.left) / self._rate

    def _bucket(self, address: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(address, _Bucket(self._most, now))
        self._buckets.move_to_end(address)
        while len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket


def _subscriber(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
