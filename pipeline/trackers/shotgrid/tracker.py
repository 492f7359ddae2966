"""ShotGrid as a target of the outbox."""

from __future__ import annotations

from collections.abc import Iterator

from ....schema.errors import TargetRefusedError
from ...outbox.letter import FactKind, Judged, Letter, Publication, Said
from ...outbox.pulled import Pulled
from ...outbox.target import Checked
from .places import Places
from .publishing import Publisher, ensure_status
from .pulling import pull
from .section import ShotGridSection
from .site import Filter, Row, Site, link

SHORT = 8


class ShotGrid:
    """A site of Flow Production Tracking. See ``Tracker``.

    Args:
        name: of its section in the targets file.
        section: that section.
        site: the connection.
    """

    def __init__(self, name: str, section: ShotGridSection, site: Site) -> None:
        self.name = name
        self._section = section
        self._site = site
        self._places = Places(site, section)
        self._publisher = Publisher(site, section, self._places)

    @property
    def takes(self) -> frozenset[FactKind]:
        """Versions, what was said of them and where they stand; it has no notion of a farm's job."""
        return frozenset({FactKind.PUBLISHED, FactKind.NOTED, FactKind.REVIEWED})

    def ensure(self, letter: Letter) -> str:
        """Make the fact known, or find that it is; see ``Target``. Nothing is held open afterwards."""
        told = letter.publication
        if told is None:
            raise TargetRefusedError(f"ShotGrid does not take {letter.kind}", hint="shotmill outbox list")
        try:
            self._places.demand_id_fields()
            if letter.note:
                return self._ensure_note(self._version(letter, told), letter.note)
            if letter.review:
                return self._ensure_standing(self._version(letter, told), letter.review)
            return self._publisher.ensure(letter, told)
        finally:
            self._site.close()  # a connection that idles until the next letter may be dead by then

    def check(self) -> Checked:
        """Ask who we are there, and whether the site has what is needed; see ``Target``."""
        try:
            version = self._site.server_info().get("version", ())
            projects = self._places.projects()
            self._places.demand_id_fields()
            lines = [f"version {'.'.join(str(part) for part in version)}", f"{len(projects)} projects to be seen"]
            return Checked(self._site.server, f"script {self._section.script}", (*lines, *self._wishes()))
        finally:
            self._site.close()

    def pull(self, project: str | None) -> Iterator[Pulled]:
        """What the site knows of a project, or of all; see ``Tracker``."""
        try:
            yield from pull(self._site, self._section, self._places, project)
        finally:
            self._site.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._site.close()

    def _wishes(self) -> Iterator[str]:
        """Statuses that the targets file speaks of and the site does not have."""
        for kind, named in (("Version", self._section.version_status), ("Task", self._section.task_status)):
            field = self._site.fields(kind).get("sg_status_list", {})
            known = field.get("properties", {}).get("valid_values", {}).get("value")
            for when, status in named.model_dump().items():
                if known and status and status not in known:
                    key = f"{kind.lower()}_status.{when}"
                    yield f"{kind}.sg_status_list has no {status!r}: set {key}, it has {', '.join(known)}"

    def _version(self, letter: Letter, told: Publication) -> Row:
        found = self._places.version(told, letter.remote_version)
        if found is None:
            raise TargetRefusedError(
                f"ShotGrid at {self._site.server} has no version {told.address}; it may have been deleted there",
                hint="shotmill outbox list says whether it was told",
            )
        return found

    def _ensure_note(self, version: Row, said: Said) -> str:
        subject = f"{said.author} on {version['code']}" + (f", frame {said.frame}" if said.frame is not None else "")
        if not self._places.by_id:
            subject += f" #{said.id.hex[:SHORT]}"
        of_it: list[Filter] = [["note_links", "is", link("Version", version["id"])], ["subject", "is", subject]]
        found = self._site.first("Note", self._places.is_ours(str(said.id), of_it))
        return str(found["id"] if found else self._make_note(said, subject, version))

    def _make_note(self, said: Said, subject: str, version: Row) -> int:
        values: Row = {
            "project": version["project"],
            "subject": subject,
            "content": said.text,
            "note_links": [link("Version", version["id"])],
            "user": self._places.person(said.author),
            "tasks": [version["sg_task"]] if version["sg_task"] else None,
        }
        kept = {field: value for field, value in values.items() if value is not None}
        return self._site.make("Note", kept | self._places.marked(str(said.id)))

    def _ensure_standing(self, version: Row, judged: Judged) -> str:
        ensure_status(self._site, link("Version", version["id"]), getattr(self._section.version_status, judged.status))
        if version["sg_task"]:
            ensure_status(self._site, version["sg_task"], getattr(self._section.task_status, judged.status))
        return str(version["id"])
