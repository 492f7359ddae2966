"""Records of attempts: how each try at a task ended, told by the task itself, since a farm may lose or garble it."""

from __future__ import annotations

from pydantic import AwareDatetime

from .base import Document
from .frames import FrameSet
from .receipts import RelativePath


class AttemptRecord(Document):
    """How one attempt ended.

    Attributes:
        attempt: its name, as its folder and its log carry it.
        number: counted by whoever ran it; farms may run one number twice.
        failure: the one line; None when it is done.
        retryable: whether another attempt may help.
        log: path of its log, relative to the job's folder; empty: it has none.
    """

    job: str
    step: str
    frames: FrameSet
    attempt: str
    number: int
    host: str
    exit_code: int
    failure_code: str | None = None
    failure: str | None = None
    retryable: bool = False
    message: str = ""
    log: RelativePath | None = None
    started: AwareDatetime
    finished: AwareDatetime
