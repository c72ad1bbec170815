"""How commands speak: answers to standard output, everything else to standard error."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from gateway.sdk import GatewayError
from gateway.sdk.errors import UnprocessableError

ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Screen(Console):
    """Shows what others wrote without its control characters: a terminal would obey them."""

    def render_str(self, text: str, **named: Any) -> Text:
        return super().render_str(ORDERS.sub("\N{REPLACEMENT CHARACTER}", text), **named)


console = _Screen(highlight=False, markup=False)
progress = _Screen(highlight=False, markup=False, stderr=True)


def say_error(exc: GatewayError) -> None:
    sys.stderr.write(f"{exc.detail_vi}\n{exc.detail} ({exc.error_code})\n")


def writable(*files: Path | None) -> None:
    """`UnprocessableError` where one cannot be written, before anything is done, or an approval spent, for it."""
    for file in files:
        if file and (file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK)):
            raise _not_written(file)


def write_private(file: Path, content: bytes) -> None:
    """What may hold personal data: a file that its owner alone reads, from the first byte."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            os.fchmod(descriptor, 0o600)
            opened.write(content)
    except OSError as exc:
        raise _not_written(file) from exc


def _not_written(file: Path) -> UnprocessableError:
    return UnprocessableError(f"{file} cannot be written.", vi=f"Không ghi được tệp {file}.")
