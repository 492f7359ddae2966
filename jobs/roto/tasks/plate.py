"""The plate of a roto task, the backend it asks, and the files of the steps before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....pipeline.clips import look_of
from ....pipeline.files import read_file
from ....pipeline.roto import Choice, find_backend, make_backend
from ....pipeline.roto.masks import unpack_mask
from ....pipeline.roto.plate import PlateFacts, PlatePictures
from ....schema.checks import MAX_DOCUMENT
from ....schema.errors import ReceiptMismatchError, ShotmillError
from ....schema.receipts import NOT_FOR_PUBLISH, Output
from ....schema.roto import Stage
from ....schema.task import TaskContext
from ..params import RotoParams
from ..steps import PREPARE

MAX_MASK = 1024 * 1024 * 1024
FACTS_FILE = "plate.json"


def facts_of(task: TaskContext[RotoParams]) -> PlateFacts:
    """What ``prepare`` found out about the plate."""
    for output, folder in task.upstream_files(PREPARE):
        for file in output.files:
            if file.path == FACTS_FILE:
                return PlateFacts.model_validate_json(read_file(folder / file.path, most=MAX_DOCUMENT))
    raise ReceiptMismatchError("step 'prepare' wrote no plate.json; run it again", step=PREPARE)


def pictures_of(task: TaskContext[RotoParams], facts: PlateFacts) -> PlatePictures:
    """The frames of the plate as backends see them."""
    params = task.params
    return PlatePictures(task.tools, params.clips[0], facts, look=look_of(params), exposure=params.exposure)


def asked_backend(task: TaskContext[RotoParams], stage: Stage, name: str) -> Any:
    """What does a stage; kept for the next task of this process.

    Raises:
        ConfigError, WeightsError: it cannot be made.
    """
    choice = choice_of(task, name, stage)
    weights = {key: task.job.weights[key].sha256 for key in choice.weights}
    facts = (name, stage, choice.device, choice.seed, sorted(choice.options.items()), sorted(weights.items()))
    return task.tools.kept(f"roto {facts!r}", lambda: make_backend(name, stage, choice))


def choice_of(task: TaskContext[RotoParams], name: str, stage: Stage) -> Choice:
    """What a backend's maker is given."""
    params, names = task.params, find_backend(name, stage).weights
    return Choice(
        device=params.device,
        weights={one: Path(task.job.weights[one].path) for one in names},
        seed=params.seed,
        options=dict(params.options),
    )


def backend_facts(task: TaskContext[RotoParams], stage: Stage, name: str) -> dict[str, Any]:
    """What outputs say of who made them: lineage reads the weights, a publish whether it may be published."""
    backend = find_backend(name, stage)
    facts: dict[str, Any] = {"backend": backend.name, "backend_version": backend.version, "stage": stage.value}
    if backend.weights:
        facts["weights"] = ", ".join(task.job.weights[one].sha256 for one in backend.weights)
    if not backend.publishes:
        facts[NOT_FOR_PUBLISH] = f"backend {name!r} did {stage.value} and is for trying out farms"
    return facts


def all_backends(task: TaskContext[RotoParams]) -> dict[str, Any]:
    """Who did what, stage by stage, as outputs that are published say it."""
    params = task.params
    stages = [(Stage.SEGMENT, params.segment), (Stage.PROPAGATE, params.propagate), (Stage.MATTE, params.matte)]
    if params.detect:
        stages.insert(0, (Stage.DETECT, params.detect))
    found = [backend_facts(task, *one) for one in stages]
    reasons = [facts[NOT_FOR_PUBLISH] for facts in found if NOT_FOR_PUBLISH in facts]
    return {"backends": found, **({NOT_FOR_PUBLISH: reasons[0]} if reasons else {})}


def channel_of(name: str, *, alone: bool) -> str:
    """The channel of an object's matte."""
    return "A" if alone else f"{name}.A"


def read_mask(path: Path) -> Any:
    """The mask in a file.

    Raises:
        InputCorruptError: it is none, or was cut off.
    """
    return unpack_mask(read_file(path, most=MAX_MASK), name=str(path))


def mask_files(task: TaskContext[RotoParams], step: str) -> Iterator[tuple[Output, str, int, Path]]:
    """Each mask of a step: its output, its object, its frame and its file."""
    for output, folder in task.upstream_files(step):
        for file in output.files:
            if file.frame is not None:
                yield output, output.product, file.frame, folder / file.path


def named(error: ShotmillError, *, name: str, frame: int) -> ShotmillError:
    """The error, saying which object on which frame it is about."""
    error.fields.setdefault("object", name)
    error.fields.setdefault("frame", str(frame))
    return error
