"""``deliver outbox``: telling trackers and chats, and looking at what they are to be told."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ....schema.errors import EXIT_TRY_AGAIN, EXIT_UNAVAILABLE, BadRequestError, ShotmillError
from ....schema.names import counted
from ....schema.states import DeliveryState
from ....schema.telling import LetterOut, OutboxOut
from ..output import age, json_option, print_json, print_table
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....pipeline.outbox.crew import Crew
    from ....pipeline.outbox.worker import Carried
    from ....pipeline.store.letters import LetterRow

T = TypeVar("T")
STATES = (*(state.value for state in DeliveryState), "dropped")
REMIND_S = 60.0
OPEN = ("pending", "sending", "failed")


@click.command(
    "deliver",
    help="Tell trackers and chats what waits in the outbox; exit 75 when some of it still waits, 69 when some is dead.",
)
@click.option("--once", "how", flag_value="once", default="once", help="carry what is due, and end (the default)")
@click.option("--watch", "how", flag_value="watch", help="go on until somebody ends it: what a service runs")
@click.option("--target", default="", help="only this one, as it is called in the targets file")
@click.pass_context
def deliver_command(ctx: click.Context, how: str, target: str) -> int:
    """Carry letters."""
    from ....pipeline.outbox.office import crew_of

    where = studio(ctx)
    watches = how == "watch"
    say, worry = (_while_there_is_space(_say), _once(_while_there_is_space(_worry))) if watches else (_say, _worry)
    crew = crew_of(where.settings, where.database, os.environ, only=target, say=say, worry=worry)
    if watches:
        _until_told_to_end(crew)
        return 0
    crew.once()
    return _outcome(where, crew, target)


def _say(carried: Carried) -> None:
    """One line a letter, as soon as it is over."""
    line = f"{carried.state:<9}  {carried.target}  {carried.about}"
    print(f"{line}: {carried.said}" if carried.said else line, flush=True)


def _worry(error: ShotmillError) -> None:
    print(f"{error.code} {error.message}", file=sys.stderr, flush=True)


def _while_there_is_space(say: Callable[[T], None]) -> Callable[[T], None]:
    """Say it, unless the log's disk is full: letters are carried all the same."""

    def said(what: T) -> None:
        try:
            say(what)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    return said


def _once(worry: Callable[[ShotmillError], None]) -> Callable[[ShotmillError], None]:
    """Say what is wrong when it begins, then once a minute, and not each time that it is tried again."""
    last, said = "", 0.0

    def worried(error: ShotmillError) -> None:
        nonlocal last, said
        if error.message != last or time.monotonic() - said > REMIND_S:
            last, said = error.message, time.monotonic()
            worry(error)

    return worried


def _greet(line: str) -> None:
    print(line, flush=True)


def _until_told_to_end(crew: Crew) -> None:
    """Watch; a letter that is under way when somebody ends it is carried to its end."""

    def end(_signal: int, _frame: object) -> None:
        crew.stopping.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    _while_there_is_space(_greet)(f"carrying letters as process {os.getpid()}; end it with Ctrl-C")
    try:
        crew.watch()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _outcome(where: Studio, crew: Crew, target: str) -> int:
    """What is left, in one line; the exit code."""
    from ....pipeline.store.letters import counts

    for name, problem in crew.problems.items():
        print(f"{problem.code} {problem.message}", file=sys.stderr)
        print(f"what to do: {problem.hint or f'shotmill tracker check {name}'}", file=sys.stderr)
    found = {name: states for name, states in counts(where.database).items() if target in {"", name}}
    dead = sum(states.get("dead", 0) for states in found.values())
    waits = {name: sum(states.get(state, 0) for state in OPEN) for name, states in found.items()}
    waiting = {name: number for name, number in waits.items() if number}
    for name, number in waiting.items():
        silent = ", which does not answer" if name in crew.down else ""
        print(f"{counted(number, 'letter')} still {'waits' if number == 1 else 'wait'} for {name}{silent}")
    if dead:
        print(f"{counted(dead, 'letter')} {'is' if dead == 1 else 'are'} dead: shotmill outbox --state dead")
    if crew.problems:
        return next(iter(crew.problems.values())).exit_code
    if dead:
        return EXIT_UNAVAILABLE
    if waiting:
        return EXIT_TRY_AGAIN
    print("nothing is left to be told")
    return 0


class _OutboxGroup(click.Group):
    """``shotmill outbox --state dead`` means ``shotmill outbox list --state dead``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in that is meant where only its options stand."""
        named = args and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["list", *args])


@click.group("outbox", cls=_OutboxGroup, help="List what trackers and chats are told; try again, or drop.")
def outbox_command() -> None:
    """The outbox."""


@outbox_command.command("list", help="List letters, newest first; also plain `shotmill outbox`.")
@click.option("--state", type=click.Choice(STATES), help="only these")
@click.option("--target", help="only for this one")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="how many at most")
@json_option
@click.pass_context
def list_letters(ctx: click.Context, /, **given: Any) -> None:
    """List the outbox."""
    from ....pipeline.store.letters import counts, letters

    database = studio(ctx).database
    rows = letters(database, state=given["state"], target=given["target"], limit=given["limit"])
    if given["as_json"]:
        print_json(OutboxOut(letters=tuple(_out(row) for row in rows), counts=counts(database)))
        return
    table = [[row.short_id, row.target, row.state, str(row.attempts), age(row.created), _remark(row)] for row in rows]
    print_table(["ID", "TARGET", "STATE", "TRIES", "AGE", "ABOUT"], table, empty="no such letters")


def _remark(row: LetterRow) -> str:
    told = f"{row.kind}: {row.subject}"
    return f"{told}: {row.last_error}" if row.last_error else told


def _out(row: LetterRow) -> LetterOut:
    return LetterOut(
        id=str(row.id),
        target=row.target,
        kind=row.kind,
        state=row.state,
        subject=row.subject,
        attempts=row.attempts,
        next_attempt=row.next_attempt,
        last_error=row.last_error,
        remote_id=row.remote_id,
        created=row.created,
        delivered=row.delivered,
    )


@outbox_command.command("retry", help="Carry letters at once that failed or died: one, those of a target, or all dead.")
@click.argument("letter", required=False)
@click.option("--target", help="all of this one's that failed or died")
@click.option("--all-dead", is_flag=True, help="all that died")
@click.pass_context
def retry_letters(ctx: click.Context, letter: str | None, target: str | None, all_dead: bool) -> None:  # noqa: FBT001 - click
    """Revive letters."""
    from ....pipeline.store.letters import find_letter, retry

    if (bool(letter), bool(target), all_dead).count(True) != 1:
        raise BadRequestError("name a letter, or give --target NAME or --all-dead", hint="shotmill outbox retry --help")
    database = studio(ctx).database
    row = find_letter(database, letter).id if letter else None
    number = retry(database, row=row, target=target)
    print(f"{counted(number, 'letter')} to be carried again: shotmill deliver" if number else "there is nothing to do")


@outbox_command.command("drop", help="Decide that a target need not know; what waits behind the letter goes on.")
@click.argument("letter")
@click.option("--why", required=True, help="kept in the audit")
@click.pass_context
def drop_letter(ctx: click.Context, letter: str, why: str) -> None:
    """Drop a letter."""
    from ....pipeline.store.letters import drop, find_letter

    where = studio(ctx)
    row = find_letter(where.database, letter)
    drop(where.database, row, by=where.settings.login, why=why)
    print(f"{row.target} is not told of {row.subject}")
