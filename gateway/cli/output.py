"""How commands speak: answers to standard output, everything else to standard error."""

from __future__ import annotations

import typer
from rich.console import Console

from gateway.sdk import GatewayError

console = Console(highlight=False, markup=False)
progress = Console(highlight=False, markup=False, stderr=True)


def say_error(exc: GatewayError) -> None:
    typer.echo(f"{exc.detail_vi}\n{exc.detail} ({exc.error_code})", err=True)
