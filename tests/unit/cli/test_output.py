"""What commands show was partly written by strangers; a terminal must not obey it."""

from __future__ import annotations

import pytest
from rich.table import Table

from gateway.cli.output import console


@pytest.mark.parametrize("order", ["\x1b]0;x\x07", "\x1b[2J", "\x9b2J", "\x00"])
def test_a_terminal_gets_no_orders_from_what_others_wrote(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    """F38."""
    table = Table("về / about")
    table.add_row(f"GD1{order}")
    console.print(table)
    console.print(f"lý do  {order}hết")
    shown = capsys.readouterr().out
    assert {"GD1" in shown, "lý do  " in shown, "hết" in shown} == {True}
    assert [sign for sign in shown if (ord(sign) < 32 and sign != "\n") or 127 <= ord(sign) < 160] == []
