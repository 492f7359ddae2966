"""A studio's own kind of target: speaks HTTP with the tracker of ``wire_tracker``, as careless as real trackers are.

The tracker lets nobody choose ids and keeps no letter apart from another: who posts twice has made two. So this looks
first after any try before.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from shotmill.pipeline.outbox.letter import FactKind, Letter
from shotmill.pipeline.outbox.pulled import (
    Pulled,
    PulledAsset,
    PulledPerson,
    PulledProject,
    PulledSequence,
    PulledShot,
    PulledTask,
)
from shotmill.pipeline.outbox.sections import SecretRef, TargetSection, read_section
from shotmill.pipeline.outbox.target import Checked, SecretReader, Target
from shotmill.schema.errors import ColourError, TargetBusyError, TargetRefusedError, TargetUnreachableError
from shotmill.schema.media import Rate

THINGS = (PulledProject, PulledPerson, PulledSequence, PulledShot, PulledAsset, PulledTask)


class WireSection(TargetSection):
    """What may stand in its section."""

    server: str
    token: SecretRef = "env:WIRE_TOKEN"  # noqa: S105 - a reference
    greets: bool = False
    odd: str = ""
    takes: tuple[FactKind, ...] = (FactKind.PUBLISHED, FactKind.REVIEWED, FactKind.NOTED, FactKind.JOB)


class WireTarget:
    """A session with the tracker."""

    def __init__(self, name: str, section: WireSection, token: str, timeout_s: float) -> None:
        self._name, self._server, self._token, self._timeout_s = name, section.server, token, timeout_s
        self.takes = frozenset(section.takes)
        self._odd = section.odd

    def ensure(self, letter: Letter) -> str:
        remote_id = letter.remote_id
        if self._odd == "faulty":
            raise KeyError(self._token)
        if self._odd == "foreign":
            raise ColourError("no such colour space", hint="none")
        if remote_id is None and letter.attempts:
            remote_id = self._ask("GET", f"/things?fact={letter.fact}")["id"]
        if remote_id is None:
            remote_id = self._ask("POST", "/things", self._said(letter))["id"]
            letter.keep(remote_id)
        self._ask("PUT", f"/things/{remote_id}", self._said(letter))
        return str(remote_id)

    def _said(self, letter: Letter) -> dict[str, Any]:
        job = letter.job
        return {
            "fact": letter.fact,
            "kind": letter.kind,
            "about": letter.about,
            "thread": letter.thread,
            "on": letter.remote_version,
            "text": letter.note.text if letter.note else letter.review.status if letter.review else "",
            "state": f"{job.state} {job.tasks_done}/{job.tasks}" if job else "",
        }

    def check(self) -> Checked:
        return Checked(server=self._server, who=self._ask("GET", "/me")["login"], lines=("may write",))

    def pull(self, project: str | None) -> Iterator[Pulled]:
        kinds = {kind.__name__: kind for kind in THINGS}
        for one in self._ask("GET", f"/production?project={project or ''}")["things"]:
            kind = one.pop("kind_of_thing")
            if one.get("rate"):
                one["rate"] = Rate.parse(one["rate"])
            yield kinds[kind](**one)

    def close(self) -> None:
        """Nothing stays open."""
        if self._odd == "sticks":
            raise RuntimeError(self._token)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        sent = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._server + path, sent, method=method)  # noqa: S310 - the tracker of a test
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310 - same
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise self._said_no(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise TargetUnreachableError(f"{self._name} did not answer: {type(error).__name__}") from error

    def _said_no(self, error: urllib.error.HTTPError) -> Exception:
        said = error.read().decode(errors="replace")
        if error.code == 429:
            wait = error.headers.get("Retry-After")
            return TargetBusyError(f"{self._name} is busy", wait_s=float(wait) if wait else None)
        if error.code >= 500:
            return TargetUnreachableError(f"{self._name} answered {error.code}: {said}")
        return TargetRefusedError(f"{self._name} said no: {said}", hint="look at it")


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> Target:
    """The target of a section."""
    read = read_section(WireSection, name, section)
    if read.server == "raise":
        raise ZeroDivisionError("a fault of this kind")
    made = WireTarget(name, read, secrets(read.token), timeout_s)
    if read.greets:
        made.check()
    return made
