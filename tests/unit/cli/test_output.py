"""What commands show was partly written by strangers; a terminal must not obey it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.table import Table

from gateway.cli.output import console, writable, write_private
from gateway.sdk.errors import UnprocessableError


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


def test_a_file_that_cannot_be_written_is_told_before_anything_is_done_for_it(tmp_path: Path) -> None:
    writable(tmp_path / "new", None)
    for wrong in (tmp_path, tmp_path / "none" / "new"):
        with pytest.raises(UnprocessableError):
            writable(wrong)
        with pytest.raises(UnprocessableError):
            write_private(wrong, b"")


def test_what_may_hold_personal_data_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    """PDP-13 (part): a file that stood there before is no way around it."""
    old = tmp_path / "old"
    old.write_bytes(b"longer than what comes")
    old.chmod(0o644)
    for file in (old, tmp_path / "new"):
        write_private(file, b"x")
        assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o600, b"x")
