"""What trackers know of a production, brought into the database: again and again, without duplicates.

A thing is found by what its tracker calls it, else by its code. What is not there is made; what differs is brought in
line, but for codes, since folders and addresses are named by them, and for frames of shots that a cut of ours has: the
cut is right. Nothing is ever deleted. What the tracker says of our versions is applied once, see ``said``.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from ...schema.errors import NameRuleError
from ...schema.ids import uuid7
from ...schema.media import EntityKind
from ...schema.names import check_name
from ...schema.tables import Asset, CutClip, Person, ProductionTask, Project, Sequence, Shot
from ..outbox.pulled import (
    Pulled,
    PulledAsset,
    PulledNote,
    PulledPerson,
    PulledProject,
    PulledReview,
    PulledSequence,
    PulledShot,
    PulledTask,
    Said,
)
from .database import Database
from .said import apply_said

FRAMES = frozenset({"cut_in", "cut_out", "handle_in", "handle_out", "rate_num", "rate_den"})


@dataclass(frozen=True)
class Brought:
    """What a pull did, by kind of thing, such as ``shot``.

    Attributes:
        made: how many were new.
        changed: how many were brought in line.
        same: how many were as the tracker has them.
        remarks: what was left out or kept, one line each.
    """

    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)


def bring(database: Database, target: str, pulled: Iterable[Pulled]) -> Brought:
    """Bring what a tracker knows into the database, in one transaction.

    Args:
        database: where.
        target: whose ids they are.
        pulled: what things belong to before the things; all of it is read before the database is touched.
    """
    found, said = _sorted(pulled)
    with database.write() as connection:
        made = _Bringing(connection, target)
        for one in found:
            try:
                made.bring(one)
            except NameRuleError as error:
                made.brought.remarks.append(f"left out: {error.message}")
    heard = apply_said(database, target, said)
    made.brought.changed.update({"review": heard.moved} if heard.moved else {})
    made.brought.made.update({"note": heard.noted} if heard.noted else {})
    made.brought.remarks.extend(heard.refused)
    return made.brought


def _sorted(pulled: Iterable[Pulled]) -> tuple[list[_Thing], list[Said]]:
    """Things, what others belong to first; and what was said of versions, in the order in which it came."""
    things: list[_Thing] = []
    said: list[Said] = []
    for one in pulled:
        if isinstance(one, PulledReview | PulledNote):
            said.append(one)
        else:
            things.append(one)
    return sorted(things, key=lambda one: _ORDER.index(type(one))), said


_Thing = PulledPerson | PulledProject | PulledSequence | PulledShot | PulledAsset | PulledTask
_ORDER = (PulledPerson, PulledProject, PulledSequence, PulledShot, PulledAsset, PulledTask)


class _Bringing:
    """One pull, in its transaction."""

    def __init__(self, connection: Connection, target: str) -> None:
        self.brought = Brought()
        self._connection = connection
        self._target = target
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._people: dict[str, uuid.UUID] = {}

    def bring(self, one: _Thing) -> None:
        """Bring one thing."""
        match one:
            case PulledPerson():
                self._put(Person, one.remote_id, {}, {"login": one.login}, {"name": one.name, "email": one.email})
            case PulledProject():
                code = {"code": check_name(one.code, field="project")}
                self._put(Project, one.remote_id, {}, code, {"name": one.name}, {"settings": {}})
            case PulledSequence():
                self._sequence(one)
            case PulledShot():
                self._shot(one)
            case PulledAsset():
                self._asset(one)
            case PulledTask():
                self._task(one)

    def _sequence(self, one: PulledSequence) -> None:
        where = self._project(one.project, f"sequence {one.code}")
        if where is not None:
            code = {"code": check_name(one.code, field="sequence")}
            self._put(Sequence, one.remote_id, {"project_id": where}, code, {})

    def _shot(self, one: PulledShot) -> None:
        project = self._project(one.project, f"shot {one.code}")
        if project is None:
            return
        sequence = self._find(Sequence, {"project_id": project}, {"code": one.sequence})
        if sequence is None:
            self._left_out(f"shot {one.code}", f"there is no sequence {one.project}:{one.sequence}")
            return
        rate = {"rate_num": one.rate.numerator, "rate_den": one.rate.denominator} if one.rate else {}
        frames = {name: getattr(one, name) for name in ("cut_in", "cut_out", "handle_in", "handle_out")}
        code = {"code": check_name(one.code, field="shot")}
        made: dict[str, Any] = {"project_id": project, "colour": {}}
        self._put(Shot, one.remote_id, {"sequence_id": sequence}, code, {**frames, **rate}, made)

    def _asset(self, one: PulledAsset) -> None:
        where = self._project(one.project, f"asset {one.code}")
        if where is not None:
            code = {"kind": check_name(one.kind, field="asset type"), "code": check_name(one.code, field="asset")}
            self._put(Asset, one.remote_id, {"project_id": where}, code, {})

    def _task(self, one: PulledTask) -> None:
        what = f"task {one.code} of {one.entity}"
        project = self._project(one.project, what)
        if project is None:
            return
        entity = self._entity(project, EntityKind(one.entity_kind), one.entity)
        if entity is None:
            self._left_out(what, f"there is no {one.entity_kind} {one.project}:{one.entity}")
            return
        values: dict[str, Any] = {"status": one.status}
        if one.assignee is not None:
            values["assignee_id"] = self._find(Person, {}, {"login": one.assignee})
        self._put(ProductionTask, one.remote_id, {f"{one.entity_kind}_id": entity}, {"code": one.code}, values)

    def _entity(self, project: uuid.UUID, kind: EntityKind, path: str) -> uuid.UUID | None:
        parent, _, code = path.rpartition("/")
        if kind is EntityKind.SEQUENCE:
            return self._find(Sequence, {"project_id": project}, {"code": code})
        if kind is EntityKind.ASSET:
            return self._find(Asset, {"project_id": project}, {"kind": parent, "code": code})
        sequence = self._find(Sequence, {"project_id": project}, {"code": parent})
        return sequence and self._find(Shot, {"sequence_id": sequence}, {"code": code})

    def _project(self, code: str, what: str) -> uuid.UUID | None:
        found = self._find(Project, {}, {"code": code})
        if found is None:
            self._left_out(what, f"there is no project {code}")
        return found

    def _left_out(self, what: str, why: str) -> None:
        self.brought.remarks.append(f"left out: {what}: {why}")

    def _find(self, table: Any, within: Mapping[str, Any], code: Mapping[str, Any]) -> uuid.UUID | None:
        """What is called so, by its own code or by that which the tracker has for it."""
        place = (table, *within.values(), *code.values())
        if place in self._rows:
            return self._rows[place]["id"]  # type: ignore[no-any-return]
        which = [getattr(table, name) == value for name, value in {**within, **code}.items()]
        row = self._connection.execute(select(table).where(*which)).mappings().first()
        if row is None:
            return None
        self._rows[place] = dict(row)
        return row["id"]  # type: ignore[no-any-return]

    def _put(
        self,
        table: Any,
        remote_id: str,
        within: Mapping[str, Any],
        code: Mapping[str, Any],
        values: Mapping[str, Any],
        at_first: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a thing, or bring it in line; what the tracker does not say is left as it is."""
        name = table.__table__.name
        place = (table, *within.values(), *code.values())
        known = {key: value for key, value in values.items() if value is not None}
        there = self._there(table, remote_id, within, code)
        if there is None:
            row = {"id": uuid7(), **within, **code, **known, "remote": {self._target: remote_id}, **(at_first or {})}
            self._connection.execute(insert(table).values(**row))
            self._rows[place] = row
            self.brought.made[name] += 1
            return
        self._rows[place] = there
        remote = {**there["remote"], self._target: remote_id}
        differs = {key: value for key, value in known.items() if there[key] != value and self._may(table, there, key)}
        if remote != there["remote"]:
            differs["remote"] = remote
        if differs:
            self._connection.execute(update(table).where(table.id == there["id"]).values(**differs))
            there.update(differs)
        (self.brought.changed if differs else self.brought.same)[name] += 1

    def _there(
        self, table: Any, remote_id: str, within: Mapping[str, Any], code: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        inside = [getattr(table, name) == value for name, value in within.items()]
        called = table.remote[self._target].as_string() == remote_id
        row = self._connection.execute(select(table).where(*inside, called)).mappings().first()
        if row is None:
            named = [getattr(table, name) == value for name, value in code.items()]
            row = self._connection.execute(select(table).where(*inside, *named)).mappings().first()
        elif any(row[name] != value for name, value in code.items()):
            now, ours = ("/".join(map(str, parts)) for parts in (code.values(), [row[name] for name in code]))
            self.brought.remarks.append(f"kept: {table.__table__.name} {ours}, which {self._target} now calls {now}")
        return None if row is None else dict(row)

    def _may(self, table: Any, there: Mapping[str, Any], key: str) -> bool:
        """Whether a value is the tracker's to change."""
        if table is not Shot or key not in FRAMES:
            return True
        in_cut = select(exists().where(CutClip.shot_id == there["id"]))
        return not self._connection.execute(in_cut).scalar_one()
