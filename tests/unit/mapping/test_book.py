"""Reading mappings, trying them, and noticing one that was changed without a word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.mapping import load
from gateway.mapping.book import Book, Shelf
from gateway.mapping.memory import MemoryVersions
from gateway.mapping.model import Direction
from gateway.mapping.versions import Versions, doubled
from gateway.sdk import NotFoundError

TEXT = """system: weather
operation: ask
version: {version}
request:
  - {{to: Ten, from: name, required: true}}
reply:
  - {{to: kind, from: loai, code: kinds{more}}}
"""
CODES = "ours,theirs,label_vi\nsun,1,Nắng\n"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


class Library:
    """A folder of mappings that somebody edits, and a gateway that starts anew each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "weather"
        (self.folder / "codes").mkdir(parents=True)
        self.store = MemoryVersions()
        self.write()

    def write(self, version: int = 1, *, more: str = "", codes: str = CODES) -> None:
        (self.folder / "ask.yaml").write_text(TEXT.format(version=version, more=more))
        (self.folder / "codes" / "kinds.csv").write_text(codes)

    def book(self) -> Book:
        shelf = Shelf(directory=self.folder, engine=load(self.folder), title="Weather", title_vi="Thời tiết")
        return Book({"weather": shelf}, Versions(self.store, tenant="T", clock=lambda: NOW))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


async def test_a_version_is_kept_once(library: Library) -> None:
    for _ in range(2):
        assert await library.book().note() == []
    (used,) = await library.book().used("weather", "ask")
    assert (used.source.version, used.first_used_at, dict(used.source.codes)) == (1, NOW, {"kinds": CODES})


async def test_a_new_number_is_no_alarm(library: Library) -> None:
    await library.book().note()
    library.write(2, more=", required: true")
    assert await library.book().note() == []
    assert len(await library.book().used("weather", "ask")) == 2


@pytest.mark.parametrize("change", [{"more": ", required: true"}, {"codes": CODES + "rain,2,Mưa\n"}])
async def test_a_change_without_a_new_number_is_told_once(library: Library, change: dict[str, str]) -> None:
    await library.book().note()
    library.write(1, **change)  # type: ignore[arg-type]  # texts all of them
    assert [source.operation for source in await library.book().note()] == ["ask"]
    assert await library.book().note() == []
    assert doubled(await library.book().used("weather", "ask"), 1)


def test_a_sample_is_translated_and_what_does_not_fit_is_named(library: Library) -> None:
    book = library.book()
    good = book.try_out("weather", "ask", direction=Direction.REQUEST, text='{"name": "Hà Nội"}')
    assert (good.body, good.problems) == ({"Ten": "Hà Nội"}, ())
    bad = book.try_out("weather", "ask", direction=Direction.REQUEST, text="{}")
    assert ([problem.pointer for problem in bad.problems], bad.steps[0].result) == (["/name"], "missing")
    back = book.try_out("weather", "ask", direction=Direction.REPLY, text='{"loai": "9"}')
    assert [problem.pointer for problem in back.problems] == ["/loai"]


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1, "a": 2}', '{"a": NaN}', "{'a': 1}"])
def test_what_is_no_json_is_a_problem_and_no_failure(library: Library, text: str) -> None:
    (problem,) = library.book().try_out("weather", "ask", direction=Direction.REPLY, text=text).problems
    assert problem.pointer == ""


def test_there_is_nothing_to_read_of_what_is_not_configured(library: Library) -> None:
    for system, operation in (("weather", "no"), ("no", "ask")):
        with pytest.raises(NotFoundError):
            library.book().source(system, operation)
