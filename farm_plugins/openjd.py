"""A job as an OpenJD 2023-09 job template: valid in any OpenJD tool, the same bytes for the same job.

Every task has one argv, on every engine. No parameter of the job stands in it, and nothing in the template is shell
text: the command reads ``job.json`` beside the template.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the process that submits to a farm loads no more than it needs
    from ..schema.job import JobSpec, Step

SPECIFICATION = "jobtemplate-2023-09"
CHUNKING = "TASK_CHUNKING"
COMMAND_PARAMETER = "Shotmill"
BUNDLE_PARAMETER = "Bundle"
FRAME_PARAMETER = "Frame"
MAX_COMMAND = 1024  # characters of the path of a program
NOTIFY_S = 5
RULES_VARIABLE = "SHOTMILL_PATH_RULES"  # the setting: where this host keeps what lay elsewhere when the job was made
MAX_STEP_TIMEOUT_S = 2_147_483_647
GIB_MIB = 1024  # the unit of memory in Deadline Cloud's submitter window
# Nobody is asked for either in a window: another value is another job, or none.
HIDDEN: dict[str, str] = {"control": "HIDDEN"}

# Tells each task of a session where its files lie. It runs no shell: ``echo`` is a program of every host.
PLACES: dict[str, Any] = {
    "name": "Places",
    "script": {
        "actions": {
            "onEnter": {
                "command": "echo",
                "args": [f"openjd_env: {RULES_VARIABLE}={{{{Session.PathMappingRulesFile}}}}"],
                "timeout": 60,
            },
        },
    },
}

# Keeps a model loaded from task to task of a session; it loads none before a task wants it, see ``keeper``.
KEEPER: dict[str, Any] = {
    "name": "Keeper",
    "script": {
        "actions": {
            "onEnter": {"command": f"{{{{Param.{COMMAND_PARAMETER}}}}}", "args": ["keeper", "start"], "timeout": 120},
            "onExit": {"command": f"{{{{Param.{COMMAND_PARAMETER}}}}}", "args": ["keeper", "stop"], "timeout": 60},
        },
    },
}


def task_argv(command: list[str], *, bundle: str, step: str, frames: str) -> list[str]:
    """The only argv there is for a task."""
    return [*command, "task", "--bundle", bundle, "--step", step, "--frames", frames]


def compile_template(spec: JobSpec, *, mapped: bool = False) -> bytes:
    """The job as a template: UTF-8 JSON with a final newline.

    Only names of the job type, steps, frames and needs go in: no params, ids, dates or paths.

    Args:
        spec: the job.
        mapped: whether hosts find the bundle where path mapping puts it, as they do when its files travel as job
            attachments. If not, they share the disk that it lies on, and nothing may map it elsewhere.
    """
    chunked = any(step.chunk > 1 for step in spec.steps)
    template: dict[str, Any] = {"specificationVersion": SPECIFICATION}
    if chunked:
        template["extensions"] = [CHUNKING]
    template["name"] = spec.name
    template["parameterDefinitions"] = [
        {
            "name": COMMAND_PARAMETER,
            "type": "STRING",
            "default": "shotmill",
            "maxLength": MAX_COMMAND,
            "description": "The shotmill program on the hosts that run the tasks.",
            "userInterface": HIDDEN,
        },
        {
            "name": BUNDLE_PARAMETER,
            "type": "PATH",
            "objectType": "DIRECTORY",
            "dataFlow": "NONE",
            "default": ".",
            "description": "The folder of this template, as all hosts see it; job.json lies beside it.",
            "userInterface": HIDDEN,
        },
    ]
    environments = ([PLACES] if mapped else []) + ([KEEPER] if any(step.model for step in spec.steps) else [])
    if environments:
        template["jobEnvironments"] = environments
    # Where all steps need the same, Deadline Cloud's submitter window shows that in GiB, rounded down, and sends what
    # it shows: 512 MiB would become none.
    unit_mib = GIB_MIB if all(step.needs == spec.steps[0].needs for step in spec.steps) else 1
    kind = "Param" if mapped else "RawParam"
    template["steps"] = [_step(step, kind, unit_mib=unit_mib) for step in spec.steps]
    return (json.dumps(template, indent=1, ensure_ascii=True) + "\n").encode()


def _step(step: Step, bundle_kind: str, *, unit_mib: int) -> dict[str, Any]:
    found: dict[str, Any] = {"name": step.name}
    if step.after:
        found["dependencies"] = [{"dependsOn": before} for before in sorted(step.after)]
    found["hostRequirements"] = _host_requirements(step, unit_mib)
    found["parameterSpace"] = {"taskParameterDefinitions": [_frames(step)]}
    argv = task_argv(
        [f"{{{{Param.{COMMAND_PARAMETER}}}}}"],
        bundle=f"{{{{{bundle_kind}.{BUNDLE_PARAMETER}}}}}",
        step=step.name,
        frames=f"{{{{Task.Param.{FRAME_PARAMETER}}}}}",
    )
    found["script"] = {
        "actions": {
            "onRun": {
                "command": argv[0],
                "args": argv[1:],
                "timeout": step.timeout_s,
                "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTIFY_S},
            },
        },
    }
    return found


def _frames(step: Step) -> dict[str, Any]:
    if step.chunk == 1:
        return {"name": FRAME_PARAMETER, "type": "INT", "range": step.frames.openjd}
    constraint = "CONTIGUOUS" if step.contiguous else "NONCONTIGUOUS"
    return {
        "name": FRAME_PARAMETER,
        "type": "CHUNK[INT]",
        "range": step.frames.openjd,
        "chunks": {"defaultTaskCount": step.chunk, "rangeConstraint": constraint},
    }


def _host_requirements(step: Step, unit_mib: int) -> dict[str, Any]:
    needs = step.needs
    amounts = [
        {"name": "amount.worker.vcpu", "min": needs.cpu},
        {"name": "amount.worker.memory", "min": _whole(needs.memory_mib, unit_mib)},
    ]
    if needs.gpu:
        amounts.append({"name": "amount.worker.gpu", "min": needs.gpu})
    if needs.gpu_memory_mib:
        amounts.append({"name": "amount.worker.gpu.memory", "min": _whole(needs.gpu_memory_mib, unit_mib)})
    return {"amounts": amounts}


def _whole(memory_mib: int, unit_mib: int) -> int:
    """At least that much, in whole units."""
    return -(-memory_mib // unit_mib) * unit_mib
