"""What hosts send and are told, as far as it stands by itself; ``rpc`` has the rest."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from .base import Document
from .job import Priority
from .states import State

MAX_PLATES = 10_000


class HostOut(Document):
    """Who asks."""

    app: str = ""
    version: str = ""
    python: str = ""
    user: str = ""


class RpcRequest(Document):
    """One question: a JSON object on standard input, which is closed after it.

    Attributes:
        v: version of the protocol.
        op: name of the operation.
        id: a UUID; the same one again never makes a second job.
        args: of the operation.
    """

    v: int
    op: str
    id: str
    args: dict[str, Any] = Field(default_factory=dict)
    host: HostOut = HostOut()


class Asked(Document):
    """``validate``, ``plan`` and ``submit``: a job.

    Attributes:
        plates: absolute paths of media, as people or hosts write them (``plate.%04d.exr``, ``plate.####.exr``).
        shot: ``SEQUENCE/SHOT``; asset: ``KIND/NAME``.
        engine: empty: as the settings say.
    """

    job_type: str
    params: dict[str, Any] = Field(default_factory=dict)
    plates: tuple[str, ...] = Field(default=(), max_length=MAX_PLATES)
    cut: str = ""
    project: str = ""
    shot: str = ""
    asset: str = ""
    priority: Priority = Priority.NORMAL
    comment: str = ""
    force: bool = False
    allow_holes: bool = False
    engine: str = ""
    queue: bool = False
    later: bool = False


class WatchedStep(Document):
    """Where one step of a job that is watched stands; ``total`` counts its tasks."""

    name: str
    state: State
    done: int
    total: int


class RepresentationOut(Document):
    """One form of a version.

    Attributes:
        path: of its file, or a pattern with ``####`` where the frame number stands; absolute.
        frames: such as ``1001-1096``; empty: it is a single file.
        colour: name of its colour space; empty: not known.
        files: how many.
    """

    name: str
    path: str
    frames: str
    colour: str
    files: int
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    rate: str = ""


class HostVersion(Document):
    """A published version, as hosts browse it.

    Attributes:
        owner: path of the shot or asset, such as ``sq010/sh010``.
        state: of its review.
        picture: path of a picture of it, or of its owner; None: there is none.
        job: handle of the job that made it; empty: not known.
        source: path of the plate that it was made from; empty: not known.
        gone: whether its files are not where it was published.
    """

    id: str
    address: str
    project: str
    owner: str
    product: str
    kind: str
    version: int
    state: str
    picture: str | None
    representations: tuple[RepresentationOut, ...]
    job: str
    comment: str
    author: str
    created: AwareDatetime | None
    source: str = ""
    missing: str = ""
    gone: bool = False


class HostVersions(Document):
    """``versions``: newest first."""

    versions: tuple[HostVersion, ...]


class FramesArrived(Document):
    """``watch`` with ``frames``: some frames of a job that is at work; no version has them yet, and none may come.

    Attributes:
        owner: path of the shot or asset, such as ``sq010/sh010``.
        name: of the form, such as ``exr``.
        path: pattern with ``####`` where the frame number stands; absolute. It lasts until the job has ended.
        frames: such as ``1001-1010``.
        source: path of the plate that they were made from; empty: not known.
    """

    type: Literal["frames"] = "frames"
    job: str
    project: str
    owner: str
    product: str
    kind: str
    name: str
    path: str
    frames: str
    source: str = ""


class WatchEvent(Document):
    """``watch``: a job changed; once it has ended well, with what it published."""

    type: Literal["event"] = "event"
    job: str
    state: State
    steps: tuple[WatchedStep, ...]
    failure: str | None = None
    verdict: str
    version: HostVersion | None = None
    versions: tuple[HostVersion, ...] = ()
