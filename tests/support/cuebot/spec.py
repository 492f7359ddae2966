"""A job specification as Cuebot understands it: names conformed, numbers clamped, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from . import grammar
from .ranges import chunks_of

MAX_LAYERS = 2000
MAX_FRAMES = 100_000
MAX_RETRIES = 1
GIB_KIB = 1024 * 1024
MIN_MEMORY_KIB = 256 * 1024
DEFAULT_MEMORY_KIB = 3355443
MAX_GPU_MEMORY_KIB = 100 * GIB_KIB
MAX_CORE_POINTS = 2400
_NAME = re.compile(r"[\w.-]{3,}\Z", re.ASCII)
_FRAME = re.compile(r"(\d{4,6})-(\w+)\Z", re.ASCII)
_TAG = re.compile(r"[\w.-]{3,}\Z", re.ASCII)


class RefusedError(Exception):
    """What Cuebot says to a client; it sends all of it as INTERNAL."""


@dataclass(frozen=True)
class Service:
    """Defaults of layers that name it."""

    name: str
    cores: int = 100
    memory_kib: int = DEFAULT_MEMORY_KIB
    tags: tuple[str, ...] = ("general",)
    timeout: int = 0
    timeout_llu: int = 0


@dataclass
class LayerSpec:
    """One layer."""

    name: str
    kind: str
    command: str
    range: str
    chunk: int
    cores: int
    memory_kib: int
    gpus: int = 0
    gpu_memory_kib: int = 0
    timeout: int = 0
    timeout_llu: int = 0
    tags: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)


@dataclass
class JobSpec:
    """One job."""

    name: str
    paused: bool
    priority: int
    max_retries: int
    auto_eat: bool
    os: str
    environment: dict[str, str]
    layers: list[LayerSpec]


@dataclass(frozen=True)
class DependSpec:
    """One depend, names conformed."""

    kind: str
    job: str
    layer: str
    frame: str
    on_job: str
    on_layer: str
    on_frame: str
    any_frame: bool


@dataclass
class Spec:
    """All of a document."""

    facility: str
    show: str
    shot: str
    user: str
    uid: int | None
    email: str
    jobs: list[JobSpec]
    depends: list[DependSpec]


def parse(text: str, services: Mapping[str, Service]) -> Spec:
    """Read a document.

    Raises:
        RefusedError: in Cuebot's words.
    """
    try:
        root = grammar.read(text)
    except grammar.NotValidError as error:
        raise RefusedError(f"Failed to parse job spec XML, {error}") from error
    user, uid = _text(root, "user"), _text(root, "uid")
    spec = Spec(
        facility=_text(root, "facility").lower(),
        show=_text(root, "show"),
        shot=_conform("Shot", _text(root, "shot")),
        user=user,
        uid=int(uid) if uid else None,
        email=_text(root, "email"),
        jobs=[],
        depends=[],
    )
    if user == "root" or spec.uid == 0:
        raise RefusedError("Cannot launch jobs as root.")
    spec.jobs = [_job(spec, job, services) for job in root.iterfind("job")]
    spec.depends = [_depend(spec, depend) for depend in root.iterfind("depends/depend")]
    return spec


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _conform(kind: str, name: str) -> str:
    if len(name) < 3:
        raise RefusedError(f"The {kind.lower()} name must be at least 3 characters.")
    conformed = name.replace("-", "_").lower()
    if not _NAME.match(conformed):
        raise RefusedError(
            f"The {kind.lower()} name: {conformed} is not in the proper format.  {kind} names must be alpha numeric, "
            "no dashes or punctuation."
        )
    return conformed


def _conform_job(spec: Spec, name: str) -> str:
    prefix = f"{spec.show}-{spec.shot}-{spec.user}_"
    suffix = name[len(prefix) - 1 :] if name.startswith(prefix) else name
    suffix = re.sub("_{2,}", "_", suffix.lower()).replace("-", "_")
    if not _NAME.match(suffix):
        raise RefusedError(
            f"The job name suffix: {suffix} must be composed of alpha numeric characters, periods, and underscores and "
            "be at least 3 characters long"
        )
    return f"{prefix.rstrip('_')}_{suffix.lstrip('_')}".lower()


def _conform_frame(name: str) -> str:
    parsed = _FRAME.match(name)
    if parsed is None:
        raise RefusedError(f"The frame name: {name} is not in the proper format.")
    return f"{int(parsed[1]):04d}-{_conform('Layer', parsed[2])}"


def _job(spec: Spec, element: ET.Element, services: Mapping[str, Service]) -> JobSpec:
    name = _conform_job(spec, element.attrib["name"])
    retries = _text(element, "maxretries")
    job = JobSpec(
        name=name,
        paused=_is_true(_text(element, "paused")),
        priority=int(_text(element, "priority") or 1),
        max_retries=min(max(int(retries), 0), MAX_RETRIES) if retries else 1,
        auto_eat=_is_true(_text(element, "autoeat")),
        os=_text(element, "os"),
        environment=_environment(element),
        layers=[],
    )
    frames = 0
    for layer in element.iterfind("layers/layer"):
        made = _layer(layer, services)
        if any(made.name == other.name for other in job.layers):
            raise RefusedError(f"error, the layer {made.name} was already defined in job {name}")
        job.layers.append(made)
        frames += _frame_count(made)
        if len(job.layers) > MAX_LAYERS:
            raise RefusedError(
                f"error, your job has {len(job.layers)} layers,  the maximum number of allowed layers is {MAX_LAYERS}"
            )
        if frames > MAX_FRAMES:
            raise RefusedError(
                f"error, your job has {frames} frames, the maximum number of allowed frames is {MAX_FRAMES}"
            )
    if not any(layer.kind != "Post" for layer in job.layers):
        raise RefusedError(f"The job {name} has no layers")
    return job


def _frame_count(layer: LayerSpec) -> int:
    try:
        return len(chunks_of(layer.range, layer.chunk))
    except ValueError as error:
        raise RefusedError(f"error, the range {layer.range} is invalid") from error


def _is_true(text: str) -> bool:
    return text.lower() in {"1", "true", "yes"}


def _environment(element: ET.Element) -> dict[str, str]:
    env = element.find("env")
    return {} if env is None else {key.attrib["name"]: (key.text or "").strip() for key in env}


def _listed(element: ET.Element, path: str) -> tuple[str, ...]:
    texts = ((found.text or "").strip() for found in element.iterfind(path))
    return tuple(dict.fromkeys(text for text in texts if text))


def _layer(element: ET.Element, services: Mapping[str, Service]) -> LayerSpec:
    name = _conform("Layer", element.attrib["name"])
    named = _listed(element, "services/service")
    service = next((services[one] for one in named if one in services), None)
    if service is None:
        service = services["default"]
        named = (*named, service.name)
    return LayerSpec(
        name=name,
        kind=element.attrib["type"],
        command=_text(element, "cmd"),
        range=_text(element, "range"),
        chunk=int(_text(element, "chunk")),
        cores=_core_points(_text(element, "cores"), service.cores),
        memory_kib=_memory(_text(element, "memory"), service.memory_kib),
        gpus=int(_text(element, "gpus") or 0),
        gpu_memory_kib=_gpu_memory(_text(element, "gpu_memory")),
        timeout=int(_text(element, "timeout") or service.timeout),
        timeout_llu=int(_text(element, "timeout_llu") or service.timeout_llu),
        tags=_tags(_text(element, "tags")) or service.tags,
        limits=_listed(element, "limits/limit"),
        services=named,
        environment=_environment(element),
        outputs=list(_listed(element, "outputs/output")),
    )


def _core_points(text: str, default: int) -> int:
    """Cores where there is a dot, else hundredths of one; too few become one core."""
    if not text:
        return default
    points = int(float(text) * 100 + 0.5) if "." in text else int(text)
    return min(100 if 0 <= points < 10 else points, MAX_CORE_POINTS)


def _kib(text: str) -> int:
    lower = text.lower()
    if "m" in lower:
        return int(float(lower[: lower.rindex("m")]) * 1024)
    return int(lower[: lower.rindex("g")] if "g" in lower else lower) * GIB_KIB


def _memory(text: str, default: int) -> int:
    try:
        return max(_kib(text), MIN_MEMORY_KIB) if text else default
    except ValueError:
        return DEFAULT_MEMORY_KIB  # it is only logged


def _gpu_memory(text: str) -> int:
    try:
        kib = _kib(text) if text else 0
    except ValueError:
        return 0
    return kib if 0 <= kib <= MAX_GPU_MEMORY_KIB else 0


def _tags(text: str) -> tuple[str, ...]:
    tags = tuple(tag for tag in text.replace(" ", "").split("|") if text)
    for tag in tags:
        if not _TAG.match(tag):
            raise RefusedError(f"error, invalid tag {tag}, tags must be at least 3 characters in length.")
    return tags


def _depend(spec: Spec, element: ET.Element) -> DependSpec:
    layer, on_layer = _text(element, "deplayer"), _text(element, "onlayer")
    frame, on_frame = _text(element, "depframe"), _text(element, "onframe")
    kind = element.attrib["type"]
    made = DependSpec(
        kind=kind,
        job=_conform_job(spec, _text(element, "depjob")),
        layer=_conform("Layer", layer) if layer else "",
        frame=_conform_frame(frame) if frame else "",
        on_job=_conform_job(spec, _text(element, "onjob")),
        on_layer=_conform("Layer", on_layer) if on_layer else "",
        on_frame=_conform_frame(on_frame) if on_frame else "",
        any_frame=kind == "LAYER_ON_LAYER" and _is_true(element.attrib.get("anyframe", "")),
    )
    if made.frame and made.frame == made.on_frame:
        raise RefusedError(f"The frame name: {made.frame} cannot depend on itself.")
    return made
