"""Writes deploy/places/example.csv: a made-up register in the shape that `lienthong places import` takes.

    .venv/bin/python deploy/places/make_example.py

It models three provinces that become one city on 1 July 2025, with 31 wards and 72 communes directly below it (NQ
1668/NQ-UBTVQH15). Only the counts, the day and the three names are real: every code begins with MOCK-, every other name
is invented, and so is which old commune went where. The official codes come from the province's own catalogue.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("example.csv")
COLUMNS = ("code", "name", "kind", "valid_from", "valid_to", "parent", "alias", "successors")
BEFORE, EVE, DAY = "2004-01-01", "2025-06-30", "2025-07-01"
WARDS, COMMUNES = 31, 72
OLD = {"MOCK-CT": ("thành phố Cần Thơ", 3), "MOCK-HG": ("tỉnh Hậu Giang", 2), "MOCK-ST": ("tỉnh Sóc Trăng", 4)}
"""Old provinces with so many made-up districts each."""

Row = dict[str, str]


def rows() -> Iterator[Row]:
    """The city keeps the code of one of the three: its own second period follows all of them."""
    for code, (name, _) in OLD.items():
        yield _row(code, name, "province", valid_from=BEFORE, valid_to=EVE, successors="MOCK-CT")
    yield _row("MOCK-CT", "thành phố Cần Thơ", "province", valid_from=DAY)
    for code, (name, count) in OLD.items():
        for number in range(1, count + 1):
            told = {"valid_from": BEFORE, "valid_to": EVE, "parent": code}
            yield _row(f"{code}-H{number}", f"Huyện Mẫu {number}, {name}", "district", **told)
    yield from _old_communes()
    for code, name, kind in new():
        yield _row(code, name, kind, valid_from=DAY, parent="MOCK-CT")
    told = {"valid_from": DAY, "parent": "MOCK-CT"}
    yield _row("MOCK-TT", "Trung tâm phục vụ hành chính công thành phố", "centre", **told)
    for number in (1, 2):
        told = {"valid_from": DAY, "parent": "MOCK-TT"}
        yield _row(f"MOCK-D{number}", f"Điểm tiếp nhận số {number}", "point", **told)


def new() -> list[tuple[str, str, str]]:
    wards = [(f"MOCK-P{n:02d}", f"Phường Mẫu {n:02d}", "ward") for n in range(1, WARDS + 1)]
    return wards + [(f"MOCK-X{n:02d}", f"Xã Mẫu {n:02d}", "commune") for n in range(1, COMMUNES + 1)]


def _old_communes() -> Iterator[Row]:
    """Two old ones make a new one, every tenth old one was divided, and the last new one only changed its code."""
    after = [code for code, _, _ in new()]
    districts = [f"{code}-H{number}" for code, (_, count) in OLD.items() for number in range(1, count + 1)]
    for number in range(2 * len(after) - 1):
        place = number // 2
        successors = [after[place], *([after[place + 1]] if number % 10 == 1 and place + 1 < len(after) - 1 else [])]
        told = {"valid_from": BEFORE, "valid_to": EVE, "parent": districts[number * len(districts) // 206]}
        name = f"Xã Cũ Mẫu {number + 1:03d}"
        yield _row(f"MOCK-C{number + 1:03d}", name, "commune", **told, successors=";".join(successors))


def _row(code: str, name: str, kind: str, **more: str) -> Row:
    return {**dict.fromkeys(COLUMNS, ""), "code": code, "name": name, "kind": kind, **more}


def text() -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
