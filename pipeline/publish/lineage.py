"""Lineage: what each version of a job was made from, enough to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ...schema.job import InputMark, JobSpec
from ...schema.receipts import Receipt
from ..folders import JobFolder
from ..hashes import hash_file
from ..receipts import read_receipts
from ..store.origins import versions_of_files
from .draft import Draft
from .register import Place

MAX_TASKS = 1000
WEIGHTS = "weights"  # the fact of an output: checksum of the weights of the model that made it


class Lineage:
    """The lineage of a job's versions: each knows its own clips, and not those of the job's other versions."""

    def __init__(self, folder: JobFolder, spec: JobSpec, place: Place) -> None:
        self._folder = folder
        self._spec = spec
        self._place = place

    def of(self, draft: Draft) -> dict[str, Any]:
        """What a draft was made from: job, params, inputs and the versions among them, colour, models, tasks, hosts."""
        spec = self._spec
        clips = self._clips_of(draft)
        inputs = self._inputs_of(clips)
        receipts = self._receipts_of(draft)
        paths = [Path(mark.path) for mark in inputs]
        sources = versions_of_files(self._place.database, self._place.projects, paths)
        return {
            "job": spec.id,
            "job_key": spec.key,
            "type": spec.type,
            "type_version": spec.type_version,
            "template": self._template,
            "params": {**spec.params, "clips": list(clips)} if "clips" in spec.params else spec.params,
            "inputs": [mark.model_dump(mode="json") for mark in inputs],
            "sources": list(dict.fromkeys([*map(str, sources), *spec.sources])),
            "colour_config": spec.colour_config,
            "colour_config_hash": spec.colour_config_hash,
            "colour_files": [file.model_dump(mode="json") for file in spec.colour_files],
            "display": spec.display,
            "view": spec.view,
            "allow_holes": spec.allow_holes,
            "models": self._models(receipts),
            "weights": {name: one.sha256 for name, one in spec.weights.items()},
            "hosts": sorted({receipt.host for receipt in receipts}),
            "tasks": [f"{receipt.step}:{receipt.frames}" for receipt in receipts][:MAX_TASKS],
            "user": spec.user,
        }

    def _models(self, receipts: Sequence[Receipt]) -> list[dict[str, Any]]:
        """The models that steps name, each with the checksums of its weights, which tasks tell as facts of outputs."""
        found = []
        for step in self._spec.steps:
            if step.model:
                outputs = [output for receipt in receipts if receipt.step == step.name for output in receipt.outputs]
                weights = sorted({str(output.facts[WEIGHTS]) for output in outputs if WEIGHTS in output.facts})
                found.append({"step": step.name, "model": step.model, WEIGHTS: weights})
        return found

    def _clips_of(self, draft: Draft) -> Sequence[Mapping[str, Any]]:
        """The clip that a product is named after; a product of many clips, such as a sheet, has them all."""
        clips: Sequence[Mapping[str, Any]] = self._spec.params.get("clips", ())
        products = {form.spec.product for form in draft.forms}
        return [clip for clip in clips if clip["name"] in products] or clips

    def _inputs_of(self, clips: Sequence[Mapping[str, Any]]) -> list[InputMark]:
        """The marks of these clips, each once; a job has one for every clip whose media is there, in their order."""
        names = {clip["name"] for clip in clips}
        marked = [clip for clip in self._spec.params.get("clips", ()) if not clip.get("offline")]
        pairs = zip(marked, self._spec.inputs, strict=False)
        wanted = [mark for clip, mark in pairs if clip["name"] in names]
        return list({(mark.path, mark.fingerprint): mark for mark in wanted}.values())

    def _receipts_of(self, draft: Draft) -> list[Receipt]:
        """Those that hold files of the draft, and those of steps that publish nothing."""
        products = {form.spec.product for form in draft.forms}
        return [
            receipt
            for receipt in self._receipts
            if not receipt.outputs or any(output.product in products for output in receipt.outputs)
        ]

    @cached_property
    def _receipts(self) -> list[Receipt]:
        return [receipt for step in self._spec.steps for receipt in read_receipts(self._folder, step.name)]

    @cached_property
    def _template(self) -> str | None:
        return hash_file(self._folder.template)[0] if self._folder.template.is_file() else None
