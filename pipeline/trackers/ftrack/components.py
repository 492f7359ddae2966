"""A version's files on ftrack: components that say where they lie, and uploads of what people look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...outbox.letter import Letter, Publication, PublishedForm
from .server import SERVER, UNMANAGED, FtrackServer, Row, quoted

DIGITS = re.compile("#+")


def component_rows(letter: Letter, form: PublishedForm, version: str) -> Iterator[Row]:
    """What has to be there for one representation: a sequence and its frames, or a file, each in its place."""
    if not form.files:
        return
    whole = str(letter.remote_uuid("component", form.name))
    digits = DIGITS.search(form.pattern)
    if digits is None:
        yield _file(whole, form.name, form.files[0], {"version_id": version})
        yield _place(letter, whole, str(form.files[0]), form.name)
        return
    yield Row(
        "SequenceComponent",
        whole,
        {
            "name": form.name,
            "version_id": version,
            "file_type": Path(form.pattern).suffix,
            "padding": len(digits[0]),
            "size": form.size_bytes,
        },
    )
    head, tail = form.pattern[: digits.start()], form.pattern[digits.end() :]
    for file in form.files:
        frame = file.name[len(head) : len(file.name) - len(tail)]
        member = str(letter.remote_uuid("component", form.name, frame))
        yield _file(member, frame, file, {"container_id": whole})
        yield _place(letter, member, str(file), form.name, frame)
    yield _place(letter, whole, str(form.folder / f"{head}%0{len(digits[0])}d{tail}"), form.name)


def _file(component: str, name: str, path: Path, belongs: dict[str, str]) -> Row:
    size = path.stat().st_size if path.exists() else 0
    return Row("FileComponent", component, {"name": name, "file_type": path.suffix, "size": size, **belongs})


def _place(letter: Letter, component: str, path: str, *parts: str) -> Row:
    """Says that a component lies where it is: ftrack moves and copies nothing there."""
    fields = {"component_id": component, "location_id": UNMANAGED, "resource_identifier": path}
    return Row("ComponentLocation", str(letter.remote_uuid("location", *parts)), fields)


def uploaded(server: FtrackServer, letter: Letter, part: str, path: Path) -> str:
    """Id of a component whose content is this file, on ftrack's own disks.

    It is said to lie there once it does; so where that is said, nothing is sent again.
    """
    component = str(letter.remote_uuid("upload", part))
    place = str(letter.remote_uuid("upload", part, "location"))
    if server.first("ComponentLocation", "id", f"id is {quoted(place)}"):
        return component
    server.settle(_file(component, part, path, {}))
    server.send(component, path)
    there = {"component_id": component, "location_id": SERVER, "resource_identifier": component}
    server.settle(Row("ComponentLocation", place, there))
    return component


def ensure_review_media(server: FtrackServer, letter: Letter, told: Publication, version: str) -> None:
    """Have the version's movie encoded, once: ftrack's job for it names the upload that it is made from."""
    if told.movie is None:
        return
    source = letter.remote_uuid("upload", told.movie.stem)
    jobs = server.rows("Job", "id, status", f"data like {quoted(f'%{source}%')}")
    if all(job["status"] == "failed" for job in jobs):
        server.encode(uploaded(server, letter, told.movie.stem, told.movie), version)
