"""One document, written twice: Markdown to work with, and an HTML page that prints on A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
@page { size: A4; margin: 16mm 14mm 18mm }
body { font: 10.5pt/1.4 "Noto Sans", "DejaVu Sans", sans-serif; color: #111; max-width: 182mm; margin: 0 auto }
h1 { font-size: 15pt; text-align: center; margin: 6mm 0 1mm } h2 { font-size: 12pt; margin: 6mm 0 2mm }
p { margin: 1mm 0; overflow-wrap: anywhere } .middle { text-align: center }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 3mm; font-size: 9pt }
thead { display: table-header-group }
th, td { border: 0.3mm solid #888; padding: 0.8mm 1.6mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: #eee; font-weight: 600 } tr { break-inside: avoid }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, paragraphs, and a table where it has a head."""

    title: str
    lines: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole document; all of it is text."""

    title: str
    subtitle: str
    sections: Sequence[Section]

    def markdown(self) -> str:
        parts = [f"# {self.title}", self.subtitle, *(_markdown(section) for section in self.sections)]
        return "\n\n".join(parts) + "\n"

    def html(self) -> str:
        """Nothing is loaded from elsewhere and nothing runs."""
        return "\n".join(
            [
                '<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="robots" content="noindex">',
                f"<title>{escape(self.title)}</title><style>{STYLE}</style></head><body>",
                f'<h1>{escape(self.title)}</h1><p class="middle">{escape(self.subtitle)}</p>',
                *(_html(section) for section in self.sections),
                "</body></html>",
                "",
            ]
        )


def _markdown(section: Section) -> str:
    parts = [f"## {section.title}", *map(_plain, section.lines)]
    if section.head:
        rows = [section.head, ["---"] * len(section.head), *section.rows]
        parts.append("\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows))
    return "\n\n".join(parts)


def _html(section: Section) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in section.lines)
    if not section.head:
        return f"<h2>{escape(section.title)}</h2>{lines}"
    head = "".join(f"<th>{escape(name)}</th>" for name in section.head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in section.rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>{escape(section.title)}</h2>{lines}{table}"


def _plain(line: str) -> str:
    """A line of a document is no heading, whatever it says."""
    return line.replace("\n", " ").lstrip("#").strip()


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
