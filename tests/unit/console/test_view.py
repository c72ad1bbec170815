"""Pieces that every page is made of."""

from __future__ import annotations

import pytest

from gateway.console.nav import SECTIONS
from gateway.console.view import number_columns


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ('<tr><th scope="row">a</th><td class="n">1</td><td>b</td><td class="keep n">2</td></tr>', {1, 3}),
        ('<tr><td class="long">a</td><td><time datetime="n">1</time></td></tr>', set()),
        ("<tr><th>a</th><td>—</td></tr>" + '<tr><th>b</th><td class="n">1</td></tr>', {1}),
        ("", set()),
    ],
)
def test_a_head_stands_on_the_side_of_its_numbers(rows: str, columns: set[int]) -> None:
    assert number_columns(rows) == columns


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/console/delivery/streams/national_portal/H1", "/console/delivery"),
        ("/console/delivery/held/release", "/console/delivery/held"),
        ("/console/payments/bills/B1", "/console/payments"),
        ("/console/alarms/7", "/console/alarms"),
        ("/console", "/console"),
    ],
)
def test_a_page_that_was_opened_from_a_list_stands_under_it(path: str, nearest: str) -> None:
    here = [section for section in SECTIONS if section.holds(path)]
    assert [found.path for section in here if (found := section.nearest(path))] == [nearest]
