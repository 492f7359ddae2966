"""``timeline``: what is different between two cuts, and a cut brought up to date with only the work that asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....schema.errors import EXIT_BAD_DATA, EXIT_TASK_ERROR, BadRequestError, ShotmillError
from ....schema.names import counted
from ..forms import read_params
from ..output import json_option, print_json, print_table
from ..studio import Studio, studio
from .cuts import ingest_options, rate_of

if TYPE_CHECKING:
    from ....farm_plugins.recut import Asked
    from ....pipeline.ingest import IngestOptions, Looked
    from ....schema.cutdiff import AskedOut, CutSide, TimelineDiffOut
    from ....schema.media import Rate

_rate = click.option("--rate", help="frames per second of files, such as 24 or 23.976; an EDL needs it")
_pattern = click.option("--pattern", help="regular expression with groups 'sequence' and 'shot', for clip names")
_project = click.option("--show", "--project", "project", help="the project; default: the setting 'project'")
_handles = click.option(
    "--handles",
    type=click.IntRange(0, 1000),
    default=0,
    help="frames beside each cut that are worked on, too, where the media has them; default: 0",
)
_picture = click.option("--picture", type=click.Path(), help="PNG that gets both cuts as bars, the older above")


@dataclass(frozen=True)
class _How:
    """How files are read."""

    project: str
    rate: Rate | None
    options: IngestOptions


@click.group("timeline", help="Compare cuts, or bring one up to date with only the work that its changes ask for.")
def timeline_command() -> None:
    """Timelines."""


@timeline_command.command("diff", help="Show what is different in cut B. A and B: a file, NAME or NAME@v002.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="[B]", default="")
@_project
@_rate
@_pattern
@_handles
@_picture
@click.option("--exit-code", "tells", is_flag=True, help="end with 1 when something is different")
@json_option
@click.pass_context
def diff_(ctx: click.Context, /, a: str, b: str, *, tells: bool, as_json: bool, **given: Any) -> int:
    """Compare two cuts; B left out: A's newest ingest with the one before it."""
    from ....pipeline.cutdiff import compare

    where = studio(ctx)
    how = _how(where, given)
    if not b:
        a, b = _last_two(where, how, a)
    old, earlier = _side(where, how, a)
    new, _none = _side(where, how, b)
    found = compare(old, new, earlier=earlier, handles=given["handles"])
    notes = _draw(given["picture"], old, new, found)
    if as_json:
        print_json(found)
    else:
        _show(found)
        for note in notes:
            print(note)
    return EXIT_TASK_ERROR if tells and not found.same else 0


def _how(where: Studio, given: dict[str, Any]) -> _How:
    options = ingest_options(where.settings, given["pattern"])
    return _How(given["project"] or where.settings.project, rate_of(given["rate"]), options)


def _last_two(where: Studio, how: _How, word: str) -> tuple[str, str]:
    from ....pipeline.cutdiff import newest_number

    if _is_file(word):
        raise BadRequestError(f"{word} is one file; name two cuts to compare", field="b")
    cut, number = _named(word)
    number = number or newest_number(where.database, how.project, cut)
    if number == 1:
        raise BadRequestError(
            f"cut {cut!r} was ingested once; there is nothing before it to compare with",
            hint=f"shotmill timeline diff {cut} FILE",
            field="b",
        )
    return f"{cut}@v{max(1, number - 1):03d}", f"{cut}@v{max(1, number):03d}"


def _is_file(word: str) -> bool:
    from ....pipeline.timeline import FORMATS

    return Path(word).suffix.lower() in FORMATS


def _named(word: str) -> tuple[str, int | None]:
    """A cut's name, and the number behind its ``@v``."""
    name, at, version = word.partition("@")
    number = version.removeprefix("v")
    if not at:
        return name, None
    if not number.isascii() or not number.isdigit() or int(number[:9]) < 1:
        raise BadRequestError(f"{word!r} names no ingest of a cut; write {name}@v002", field="version")
    return name, int(number[:9])


