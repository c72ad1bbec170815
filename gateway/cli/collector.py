"""Python's garbage collector, told what this process is like."""

from __future__ import annotations

import asyncio
import gc

YOUNG = 20_000
"""So many more objects made than dropped before it looks for circles. Its own number, 700, is far fewer than one batch
of events has in hand, so each batch would be looked through again and again."""

EVERY_S = 60.0


def settle() -> None:
    """Once everything stands: from now on it looks again (`cli.entry` had it wait). What the process is made of stays
    as long as it does, and is not looked through again: that took a tenth of a second each time, in the middle of
    everybody's requests. Nor is it once before: of two hundred thousand objects ten were given back."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG, 10, 10)


async def tidy() -> None:
    """For ever: look through everything that was made since, every minute. By itself it seldom would, because nearly
    all that we make is dropped without it. But only then does CPython 3.11 give back the dropped tuples that it keeps,
    up to 2,000 of each length: they were all that grew in a long run (docs/curves.md). It takes about 2 ms, and 60
    where 4,000 connections are open: everything that lives by then is looked through."""
    while True:
        await asyncio.sleep(EVERY_S)
        gc.collect()
