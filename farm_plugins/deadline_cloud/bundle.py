"""What Deadline Cloud's own tools read beside the template: the job's settings, and the files that travel with it.

With both files in it, a bundle opens and submits with plain ``deadline bundle submit`` and ``gui-submit``. They hold
absolute paths only: relative ones would mean the folder that the command was typed in.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...pipeline.files import storage_error, write_whole
from ...pipeline.folders import JobFolder
from ...pipeline.media import frame_path
from ...schema.job import JobSpec, Priority
from ...schema.media import Clip
from ..homecoming import work_of
from ..openjd import BUNDLE_PARAMETER, COMMAND_PARAMETER, compile_template

PARAMETER_VALUES = "parameter_values.yaml"
ASSET_REFERENCES = "asset_references.yaml"
# Deadline Cloud runs higher numbers first, 0-100; 50 is what its own tools give.
PRIORITIES: Mapping[Priority, int] = {Priority.HIGH: 75, Priority.NORMAL: 50, Priority.LOW: 25}
OUTPUT_FOLDERS = ("attempts", "publish", "receipts", "records")
ATTACHED = "attached"
COMMAND = "shotmill"


@dataclass(frozen=True)
class Assets:
    """Files that travel as job attachments; absolute paths, sorted.

    Attributes:
        inputs: files that are sent to each host.
        outputs: folders whose new files come back.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def places(self) -> list[str]:
        """Every folder that something travels from or to, sorted."""
        return sorted({os.path.dirname(path) for path in self.inputs} | set(self.outputs))  # noqa: PTH120 - 10,000 paths


def add_deadline_files(spec: JobSpec, bundle: Path, *, command: str = COMMAND) -> None:
    """Write both files into the bundle of a job whose hosts see the same disks.

    No file is named: what is named is sent by queues that have job attachments, however large it is. The same job in
    the same place gives the same bytes.

    Args:
        spec: the job.
        bundle: folder of template.json and job.json.
        command: how hosts call Shotmill.

    Raises:
        StorageError: the bundle cannot be written.
    """
    try:
        _put(bundle / PARAMETER_VALUES, parameter_values(spec, bundle, command=command))
        _put(bundle / ASSET_REFERENCES, asset_references(Assets()))
    except OSError as error:
        raise storage_error(bundle, error) from error


def attached_bundle(spec: JobSpec, bundle: Path, *, command: str = COMMAND) -> Path:
    """Write a second bundle beside a job's own, for hosts that get plates and give outputs as job attachments.

    Its template lets each host say where its files lie; so it cannot be the one that hosts on shared disks use. It has
    no publish: those hosts see neither projects nor database, see ``homecoming``.

    Args:
        spec: the job.
        bundle: the job's own, which is there.
        command: how hosts call Shotmill.

    Returns:
        The second bundle's folder.

    Raises:
        StorageError: it cannot be written.
    """
    found = bundle.absolute().with_name(ATTACHED)
    work = work_of(spec)
    try:
        found.mkdir(exist_ok=True)
        _put(found / "template.json", compile_template(work, mapped=True))
        _put(found / "job.json", (bundle / "job.json").read_bytes())
        _put(found / PARAMETER_VALUES, parameter_values(work, found, command=command))
        _put(found / ASSET_REFERENCES, asset_references(assets_of(spec, found)))
    except OSError as error:
        raise storage_error(found, error) from error
    return found


def parameter_values(spec: JobSpec, bundle: Path, *, command: str = COMMAND) -> bytes:
    """The content of ``parameter_values.yaml``: what the template leaves open, and what the farm shall know."""
    values: dict[str, str | int] = {COMMAND_PARAMETER: command, BUNDLE_PARAMETER: bundle_value(bundle)}
    values |= {f"deadline:{name}": value for name, value in _settings(spec).items()}
    lines = ["parameterValues:"]
    for name, value in values.items():
        lines += [f"- name: {_scalar(name)}", f"  value: {_scalar(value)}"]
    return _document(lines)


def create_request(spec: JobSpec, bundle: Path, *, command: str = COMMAND) -> dict[str, Any]:
    """What ``deadline bundle submit`` asks of CreateJob for the same bundle, besides its template."""
    parameters = {COMMAND_PARAMETER: {"string": command}, BUNDLE_PARAMETER: {"path": bundle_value(bundle)}}
    return {**_settings(spec), "parameters": parameters}


def _settings(spec: JobSpec) -> dict[str, str | int]:
    """What the farm shall know of a job, by the names of CreateJob."""
    return {
        "targetTaskRunStatus": "READY",
        "priority": PRIORITIES[spec.priority],
        # As on all engines: a task that fails does not end the others.
        "maxFailedTasksCount": sum(len(step.chunks()) for step in spec.steps),
        "maxRetriesPerTask": max(step.retries for step in spec.steps),
    }


def bundle_value(bundle: Path) -> str:
    """The bundle's folder as the job on the farm names it; no other job has it."""
    return os.path.normpath(bundle.absolute())


def asset_references(assets: Assets) -> bytes:
    """The content of ``asset_references.yaml``."""
    lines = ["assetReferences:", "  inputs:", *_list("    directories", ()), *_list("    filenames", assets.inputs)]
    lines += ["  outputs:", *_list("    directories", assets.outputs), *_list("  referencedPaths", ())]
    return _document(lines)


def assets_of(spec: JobSpec, bundle: Path) -> Assets:
    """Every file that the job reads, and the folders it writes.

    Beside plates these are job.json, the OCIO config, mask files and checkpoints.
    """
    root = JobFolder.of_bundle(bundle).root
    inputs = {str(JobFolder.of_bundle(bundle).job), *spec.files}
    inputs.update(path for one in spec.weights.values() for path in _files_below(one.path))
    inputs.update(path for clip in clips_of(spec) if not clip.offline for path in _files_of(clip))
    if spec.colour_config and "://" not in spec.colour_config:
        inputs.add(spec.colour_config)
    inputs.update(file.path for file in spec.colour_files)
    return Assets(tuple(sorted(inputs)), tuple(str(root / name) for name in OUTPUT_FOLDERS))


def clips_of(spec: JobSpec) -> list[Clip]:
    """The media that a job reads; none where its type reads none."""
    clips: Any = spec.params.get("clips") or ()
    return [Clip.model_validate(clip) for clip in clips]


def _files_of(clip: Clip) -> list[str]:
    """Each file of a clip: all frames of a sequence that are there."""
    if clip.frames is None or "#" not in os.path.basename(clip.media):  # noqa: PTH119 - plain text is enough
        return [clip.media]
    frames = set(clip.frames.minus(clip.holes or ())) | ({clip.frame} if clip.frame is not None else set())
    head, _, _name = clip.media.rpartition("/")
    return [f"{head}/{frame_path(clip.media, frame).name}" for frame in frames]


def _files_below(place: str) -> list[str]:
    """A file, or all files of a folder."""
    folder = Path(place)
    return [str(path) for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else [place]


def _put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that whoever reads meanwhile sees all of it; leave it alone where it is there."""
    if path.is_file() and path.read_bytes() == content:
        return
    half = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    write_whole(half, content)
    try:
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


def _list(name: str, values: Iterable[str]) -> list[str]:
    found = [f"{' ' * (len(name) - len(name.lstrip()))}- {_scalar(value)}" for value in values]
    return [f"{name}:", *found] if found else [f"{name}: []"]


def _scalar(value: str | int) -> str:
    """A value as YAML: numbers as they are, text as JSON writes it, which YAML reads alike."""
    return json.dumps(value, ensure_ascii=False)


def _document(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
