"""``lint``: what is unsafe or breaks in an OpenJD bundle, ours or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import EXIT_BAD_DATA
from ....schema.machine import FindingOut, LintOut
from ....schema.names import counted
from ..output import json_option, print_json, print_table

if TYPE_CHECKING:
    from ....farm_plugins.lint import Finding


@click.command(
    "lint",
    help="Find what is unsafe or breaks in an OpenJD bundle or template, ours or not. Nothing of it is run, and "
    "nothing is written. Exit 65 when something is an error.",
)
@click.argument("bundle", type=click.Path())
@json_option
def lint_command(bundle: str, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Lint a bundle."""
    from ....farm_plugins.lint import Severity, lint, read_bundle

    read = read_bundle(Path(bundle))
    found = lint(read)
    errors, warnings, notes = (sum(one.severity is each for one in found) for each in Severity)
    if as_json:
        findings = tuple(FindingOut(**asdict(one)) for one in found)
        print_json(
            LintOut(bundle=bundle, ok=not errors, errors=errors, warnings=warnings, notes=notes, findings=findings)
        )
    else:
        _show(found, read.template.name)
        counts = [counted(errors, "error"), counted(warnings, "warning"), counted(notes, "note")]
        print(", ".join(counts) if found else "clean")
    return EXIT_BAD_DATA if errors else 0


def _show(found: Sequence[Finding], template: str) -> None:
    """Findings as a table, then why each kind matters and what mends it."""
    if not found:
        return
    rows = [[one.severity, one.code, one.step or "-", _place(one, template), one.what] for one in found]
    print_table(["SEVERITY", "CODE", "STEP", "PLACE", "WHAT"], rows, empty="")
    print()
    for one in {each.code: each for each in found}.values():
        print(f"{one.code} {one.slug}: {one.why}")
        print(f"      what to do: {one.fix}")
    print()


def _place(found: Finding, template: str) -> str:
    return found.place if found.file == template else f"{found.file} {found.place}"
