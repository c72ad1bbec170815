"""Python's garbage collector, told what this process is like."""

from __future__ import annotations

import gc

YOUNG = 20_000
"""So many more objects made than dropped before it looks for circles. Its own number, 700, is far fewer than one batch
of events has in hand, so each batch would be looked through again and again."""


def settle() -> None:
    """Once everything stands: from now on it looks again (`cli.entry` had it wait). What the process is made of stays
    as long as it does, and is not looked through again: that took a tenth of a second each time, in the middle of
    everybody's requests. Nor is it once before: of two hundred thousand objects ten were given back."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG, 10, 10)
