"""Bundles of small jobs, and what they leave behind, for tests with real farm programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.openjd import compile_template
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings

WRITTEN = ("attempts", "publish", "receipts")  # of a job's folder, what its tasks write
# Of a receipt, what two runs of the same work may tell differently.
_OF_ONE_RUN = ("attempt", "cpu_s", "finished", "host", "job", "log", "root", "started", "wall_s")


def trial_bundle(settings: Settings, name: str = "job", **params: Any) -> Path:
    """The bundle of a job of type ``trial``."""
    spec = plan(SubmitRequest("trial", params=params, project="demo"), settings).spec
    return write_bundle(spec, JobFolder(settings.jobs_folder / name))


def attach(bundle: Path, *inputs: Path) -> Path:
    """Let files travel with a bundle: job.json and these to the hosts, what tasks write back from them."""
    folder = JobFolder.of_bundle(bundle)
    folder.template.write_bytes(compile_template(folder.read_spec(), mapped=True))
    references = {
        "inputs": {"filenames": [str(path) for path in (folder.job, *inputs)], "directories": []},
        "outputs": {"directories": [str(folder.root / name) for name in WRITTEN]},
        "referencedPaths": [],
    }
    # YAML reads JSON.
    (bundle / "asset_references.yaml").write_text(json.dumps({"assetReferences": references}))
    return bundle


def published(settings: Settings) -> dict[str, bytes]:
    """Every published file but manifests, which tell when and by whom, below the folder of projects."""
    root = settings.projects_folder
    found = (path for path in root.rglob("publish/**/*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(found)}


def versions(settings: Settings) -> list[str]:
    """Names of the version folders that are published."""
    return sorted(path.parent.name for path in settings.projects_folder.rglob("publish/**/manifest.json"))


def receipts(folder: Path) -> dict[str, Any]:
    """The receipts of a job, without what belongs to one run."""
    found = {}
    for path in sorted((folder / "receipts").rglob("*.json")):
        receipt = json.loads(path.read_text())
        found[str(path.relative_to(folder))] = {k: v for k, v in receipt.items() if k not in _OF_ONE_RUN}
    return found
