"""What ``--json`` prints of a machine: its checks, settings, engines and keepers, and what is said of bundles."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime

from .base import Document


class CheckOut(Document):
    """One thing that was checked; ``mend`` says how to put it right."""

    name: str
    ok: bool
    needed: bool = True
    found: str
    mend: str = ""


class DoctorOut(Document):
    """``shotmill doctor``."""

    ok: bool
    checks: tuple[CheckOut, ...]


class SettingOut(Document):
    """One setting and the layer that decided it."""

    name: str
    value: Any = None
    layer: str


class SettingsOut(Document):
    """``shotmill config``. ``problems``: what is wrong with them and was left out, each with what to do."""

    settings: tuple[SettingOut, ...]
    problems: tuple[str, ...] = ()


class ProbeOut(Document):
    """One thing that was compared for one job and engine; ``difference`` is empty where there is none."""

    engine: str
    case: str
    aspect: str
    difference: str = ""


class UntriedOut(Document):
    """A job type that was not compared, and why."""

    job_type: str
    reason: str


class LiveJobOut(Document):
    """A small job that really ran on an engine."""

    job: str
    hosts: tuple[str, ...]
    attempts: int
    seconds: float


class ConformanceOut(Document):
    """``shotmill conformance``; with ``--live``, what ran, and the folder of it where something differs."""

    ok: bool
    probes: tuple[ProbeOut, ...]
    left_out: tuple[UntriedOut, ...] = ()
    live: tuple[LiveJobOut, ...] = ()
    kept: str | None = None


class EngineOut(Document):
    """One engine process."""

    host: str
    pid: int
    alive: bool
    slots: dict[str, Any]
    started: AwareDatetime


class EnginesOut(Document):
    """``shotmill engine status``."""

    engines: tuple[EngineOut, ...]


class KeeperOut(Document):
    """One process that keeps a model on this host; ``gpus`` as ``CUDA_VISIBLE_DEVICES`` names them."""

    model: str
    gpus: str
    pid: int
    busy: bool
    began: AwareDatetime


class KeepersOut(Document):
    """``shotmill keeper list``."""

    keepers: tuple[KeeperOut, ...]


class FindingOut(Document):
    """One thing to mend in a bundle; ``place`` is a JSON path, or a line; ``step`` is empty where it is of none."""

    code: str
    slug: str
    severity: str
    file: str
    place: str
    step: str
    what: str
    why: str
    fix: str


class LintOut(Document):
    """``shotmill lint``. ``ok``: no finding is an error."""

    bundle: str
    ok: bool
    errors: int
    warnings: int
    notes: int
    findings: tuple[FindingOut, ...]
