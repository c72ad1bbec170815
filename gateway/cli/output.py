"""How commands speak: answers to standard output, everything else to standard error."""

from __future__ import annotations

import re
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from gateway.sdk import GatewayError

ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Screen(Console):
    """Shows what others wrote without its control characters: a terminal would obey them."""

    def render_str(self, text: str, **named: Any) -> Text:
        return super().render_str(ORDERS.sub("\N{REPLACEMENT CHARACTER}", text), **named)


console = _Screen(highlight=False, markup=False)
progress = _Screen(highlight=False, markup=False, stderr=True)


def say_error(exc: GatewayError) -> None:
    typer.echo(f"{exc.detail_vi}\n{exc.detail} ({exc.error_code})", err=True)
