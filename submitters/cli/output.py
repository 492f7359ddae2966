"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from ...schema.base import Document

json_option = click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")

LEAST_ROOM = 24  # characters of the last column, however narrow the terminal is
STATE_STYLES = {
    "queued": "dim",
    "running": "cyan",
    "blocked": "yellow",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
}


def print_json(document: Document) -> None:
    """Print a document as JSON."""
    print(json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows under titles. On a terminal states are coloured and the last column is folded; nothing is cut off."""
    if not rows:
        print(empty)
        return
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    widths = [max(map(cell_len, cells)) for cells in zip(titles, *rows, strict=True)]
    for title, width in zip(titles[:-1], widths, strict=False):
        table.add_column(title, no_wrap=True, width=width)
    table.add_column(titles[-1], overflow="fold")
    for row in rows:
        table.add_row(*[_styled(cell) for cell in row])
    before_last = sum(widths[:-1]) + 2 * len(titles)  # rich puts a blank on either side
    room = max(console.width - before_last, LEAST_ROOM) if console.is_terminal else widths[-1]
    console = Console(soft_wrap=True, width=before_last + min(room, widths[-1]))
    with console.capture() as text:  # rich ends the program when a pipe breaks; print lets us decide
        console.print(table)
    print(text.get(), end="")


def _styled(cell: str) -> str:
    from rich.markup import escape

    style = STATE_STYLES.get(cell)
    return f"[{style}]{cell}[/]" if style else escape(cell)


def age(moment: datetime | None) -> str:
    """How long ago, for lists: ``12 s``, ``5 min``, ``3 h``, ``2 d``."""
    if moment is None:
        return "-"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """``a, b, c and 2 more``."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def size_text(size: int) -> str:
    """Bytes for people."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":  # noqa: PLR2004 - binary units
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{size} B"


def said(text: str) -> None:
    """Print a line for people on standard output."""
    print(text)
