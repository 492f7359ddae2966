"""What a machine has, and what is in use: cores, memory, GPUs."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, NamedTuple

from ...pipeline.cores import usable_cores
from ...pipeline.settings import Settings
from ...schema.job import Needs

MIB = 1024 * 1024
KEEP_FREE = 0.9  # of the machine's memory: the rest is for the people who work on it
ASK_GPUS_S = 20.0
DEVICE = re.compile(r"(\d+|(GPU|MIG)-[\w/-]+)\Z")  # an index or a UUID, as the CUDA C++ Programming Guide has it


class Capacity(NamedTuple):
    """What the local engine may use.

    Attributes:
        gpus: the devices as ``CUDA_VISIBLE_DEVICES`` names them.
        gpu_memory_mib: memory of the smallest device in MiB; 0: unknown.
    """

    cpu: int
    memory_mib: int
    gpus: tuple[str, ...] = ()
    gpu_memory_mib: int = 0

    def lacks(self, needs: Needs) -> str:
        """What a task needs and this machine will never have; empty when it fits."""
        if needs.cpu > self.cpu:
            return f"{needs.cpu} cores, and this machine offers {self.cpu}"
        if needs.memory_mib > self.memory_mib:
            return f"{needs.memory_mib} MiB of memory, and this machine offers {self.memory_mib}"
        if needs.gpu > len(self.gpus):
            return f"{needs.gpu} GPUs, and this machine offers {len(self.gpus)}"
        if needs.gpu and self.gpu_memory_mib and needs.gpu_memory_mib > self.gpu_memory_mib:
            return f"{needs.gpu_memory_mib} MiB of GPU memory, and this machine offers {self.gpu_memory_mib}"
        return ""

    def as_facts(self) -> dict[str, Any]:
        """As an engine tells the others."""
        return {
            "cpu": self.cpu,
            "memory_mib": self.memory_mib,
            "gpus": len(self.gpus),
            "gpu_memory_mib": self.gpu_memory_mib,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Capacity:
        """What another engine told of itself."""
        devices = tuple(str(index) for index in range(int(facts.get("gpus", 0))))
        return cls(
            int(facts.get("cpu", 0)), int(facts.get("memory_mib", 0)), devices, int(facts.get("gpu_memory_mib", 0))
        )


def capacity_of(settings: Settings, *, visible: str | None = None) -> Capacity:
    """What the settings allow of what the machine has.

    Args:
        settings: of this machine.
        visible: ``CUDA_VISIBLE_DEVICES`` of whoever starts the engine; None: all devices.
    """
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * KEEP_FREE) // MIB
    found = _nvidia_memory() if settings.gpus else []
    devices = [str(index) for index in range(len(found) if settings.gpus < 0 else settings.gpus)]
    if visible is not None:
        devices = _devices(visible)[: len(devices)]
    return Capacity(
        cpu=settings.cpu_slots or usable_cores(),
        memory_mib=settings.memory_mib or memory,
        gpus=tuple(devices),
        gpu_memory_mib=min(found, default=0),
    )


def _devices(visible: str) -> list[str]:
    """The devices that CUDA sees: it stops at the first name that is none, such as -1."""
    names = (name.strip() for name in visible.split(","))
    return list(takewhile(DEVICE.match, names))


def _nvidia_memory() -> list[int]:
    """Memory in MiB of each NVIDIA device; empty without a driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    argv = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(argv, capture_output=True, text=True, timeout=ASK_GPUS_S, check=True).stdout
        return [int(line) for line in told.split()]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []  # a driver that does not answer has no GPU to give


@dataclass
class Slots:
    """What is free right now. One thread at a time.

    GPUs are locked by files in ``folder``, so that several engines on one machine never share one.
    """

    capacity: Capacity
    folder: Path
    cpu: int = field(init=False)
    memory_mib: int = field(init=False)
    gpus: list[str] = field(init=False)
    _locks: dict[str, IO[bytes]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.cpu = self.capacity.cpu
        self.memory_mib = self.capacity.memory_mib
        self.gpus = list(self.capacity.gpus)

    def fit(self, needs: Needs) -> int:
        """How many tasks of these needs fit now."""
        count = min(self.cpu // needs.cpu, self.memory_mib // needs.memory_mib)
        return min(count, len(self.gpus) // needs.gpu) if needs.gpu else count

    def waits_for_gpu(self, needs: Needs) -> bool:
        """Whether a task would fit if more GPUs were free."""
        return needs.gpu > len(self.gpus) and needs.cpu <= self.cpu and needs.memory_mib <= self.memory_mib

    def take(self, needs: Needs) -> tuple[str, ...] | None:
        """Take what a task needs; the GPUs that are its own now, or None when it does not fit yet."""
        if needs.cpu > self.cpu or needs.memory_mib > self.memory_mib:
            return None
        taken = self._lock_gpus(needs.gpu)
        if taken is None:
            return None
        self.cpu -= needs.cpu
        self.memory_mib -= needs.memory_mib
        self.gpus = [name for name in self.gpus if name not in taken]
        return taken

    def give_back(self, needs: Needs, gpus: tuple[str, ...]) -> None:
        """Give back what a task had."""
        self.cpu += needs.cpu
        self.memory_mib += needs.memory_mib
        for name in gpus:
            self._locks.pop(name).close()
        self.gpus = [name for name in self.capacity.gpus if name in self.gpus or name in gpus]

    def _lock_gpus(self, count: int) -> tuple[str, ...] | None:
        locked: dict[str, IO[bytes]] = {}
        for name in self.gpus:
            if len(locked) == count:
                break
            lock = self._lock(name)
            if lock is not None:
                locked[name] = lock
        if len(locked) < count:
            for lock in locked.values():
                lock.close()
            return None
        self._locks.update(locked)
        return tuple(locked)

    def _lock(self, name: str) -> IO[bytes] | None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / f"gpu-{name.replace('/', '_')}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock
