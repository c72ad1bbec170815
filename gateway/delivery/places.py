"""How many streams of each target a worker has in hand, and when it is worth looking for more.

A place is a target's: it is free again when nothing of its stream will be sent any more, while the last acknowledgement
is still being written. So the next streams are claimed meanwhile, and no target has more at a time than it may have.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from gateway.delivery.courier import Courier
from gateway.delivery.model import Claim, StreamKey

IN_HAND = 2
"""So many times the places of a target: of that many streams at most something is still to be written."""
_Key = tuple[StreamKey, str]


class Places:
    def __init__(self, courier: Courier, *, most: int) -> None:
        """`most`: places of each target."""
        self._courier = courier
        self._most = most
        self._in_hand: set[_Key] = set()
        self._sending: set[_Key] = set()
        self._behind: set[str] = set()
        self.stirred = asyncio.Event()
        """There may be something to claim that was not there, or had no place, at the last claim."""
        self.enough = asyncio.Event()
        """Of a target that had more due than there was room for, half of the places are free."""

    def room(self) -> dict[str, int]:
        """For how many more streams, of the targets that have room. The events begin anew."""
        self.stirred.clear()
        self.enough.clear()
        sending, in_hand = _by_target(self._sending), _by_target(self._in_hand)
        free = {
            target: min(
                self._courier.room(target, most=self._most) - sending[target], IN_HAND * self._most - in_hand[target]
            )
            for target in self._courier.targets
        }
        return {target: count for target, count in free.items() if count > 0}

    def fill(self, found: Sequence[Claim], *, room: Mapping[str, int]) -> list[Claim]:
        """Those of the claims that were `found` for `room` that are to be served. A target that filled its room has
        probably more."""
        brought = Counter(claim.stream.target for claim in found)
        self._behind -= room.keys()
        self._behind |= {target for target, count in room.items() if brought[target] >= count}
        # A clock that jumped ahead makes our own leases look lost. The stream comes back when this lease is over.
        ours = {stream for stream, _ in self._in_hand}
        claims = [claim for claim in found if not (claim.unsettled and claim.stream in ours)]
        self._in_hand |= {_key(claim) for claim in claims}
        self._sending |= {_key(claim) for claim in claims}
        return claims

    def leave(self, claim: Claim) -> None:
        """Nothing of it will be sent any more."""
        self._sending.discard(_key(claim))
        target = claim.stream.target
        if target in self._behind:
            self.stirred.set()
            if _by_target(self._sending)[target] <= self._most // 2:
                self.enough.set()

    def end(self, claim: Claim) -> None:
        """Everything of it is written. Where all was claimed that was due, this very stream may have more by now."""
        self._in_hand.discard(_key(claim))
        self.leave(claim)
        if claim.stream.target not in self._behind:
            self.stirred.set()

    def stir(self, *_: object) -> None:
        """Something may have become due, or the end has come."""
        self.stirred.set()


def _key(claim: Claim) -> _Key:
    """A stream that was given back may be served again while its last claim ends."""
    return claim.stream, claim.owner


def _by_target(claims: Collection[_Key]) -> Counter[str]:
    return Counter(stream.target for stream, _ in claims)
