"""What the demo shows, and the checks that make it end non-zero."""

from __future__ import annotations

import itertools

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

console = Console(highlight=False)


class Report:
    """Counts what held and what differed. A check shows both, what was expected and what came."""

    def __init__(self) -> None:
        self.held = 0
        self._chapters = itertools.count(1)
        self.differed: list[str] = []

    def chapter(self, title: str, told: str) -> None:
        console.print()
        console.print(
            Panel(told, title=f"[bold]{next(self._chapters)}. {title}", title_align="left", border_style="blue")
        )

    def check(self, what: str, actual: object, expected: object) -> None:
        if actual == expected:
            self.held += 1
            console.print(f"  [green]✓[/] {what}: [bold]{actual}[/]")
        else:
            self.differed.append(what)
            console.print(f"  [red]✗ {what}: expected {expected!r}, got {actual!r}[/]")

    def note(self, text: str) -> None:
        console.print(f"    [dim]{text}[/]")

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        table = Table(*columns, title=title, title_justify="left", title_style="bold", show_edge=False)
        for row in rows:
            table.add_row(*row)
        console.print(table)

    def close(self, seconds: float) -> int:
        console.print()
        if self.differed:
            console.print(f"[red bold]{len(self.differed)} of {self.held + len(self.differed)} checks differ:[/]")
            for what in self.differed:
                console.print(f"  [red]✗ {what}[/]")
            return 1
        console.print(f"[green bold]All {self.held} checks held[/] in {seconds:.0f} s.")
        return 0
