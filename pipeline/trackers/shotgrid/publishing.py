"""A published version, told to ShotGrid: a Version, its PublishedFiles, its movie or picture, its task's status.

Nothing here lets its id be chosen. So each thing is looked for by our own id before it is made, always, and what an
earlier try has made is left as it is: people may have worked on it since. For the same reason the task's status is set
in one transaction with the making of the Version: where that is found, the task is not touched.
"""

from __future__ import annotations

from ...outbox.letter import Letter, Publication, PublishedForm
from .places import Place, Places
from .section import ShotGridSection
from .site import MOVIE_FIELD, Filter, Row, Site, changing, link, making

REPORT_OF = "publish report of"  # how the subject of such a note begins


class Publisher:
    """Tells of published versions."""

    def __init__(self, site: Site, section: ShotGridSection, places: Places) -> None:
        self._site = site
        self._section = section
        self._places = places

    def ensure(self, letter: Letter, told: Publication) -> str:
        """Make all that belongs to a version, or find that it is there; the Version's id."""
        found = self._places.version(told, letter.remote_id)
        place = self._places.place(told)
        number = found["id"] if found else self._make_version(told, place)
        letter.keep(str(number))
        self._ensure_files(told, place, link("Version", number))
        self._ensure_media(told, number)
        if self._section.report_note and told.report:
            self._ensure_report(told, place, link("Version", number))
        return str(number)

    def _make_version(self, told: Publication, place: Place) -> int:
        values: Row = {
            "code": told.name,
            "project": place.project,
            "entity": place.entity,
            "sg_task": place.task,
            "user": place.person,
            "description": _description(told, known=place.person is not None),
            "sg_status_list": self._section.version_status.published,
            **_paths(told),
        }
        known = self._site.fields("Version")
        kept = {field: value for field, value in values.items() if value not in (None, "") and field in known}
        steps = [making("Version", kept | self._places.marked(str(told.id)))]
        status = self._section.task_status.published
        if place.task and status:
            steps.append(changing(place.task, {"sg_status_list": status}))
        return int(self._site.together(steps)[0]["id"])

    def _ensure_files(self, told: Publication, place: Place, version: Row) -> None:
        field = self._section.id_field if self._places.by_id else "code"
        there = {row[field] for row in self._site.find("PublishedFile", [["version", "is", version]], [field])}
        missing = [form for form in told.forms if not there & {form.pattern, _file_id(told, form)}]
        if not missing:
            return
        types = {form.name: self._type(form) for form in missing}
        upstream = self._upstream(told)
        rows = [self._file(told, form, place) | {"version": version} for form in missing]
        for row, form in zip(rows, missing, strict=True):
            row |= {"published_file_type": types[form.name], "upstream_published_files": upstream}
        self._site.together([making("PublishedFile", row) for row in rows])

    def _file(self, told: Publication, form: PublishedForm, place: Place) -> Row:
        values: Row = {
            "code": form.pattern,
            "name": f"{told.entity.name}_{told.product}_{form.name}",
            "path": {"local_path": str(form.path)},
            "version_number": told.number,
            "project": place.project,
            "entity": place.entity,
            "task": place.task,
            "description": told.remark,
        }
        kept = {field: value for field, value in values.items() if value not in (None, "")}
        return kept | self._places.marked(_file_id(told, form))

    def _type(self, form: PublishedForm) -> Row:
        code = self._section.type_of(form.name, form.pattern)
        found = self._site.first("PublishedFileType", [["code", "is", code]])
        return link("PublishedFileType", found["id"] if found else self._site.make("PublishedFileType", {"code": code}))

    def _upstream(self, told: Publication) -> list[Row]:
        """The files of the versions that this one was made from, of those that the site was told of."""
        if not told.sources:
            return []
        any_of: list[Filter] = []
        for source in told.sources:
            if source.remote_id and source.remote_id.isdecimal():
                any_of.append(["version", "is", link("Version", int(source.remote_id))])
            elif self._places.by_id:
                any_of.append([f"version.Version.{self._section.id_field}", "is", str(source.version_id)])
        if not any_of:
            return []
        rows = self._site.find("PublishedFile", [{"filter_operator": "any", "filters": any_of}])
        return [link("PublishedFile", row["id"]) for row in rows]

    def _ensure_media(self, told: Publication, version: int) -> None:
        """Upload what is not there: the movie, of which the site makes a picture; else the picture."""
        if not told.movie and not told.thumbnail:
            return
        shown = self._site.first("Version", [["id", "is", version]], [MOVIE_FIELD, "image"]) or {}
        if told.movie:
            if not shown.get(MOVIE_FIELD):
                self._site.upload_movie(version, told.movie)
        elif told.thumbnail and not shown.get("image"):
            self._site.upload_thumbnail(version, told.thumbnail)

    def _ensure_report(self, told: Publication, place: Place, version: Row) -> None:
        subject = f"{REPORT_OF} {told.name}"
        filters = self._places.is_ours(f"{told.id}/report", [["note_links", "is", version], ["subject", "is", subject]])
        if self._site.first("Note", filters):
            return
        values: Row = {
            "project": place.project,
            "subject": subject,
            "content": f"What was checked and found: {told.report}",
            "note_links": [version],
        }
        tasks = {"tasks": [place.task]} if place.task else {}
        self._site.make("Note", values | tasks | self._places.marked(f"{told.id}/report"))


def _file_id(told: Publication, form: PublishedForm) -> str:
    return f"{told.id}/{form.name}"


def ensure_status(site: Site, row: Row, status: str) -> None:
    """Set the status of a Version or Task, unless it has it; an empty one leaves it alone."""
    if not status:
        return
    found = site.first(row["type"], [["id", "is", row["id"]]], ["sg_status_list"])
    if found is None or found["sg_status_list"] != status:
        site.change(row["type"], row["id"], {"sg_status_list": status})


def _paths(told: Publication) -> Row:
    """What players on the artists' machines open."""
    frames = next((form for form in told.forms if form.frames), None)
    found: Row = {"sg_path_to_movie": str(told.movie) if told.movie else None}
    if frames and frames.frames:
        found |= {
            "sg_path_to_frames": str(frames.path),
            "sg_first_frame": frames.frames.first,
            "sg_last_frame": frames.frames.last,
            "frame_range": str(frames.frames),
            "frame_count": len(frames.frames),
        }
    return found


def _description(told: Publication, *, known: bool) -> str:
    lines = [told.remark, "" if known else f"by {told.author}", f"missing frames: {told.holes}" if told.holes else ""]
    return "\n".join(line for line in lines if line)