def _side(where: Studio, how: _How, word: str) -> tuple[CutSide, frozenset[str]]:
    """One of the two cuts, and the shots of its earlier ingests."""
    from ....pipeline.cutdiff import earlier_shots, newest_number, side_of_cut, side_of_read
    from ....pipeline.ingest import read_file

    if _is_file(word):
        return side_of_read(read_file(Path(word).absolute(), rate=how.rate, options=how.options)), frozenset()
    cut, number = _named(word)
    side = side_of_cut(where.database, how.project, cut, number)
    before = number or newest_number(where.database, how.project, cut)
    return side, earlier_shots(where.database, how.project, cut, before=before)


def _draw(picture: str | None, old: CutSide, new: CutSide, found: TimelineDiffOut) -> list[str]:
    if not picture:
        return []
    from ....pipeline.cutdiff.picture import draw
    from ....pipeline.images import write_image

    path = Path(picture).absolute()
    if path.suffix.lower() not in {".png", ".jpg"}:
        raise BadRequestError(f"{path.name}: a picture of cuts is a .png or a .jpg", field="picture")
    write_image(path, draw(old, new, found))
    return [f"picture: {path}"]


def _show(found: TimelineDiffOut) -> None:
    from ....pipeline.cutdiff.words import headline, rows, verdict

    print(headline(found))
    for note in found.notes:
        print(f"note: {note}")
    if not found.same:
        print_table(["CHANGE", "SHOT", "WHAT", "NEEDS"], list(rows(found)), empty="")
    print(verdict(found))


@timeline_command.command("update", help="Show what FILE changes in a cut; then store it, and submit what is new.")
@click.argument("file", type=click.Path())
@_project
@click.option("--cut", required=True, help="name of the cut")
@_rate
@_pattern
@_handles
@_picture
@click.option("--commit", is_flag=True, help="put the file into the database as the cut's next version")
@click.option("--submit", "types", multiple=True, metavar="TYPE", help="commit, then submit this job type; repeatable")
@click.option("--param", "pairs", multiple=True, metavar="NAME=VALUE", help="a parameter of the jobs")
@click.option("--engine", default="", help="where they run; default: the setting 'engine'")
@json_option
@click.pass_context
def update(ctx: click.Context, /, file: str, **given: Any) -> int:
    """Update a cut."""
    from ....pipeline.ingest import look

    where = studio(ctx)
    how = _how(where, given)
    looked = look(
        where.database, Path(file).absolute(), project=how.project, cut=given["cut"], rate=how.rate, options=how.options
    )
    made = _Update(where, how, looked, given)
    made.show()
    made.store()
    made.submit()
    return made.tell()


