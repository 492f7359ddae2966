"""``tracker``: whether targets would take a letter, and what trackers know of the production."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click

from ....schema.errors import EXIT_UNAVAILABLE, BadRequestError, NotFoundError, ShotmillError
from ....schema.names import counted
from ....schema.telling import TargetOut, TrackersOut
from ..output import json_option, listed, print_json
from ..studio import studio

if TYPE_CHECKING:
    from ....pipeline.outbox.secrets import Secrets
    from ....pipeline.outbox.target import Tracker
    from ....pipeline.outbox.targetsfile import TargetEntry, TargetsFile
    from ....pipeline.settings import Settings
    from ....pipeline.store.pulling import Brought

SHOWN = 10


@click.group("tracker", help="Check trackers and chats, or bring what trackers know into the database.")
def tracker_command() -> None:
    """Trackers and chats."""


@tracker_command.command("check", help="Ask targets who we are there, changing nothing; exit 69 when one would not do.")
@click.argument("name", required=False)
@json_option
@click.pass_context
def check(ctx: click.Context, name: str | None, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Check targets."""
    from ....pipeline.outbox.secrets import Secrets

    settings = studio(ctx).settings
    secrets = Secrets(os.environ)
    found = [_checked(entry, secrets) for entry in _chosen(settings, name)]
    wrong = [one for one in found if one.problem]
    if as_json:
        print_json(TrackersOut(targets=tuple(found)))
        return EXIT_UNAVAILABLE if wrong else 0
    for one in found:
        print(
            f"FAIL  {one.name:<12} {one.problem}" if one.problem else f"ok    {one.name:<12} {one.who} at {one.server}"
        )
        print("".join(f"      {line}\n" for line in one.lines), end="")
        if one.mend:
            print(f"      what to do: {one.mend}")
    return EXIT_UNAVAILABLE if wrong else 0


def _chosen(settings: Settings, name: str | None) -> list[TargetEntry]:
    """The target that is named; else those of the setting, and those of the file."""
    from ....pipeline.outbox.targetsfile import read_targets

    file = read_targets(settings)
    if name:
        return [file.entry(name)]
    names = dict.fromkeys((*settings.targets, *file.targets))
    if not names:
        raise NotFoundError(f"nobody is told of anything: there is no target in {file.path}", hint=_begin(file))
    return [file.entry(one) for one in names]


def _begin(file: TargetsFile) -> str:
    return f"write a section into {file.path}, and its name into the setting 'targets'"


def _checked(entry: TargetEntry, secrets: Secrets) -> TargetOut:
    from ....pipeline.outbox.registry import make_target

    try:
        with closing(make_target(entry, secrets)) as target:
            said = target.check()
    except ShotmillError as error:
        return TargetOut(
            name=entry.name,
            kind=entry.kind,
            problem=secrets.hide(f"{error.code} {error.message}"),
            mend=secrets.hide(error.hint),
        )
    except Exception as error:  # noqa: BLE001 - a studio's own kind of target may have any fault
        fault = f"a fault of its kind {entry.kind!r}: {type(error).__name__}"
        return TargetOut(name=entry.name, kind=entry.kind, problem=fault, mend="tell who maintains it")
    return TargetOut(name=entry.name, kind=entry.kind, server=said.server, who=said.who, lines=said.lines)


@tracker_command.command(
    "pull", help="Bring shots, assets, tasks and people of a project (or of all) into the database."
)
@click.argument("project", required=False)
@click.option("--target", default="", help="the tracker; needed where the targets file has several")
@click.pass_context
def pull(ctx: click.Context, project: str | None, target: str) -> None:
    """Pull a production."""
    from ....pipeline.outbox.secrets import Secrets
    from ....pipeline.store.pulling import bring

    where, secrets = studio(ctx), Secrets(os.environ)
    try:
        name, tracker = _tracker(where.settings, target, secrets)
        with closing(tracker):
            brought = bring(where.database, name, tracker.pull(project))
    except ShotmillError as error:  # a server may repeat what it was sent
        error.message, error.hint = secrets.hide(error.message), secrets.hide(error.hint)
        raise
    _tell(brought, name)


def _tracker(settings: Settings, name: str, secrets: Secrets) -> tuple[str, Tracker]:
    """The tracker that is meant.

    Raises:
        BadRequestError: it is none, or several could be meant.
    """
    from ....pipeline.outbox.registry import make_target
    from ....pipeline.outbox.target import Tracker

    found: list[tuple[str, Tracker]] = []
    for entry in _chosen(settings, name):
        made = make_target(entry, secrets)
        if isinstance(made, Tracker):
            found.append((entry.name, made))
        else:
            made.close()
    if len(found) == 1:
        return found[0]
    for _, tracker in found:
        tracker.close()
    if found:
        names = listed([name for name, _ in found])
        raise BadRequestError(f"there are several trackers; give --target with one of {names}")
    raise BadRequestError(f"{name or 'none of the targets'} {'is no tracker' if name else 'is a tracker'}")


def _tell(brought: Brought, name: str) -> None:
    kinds = sorted({*brought.made, *brought.changed, *brought.same})
    for kind in kinds:
        parts = f"{brought.made[kind]} new, {brought.changed[kind]} changed, {brought.same[kind]} as they were"
        print(f"{kind:<9} {parts}")
    for remark in brought.remarks[:SHOWN]:
        print(remark)
    if len(brought.remarks) > SHOWN:
        print(f"and {counted(len(brought.remarks) - SHOWN, 'more remark')}")
    if not kinds:
        print(f"{name} knows nothing that we may see")
