"""How a frame is given to a host, and what becomes of it when the host reports its end."""

from __future__ import annotations

import time
from typing import Any

from opencue_proto import rqd_pb2

from .jobs import DEAD, EATEN, SUCCEEDED, WAITING, Frame
from .ranges import spec_of

SKIP_RETRY = 286
FAILED_LAUNCH = 256
MEMORY = 33
KILLED_FOR_MEMORY = 137


def run_frame(frame: Frame, resource: str) -> Any:
    """The order for a host; tokens of the command are replaced here."""
    layer, job = frame.layer, frame.layer.job
    spec = layer.spec
    tokens = {
        "#ZFRAME#": f"{frame.number:04d}",
        "#IFRAME#": str(frame.number),
        "#FRAME_START#": str(frame.number),
        "#FRAME_END#": str(frame.frames[-1]),
        "#FRAME_CHUNK#": str(spec.chunk),
        "#LAYER#": spec.name,
        "#JOB#": job.name,
        "#FRAMESPEC#": spec_of(frame.frames),
        "#FRAME#": frame.name,
    }
    command = spec.command
    for token, value in tokens.items():
        command = command.replace(token, value)
    environment = {
        **job.spec.environment,
        **spec.environment,
        "CUE3": "1",
        "CUE_THREADS": str(max(1, spec.cores // 100)),
        "CUE_MEMORY": str(frame.memory_kib),
        "CUE_GPUS": str(spec.gpus),
        "CUE_GPU_MEMORY": str(spec.gpu_memory_kib),
        "CUE_LOG_PATH": str(job.log_dir),
        "CUE_RANGE": spec.range,
        "CUE_CHUNK": str(spec.chunk),
        "CUE_IFRAME": str(frame.number),
        "CUE_LAYER": spec.name,
        "CUE_JOB": job.name,
        "CUE_FRAME": frame.name,
        "CUE_SHOW": job.of.show,
        "CUE_SHOT": job.of.shot,
        "CUE_USER": job.user,
        "CUE_JOB_ID": job.id,
        "CUE_LAYER_ID": layer.id,
        "CUE_FRAME_ID": frame.id,
        "CUE_THREADABLE": "0",
    }
    return rqd_pb2.RunFrame(
        resource_id=resource,
        job_id=job.id,
        job_name=job.name,
        frame_id=frame.id,
        frame_name=frame.name,
        layer_id=layer.id,
        command=command,
        user_name=job.user,
        log_dir=str(job.log_dir),
        show=job.of.show,
        shot=job.of.shot,
        start_time=int(time.time() * 1000),
        num_cores=spec.cores,
        num_gpus=spec.gpus,
        environment=environment,
        soft_memory_limit=frame.memory_kib,
        hard_memory_limit=frame.memory_kib * 2,
    )


def is_memory_failure(exit_status: int, exit_signal: int) -> bool:
    return MEMORY in {exit_status, exit_signal} or exit_status == KILLED_FOR_MEMORY


def ended(frame: Frame, exit_status: int, exit_signal: int) -> tuple[int, bool]:
    """The frame's next state, and whether the run counts as one of its tries."""
    job = frame.layer.job
    used_up = frame.retries >= job.max_retries
    if exit_status == 0 and exit_signal == 0:
        return SUCCEEDED, True
    if exit_status == SKIP_RETRY or exit_signal == 119:
        return WAITING, False
    if FAILED_LAUNCH in {exit_status, exit_signal} and not used_up:
        return WAITING, True
    if job.spec.auto_eat:
        return EATEN, True
    timeout_s = frame.layer.spec.timeout * 60
    if timeout_s and time.time() - frame.started > timeout_s:
        return DEAD, True
    if used_up and not is_memory_failure(exit_status, exit_signal):
        return DEAD, True
    return WAITING, True