class _Update:
    """A cut that is brought up to date, step by step; what is shown comes before what is done."""

    def __init__(self, where: Studio, how: _How, looked: Looked, given: dict[str, Any]) -> None:
        self._where = where
        self._how = how
        self._looked = looked
        self._given = given
        self._loud = not given["as_json"]
        self._diff: TimelineDiffOut | None = None
        self._base = 0
        self._version = looked.known.number if looked.known else 0
        self._added = False
        self._asked: list[AskedOut] = []
        self._notes: list[str] = []

    def show(self) -> None:
        """The difference to the cut's newest version; to the one before it, where the newest holds this file."""
        from ....pipeline.cutdiff import newest_number, side_of_read

        cut, known = self._looked.cut, self._looked.known
        newest = newest_number(self._where.database, self._how.project, cut)
        if known is not None:
            self._note(f"cut {cut} v{known.number:03d} holds this file already: no change")
            if known.newest > known.number:
                self._note(f"jobs use v{known.newest:03d}; to go back to this file, export it anew")
            elif self._given["types"] and known.number > 1:
                self._compare(known.number - 1, None)
            return
        if self._looked.read is None:
            return
        self._base = newest
        self._compare(newest, side_of_read(self._looked.read))
        for one in self._looked.read.skipped:
            self._note(f"{one.clip} at record frame {one.record_in} belongs to no shot: {one.reason}")

    def _compare(self, base: int, new: CutSide | None) -> None:
        """Compare a version (0: an empty cut) with a side; None: with the version after it."""
        from ....pipeline.cutdiff import compare, side_before, side_of_cut

        database, project, cut = self._where.database, self._how.project, self._looked.cut
        new = new or side_of_cut(database, project, cut, base + 1)
        old, earlier = side_before(database, project, cut, base, new=new)
        self._diff = compare(old, new, earlier=earlier, handles=self._given["handles"])
        if self._loud:
            _show(self._diff)
        for line in _draw(self._given["picture"], old, new, self._diff):
            self._note(line)

    def _note(self, text: str) -> None:
        self._notes.append(text)
        if self._loud:
            print(text)

    def store(self) -> None:
        """Make the file the cut's next version, where that was asked for."""
        from ....pipeline.ingest import put

        if not (self._given["commit"] or self._given["types"]) or self._looked.read is None:
            return
        report = put(self._where.database, self._looked)
        self._version, self._added = report.version, report.added
        self._note(f"cut {report.cut} v{report.version:03d} is in the database: {counted(report.clips, 'clip')}")
        if report.version != self._base + 1:
            self._note("meanwhile somebody else ingested this cut; this is what is new to the version before:")
            self._compare(report.version - 1, None)

    def submit(self) -> None:
        """Submit what the differences ask for, one job type after the other."""
        if not self._given["types"] or self._diff is None:
            return
        from ....farm_plugins.recut import asked_jobs
        from ....farm_plugins.submission import SubmitRequest

        where, params = self._where, read_params({}, self._given["pairs"], None)
        wanted: list[Asked] = []
        for name in self._given["types"]:
            request = SubmitRequest(name, params=params, cut=self._looked.cut, project=self._how.project)
            found = asked_jobs(self._diff, request, settings=where.settings, database=where.database)
            if not found:
                self._note(f"{name}: nothing to do")
            wanted += found
        for one in wanted:
            if one.whole:
                self._note(f"{one.job_type} of {_shots(one)} is done whole; {one.whole}")
        if wanted:
            with self._where.ready_engine(self._given["engine"]) as engine:
                self._asked = [self._submitted(one, engine) for one in wanted]

    def _submitted(self, one: Asked, engine: Any) -> AskedOut:
        from ....farm_plugins.submission import submit
        from ....schema.cutdiff import AskedOut

        told = AskedOut(type=one.job_type, shots=one.shots, frames=one.frames, extends=one.extends, whole=one.whole)
        if one.request is None:
            self._note(f"{one.job_type}: {one.problem}")
            return told.model_copy(update={"problem": one.problem})
        try:
            made = submit(one.request, settings=self._where.settings, database=self._where.database, engine=engine)
        except ShotmillError as error:
            if error.retryable:  # the others would meet it, too; the same command again goes on here
                raise
            self._note(f"{one.job_type} of {_shots(one)}: {error.message}")
            return told.model_copy(update={"problem": error.message})
        for warning in made.warnings:
            self._note(f"note: {warning}")
        what = f"frames {one.frames}, going on from {one.extends}" if one.frames else counted(made.tasks, "task")
        begun = "submitted" if made.is_new else f"already {made.job.state} as"
        self._note(f"{begun} {made.job.handle}: {one.job_type} of {_shots(one)}, {what}")
        return told.model_copy(update={"job": made.job.handle, "is_new": made.is_new})

    def tell(self) -> int:
        """Say what was done, or what to type next; the exit code."""
        if self._given["as_json"]:
            from ....schema.cutdiff import TimelineUpdateOut

            print_json(
                TimelineUpdateOut(
                    project=self._how.project,
                    cut=self._looked.cut,
                    version=self._version,
                    added=self._added,
                    diff=self._diff,
                    asked=tuple(self._asked),
                    notes=tuple(self._notes),
                )
            )
        elif not self._version:
            print("nothing was stored; next: the same with --commit, or with --submit TYPE")
        return EXIT_BAD_DATA if any(one.problem for one in self._asked) else 0


def _shots(one: Asked) -> str:
    if not one.shots:
        return "the whole cut"
    return one.shots[0] if len(one.shots) == 1 else f"{one.shots[0]} and {counted(len(one.shots) - 1, 'more shot')}"
