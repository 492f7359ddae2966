"""``review note notes audit``: judging what was published, and seeing who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ....schema.address import APPROVED, Address
from ....schema.errors import NotFoundError
from ....schema.names import counted
from ....schema.reviewing import AuditOut, EventOut, NoteOut, NotesOut, ReviewOut
from ....schema.states import ReviewState
from ..output import age, json_option, listed, print_json, print_table
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....pipeline.store.catalog import EventRow
    from ....pipeline.store.reviews import NoteRow

MOVES = {
    "approve": ReviewState.APPROVED,
    "reject": ReviewState.REJECTED,
    "omit": ReviewState.OMITTED,
    "reopen": ReviewState.PENDING,
}
DATABASE = "database"


@click.command("review", help="Approve, reject, omit or reopen a version, such as sq010/sh010/comp@v003.")
@click.argument("version")
@click.argument("move", type=click.Choice(list(MOVES)))
@click.option("--note", metavar="TEXT", help="why; written as a note on the version")
@click.option("--frame", type=int, help="the frame that the note speaks of")
@json_option
@click.pass_context
def review_command(ctx: click.Context, /, **given: Any) -> None:
    """Move a version's standing."""
    from ....pipeline.store.reviews import Word, review

    if given["frame"] is not None and given["note"] is None:
        raise click.UsageError("--frame says which frame a note speaks of; give --note too")
    where = studio(ctx)
    row = where.version(given["version"])
    login = where.settings.login
    word = None if given["note"] is None else Word(given["note"], login, given["frame"])
    moved = review(where.database, row, MOVES[given["move"]], by=login, word=word)
    approved = _approved(where, row.project, row.entity, row.product)
    if given["as_json"]:
        told = {"was": moved.old, "status": moved.new, "told": moved.told, "approved": approved}
        print_json(ReviewOut(address=row.address, **told))
        return
    what = f"was {moved.old}, is {moved.new}" if moved.is_new else f"is {moved.new} already"
    print(f"{row.address} {what}{'; noted' if word else ''}")
    if moved.is_new and ReviewState.APPROVED in {moved.old, moved.new}:
        print(f"approved  {approved or 'nothing of it any more'}")
    if moved.told:
        print(f"to tell   {counted(moved.told, 'target')}")


def _approved(where: Studio, project: str, entity: str, product: str) -> str | None:
    from ....pipeline.store.catalog import find_version

    try:
        return find_version(where.database, Address(project, entity, product, APPROVED)).address
    except NotFoundError:
        return None


@click.command("note", help="Say something about a version, or about one of its frames.")
@click.argument("version")
@click.argument("text")
@click.option("--frame", type=int, help="the frame that it speaks of")
@json_option
@click.pass_context
def note_command(ctx: click.Context, /, **given: Any) -> None:
    """Write a note."""
    from ....pipeline.store.reviews import Word, write_note

    where = studio(ctx)
    row = where.version(given["version"])
    made = write_note(where.database, row, Word(given["text"], where.settings.login, given["frame"]))
    if given["as_json"]:
        print_json(_note_out(made))
    else:
        print(f"{row.address}: noted{'' if made.frame is None else f' at frame {made.frame}'}")


def _note_out(note: NoteRow) -> NoteOut:
    return NoteOut(id=str(note.id), author=note.author, frame=note.frame, text=note.text, created=note.created)


@click.command("notes", help="Show where a version stands, and what was said about it.")
@click.argument("version")
@json_option
@click.pass_context
def notes_command(ctx: click.Context, version: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List notes."""
    from ....pipeline.store.reviews import Standing, notes, standings

    where = studio(ctx)
    row = where.version(version)
    said = notes(where.database, row.id)
    found = standings(where.database, [row.id]).get(row.id, Standing(ReviewState.PENDING))
    if as_json:
        stands = {"status": found.status, "by": found.by, "moved": found.moved}
        print_json(NotesOut(address=row.address, notes=tuple(_note_out(note) for note in said), **stands))
        return
    by = f", by {found.by} {age(found.moved)} ago" if found.moved else ""
    print(f"{row.address}  {found.status}{by}")
    table = [
        [note.author, age(note.created), "" if note.frame is None else str(note.frame), " ".join(note.text.split())]
        for note in said
    ]
    print_table(["BY", "AGE", "FRAME", "NOTE"], table, empty="nothing was said about it")


@click.command("audit", help="Show who did what when: to a shot, a version, a job, a project (NAME:) or the database.")
@click.argument("what", default="")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="the newest so many")
@json_option
@click.pass_context
def audit_command(ctx: click.Context, what: str, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """Show the audit, newest last."""
    where = studio(ctx)
    subject, rows = _audit(where, what, limit)
    if as_json:
        print_json(AuditOut(subject=subject, events=tuple(_event_out(row) for row in rows)))
        return
    table = [[f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor, row.host, row.verb, row.subject, _facts(row)] for row in rows]
    print_table(["UTC", "WHO", "HOST", "DID", "TO", "FACTS"], table, empty=f"nothing is known of {subject}")


def _audit(where: Studio, what: str, limit: int) -> tuple[str, list[EventRow]]:
    from ....pipeline.store import audit
    from ....pipeline.store.jobs import find_job

    if what == DATABASE:
        return what, audit.audit_of_subject(where.database, what, limit=limit)
    if what.upper().startswith("J-"):
        handle = find_job(where.database, what).handle
        return handle, audit.audit_of_subject(where.database, handle, limit=limit)
    if "@" in what:
        address = where.version(what).address
        return address, audit.audit_of_subject(where.database, address, limit=limit)
    before, colon, entity = what.rpartition(":")
    project = before if colon else where.settings.project
    subject = f"{project}:{entity}" if entity else project
    return subject, audit.audit_of_entity(where.database, project, entity, limit=limit)


def _event_out(row: EventRow) -> EventOut:
    return EventOut(
        number=row.number,
        at=row.at,
        actor=row.actor,
        host=row.host,
        verb=row.verb,
        subject=row.subject,
        facts=row.facts,
    )


def _facts(row: EventRow) -> str:
    """What is worth a reader's eye; ids are for programs."""
    told = {name: value for name, value in row.facts.items() if not name.endswith("id") and value not in (None, "", [])}
    shown = {name: listed([*map(str, value)]) if isinstance(value, list) else value for name, value in told.items()}
    return ", ".join(f"{name} {value}" for name, value in shown.items())
