"""``lineage`` and ``reproduce``: where a version comes from, what was made of it, and whether it can be made again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....schema.errors import EXIT_BAD_DATA, BadRequestError
from ....schema.frames import frames_text
from ....schema.names import counted
from ....schema.output import LineageOut, LinkOut
from ....schema.proof import Likeness, ReproduceOut
from ...documents import version_out
from ..output import json_option, print_json
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....farm_plugins.reproduce import Reproduced
    from ....pipeline.store.catalog import LineageRow, VersionRow

SHOWN = 20  # inputs
MAX_LINES = 500  # of a tree
MAX_STEPS = 50


@click.command("lineage", help="Show what a version was made from, or what was made from it.")
@click.argument("address")
@click.option("--used-by", is_flag=True, help="what was made from it, and from that")
@click.option("--depth", type=click.IntRange(1, MAX_STEPS), default=MAX_STEPS, show_default=True, help="steps at most")
@json_option
@click.pass_context
def lineage_command(ctx: click.Context, /, **given: Any) -> None:
    """Show where a version comes from, or where it went."""
    from ....pipeline.store.catalog import descendants, lineage, made_from

    where = studio(ctx)
    row = where.version(given["address"])
    asked = descendants if given["used_by"] else lineage
    links = asked(where.database, row.id, depth=given["depth"])
    facts = made_from(where.database, row.id)
    if given["as_json"]:
        print_json(_as_json(where, row, facts, links, used_by=given["used_by"]))
        return
    print(f"{row.address}  by {row.author}, {row.published:%Y-%m-%d %H:%M} UTC" if row.published else row.address)
    if given["used_by"]:
        print("\n".join(_tree(row, links)) if links else "  nothing was made from it yet")
        return
    print("\n".join(_facts(row, facts)))
    if links:
        print("  made of")
        print("\n".join(f"  {line}" for line in _tree(row, links)))


def _as_json(
    where: Studio, row: VersionRow, facts: dict[str, Any], links: Sequence[LineageRow], *, used_by: bool
) -> LineageOut:
    found = tuple(version_out(where, one) for one in {link.version.id: link.version for link in links}.values())
    told = tuple(
        LinkOut(version=str(link.version.id), near=str(link.user), kind=link.link, steps=link.steps) for link in links
    )
    around = {"used_by": found} if used_by else {"sources": found}
    return LineageOut(version=version_out(where, row), made_from=facts, links=told, **around)


def _facts(row: VersionRow, facts: Mapping[str, Any]) -> Iterator[str]:
    inputs = facts.get("inputs", [])
    for mark in inputs[:SHOWN]:
        files = counted(mark["files"], "file")
        yield f"  from      {mark['path']}  ({files}, {mark['method']} {mark['fingerprint']})"
    if len(inputs) > SHOWN:
        yield f"  from      {len(inputs) - SHOWN} more: shotmill lineage {row.address} --json"
    if row.holes:
        yield f"  lacks     {row.holes}"
    yield f"  job       {facts.get('job')}  {facts.get('type')} version {facts.get('type_version')}"
    yield f"  template  {facts.get('template')}"
    if facts.get("colour_config"):
        yield f"  colour    {facts['colour_config']}  {facts.get('colour_config_hash')}"
    for model in facts.get("models", ()):
        weights = ", ".join(model["weights"]) or "its task did not tell which weights"
        yield f"  model     {model['model']}  {weights}  (step {model['step']})"
    yield f"  hosts     {', '.join(facts.get('hosts', []))}"
    yield f"  person    {facts.get('user', row.author)}"


def _tree(root: VersionRow, links: Sequence[LineageRow]) -> list[str]:
    """One line a link; what hangs below a version is shown where it comes first."""
    below: dict[uuid.UUID, list[LineageRow]] = defaultdict(list)
    for link in links:
        below[link.user].append(link)
    lines: list[str] = []
    seen = {root.id}

    def grow(near: uuid.UUID, indent: str) -> None:
        for number, link in enumerate(below[near]):
            if len(lines) >= MAX_LINES:
                return
            last = number == len(below[near]) - 1
            known = link.version.id in seen and bool(below[link.version.id])
            kind = "" if link.link == "derived_from" else f"  ({link.link})"
            lines.append(f"{indent}{'`-' if last else '|-'} {link.version.address}{kind}{'  (see above)' * known}")
            if link.version.id not in seen:
                seen.add(link.version.id)
                grow(link.version.id, indent + ("   " if last else "|  "))

    grow(root.id, "")
    if len(lines) < len(links):
        lines.append(f"... {len(links) - len(lines)} more; give --depth or --json")
    return lines


@click.command("reproduce", help="Make a version again from its frozen parameters and inputs, and compare. No publish.")
@click.argument("version")
@click.option("--keep", metavar="FOLDER", type=click.Path(file_okay=False), help="keep what was made; a new folder")
@json_option
@click.pass_context
def reproduce_command(ctx: click.Context, version: str, keep: str | None, as_json: bool) -> int:  # noqa: FBT001 - click
    """Make a version again; exit 65 when a file is not the same."""
    from ....farm_plugins.reproduce import reproduce

    where = studio(ctx)
    row = where.version(version)
    folder = None if keep is None else Path(keep).absolute()
    if folder is not None and folder.is_dir() and any(folder.iterdir()):
        raise BadRequestError(f"{folder} holds something; give a new folder", path=folder)
    found = reproduce(where.database, row, settings=where.settings, keep=folder)
    if as_json:
        kept = None if folder is None else str(folder)
        print_json(
            ReproduceOut(
                address=row.address, identical=found.identical, files=found.files, notes=found.notes, kept=kept
            )
        )
    else:
        print("\n".join(_told(row, found)))
        if folder is not None:
            print(f"kept      {folder}")
    return 0 if found.identical else EXIT_BAD_DATA


def _told(row: VersionRow, found: Reproduced) -> Iterator[str]:
    """One line a file that is not the same, and one for all that are."""
    yield from (f"note: {note}" for note in found.notes)
    same = [file for file in found.files if file.likeness is Likeness.IDENTICAL]
    timed = sum(file.likeness is Likeness.TIMINGS for file in found.files)
    for file in found.files:
        if file.likeness is Likeness.TIMINGS:
            yield f"{file.path}  the same but for timings"
        elif file.likeness is not Likeness.IDENTICAL:
            frame = "" if file.frame is None else f" (frame {file.frame})"
            apart = "" if file.difference is None else f"; pixels are at most {file.difference:.3g} apart"
            yield f"{file.path}{frame}  {file.likeness}{apart}"
    frames = [file.frame for file in same if file.frame is not None]
    which = f" (frames {frames_text(sorted(set(frames)))})" if len(frames) > 1 else ""
    whole = "made again, the same but for timings" if timed else "made again byte for byte"
    verdict = whole if found.identical else "NOT the same"
    yield f"{row.address}: {counted(len(same), 'file')} of {len(found.files)} identical{which}: {verdict}"
