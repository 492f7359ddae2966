"""What chats say of a letter: lines of words, in no chat's own markup, and with users' words marked as such.

Each chat shows ``TAKEN`` words as they are: no mention, link or formatting that a user typed comes alive.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote

from ...schema.names import counted, plain_text
from ...schema.states import State
from ..outbox.letter import FactKind, JobSeen, Judged, Letter, Publication, Said

MAX_WORDS = 1000  # of one text of a user; chats cut messages at some thousands
MAX_NAME = 200  # of what is a name
MAX_VERSIONS = 10  # that the message about a job lists
NEEDS_SOMEBODY = frozenset({State.FAILED, State.BLOCKED})
JUDGEMENTS = {
    "pending": "waits for review",
    "approved": "is approved",
    "rejected": "is rejected",
    "omitted": "is omitted",
}


class Voice(Enum):
    """Whose words they are, and how they look."""

    OURS = auto()
    BOLD = auto()
    TAKEN = auto()  # from users and files
    CODE = auto()  # taken too; an address, a path or a command, to be copied
    LINK = auto()


@dataclass(frozen=True, slots=True)
class Run:
    """Some words; ``url`` is where they lead if they are a link."""

    text: str
    voice: Voice = Voice.OURS
    url: str = ""


Line = tuple[Run, ...]


def calm(text: str, limit: int = MAX_WORDS) -> str:
    """A user's text in one line: no control, format or direction characters, no runs of blanks, cut at the limit."""
    gone = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown = "".join(" " if unicodedata.category(char) in gone else char for char in plain_text(text))
    line = " ".join(shown.split())
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def told(letter: Letter, links: Mapping[str, str]) -> list[Line]:
    """What a chat says of a letter.

    Args:
        letter: of any kind.
        links: URLs under which folders are served, by the folders' paths.
    """
    if letter.kind is FactKind.JOB and letter.job is not None:
        return _of_job(letter.job)
    if letter.publication is None:
        return [(Run(calm(letter.about), Voice.TAKEN),)]
    if letter.note is not None:
        return [_of_note(letter.note, letter.publication)]
    if letter.review is not None:
        return [_of_review(letter.review, letter.publication)]
    return [line for line in _of_publication(letter.publication, links) if line]


def plain(lines: list[Line]) -> str:
    """The words alone."""
    return "\n".join("".join(run.text for run in line) for line in lines)


def _name(text: str) -> Run:
    return Run(calm(text, MAX_NAME) or "?", Voice.TAKEN)


def _text(text: str) -> Run:
    return Run(calm(text) or "?", Voice.TAKEN)


def _code(text: str, limit: int = MAX_NAME) -> Run:
    return Run(calm(text, limit) or "?", Voice.CODE)


def _of_job(job: JobSeen) -> list[Line]:
    state = "needs somebody" if job.state is State.BLOCKED else job.state.value
    done = f"{job.tasks_done} of {counted(job.tasks, 'task')} done"
    lines: list[Line] = [
        (
            _name(job.name),
            Run(" by "),
            _name(job.user),
            Run(": "),
            _name(f"{job.type} on {job.engine}, {job.project}"),
        ),
        (Run(state, Voice.BOLD), Run(f", {done}")),
    ]
    if job.line and job.state in NEEDS_SOMEBODY:
        lines.append((_code(job.line, MAX_WORDS),))
    if job.versions:
        lines.append((Run("published: "), *_list(job.versions)))
    return lines


def _list(versions: tuple[str, ...]) -> Iterator[Run]:
    for index, version in enumerate(versions[:MAX_VERSIONS]):
        yield from [Run(", ")] if index else []
        yield _code(version)
    if len(versions) > MAX_VERSIONS:
        yield Run(f" and {len(versions) - MAX_VERSIONS} more")


def _of_publication(told_of: Publication, links: Mapping[str, str]) -> Iterator[Line]:
    said = (Run(": "), _text(told_of.comment)) if calm(told_of.comment) else ()
    yield (Run("published "), _code(told_of.address), Run(" by "), _name(told_of.author), *said)
    if told_of.since:
        yield (Run("since then it was ", Voice.BOLD), _name(told_of.since))
    if told_of.holes:
        yield (Run("lacks frames ", Voice.BOLD), _code(str(told_of.holes), MAX_WORDS))
    yield (Run("in "), _place(told_of.folder, links))
    if told_of.report is not None:
        yield (Run("report: "), _place(told_of.report, links))


def _of_note(note: Said, told_of: Publication) -> Line:
    frame = f", frame {note.frame}" if note.frame is not None else ""
    return (_name(note.author), Run(" on "), _code(told_of.address), Run(f"{frame}: "), _text(note.text))


def _of_review(review: Judged, told_of: Publication) -> Line:
    known = review.status in JUDGEMENTS
    judged = Run(JUDGEMENTS[review.status], Voice.BOLD) if known else _name(review.status)
    return (_code(told_of.address), Run(" "), judged, Run(", says "), _name(review.by))


def _place(path: Path, links: Mapping[str, str]) -> Run:
    """A path; a link where its folder is served."""
    for folder in sorted(links, key=len, reverse=True):
        if path.is_relative_to(folder):
            rest = path.relative_to(folder).as_posix()
            return Run(calm(path.name), Voice.LINK, f"{links[folder].rstrip('/')}/{quote(rest, safe='/')}")
    return _code(str(path), MAX_WORDS)
