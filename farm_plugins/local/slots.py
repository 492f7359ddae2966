"""What a machine has, and what is in use: cores, memory, GPUs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ...pipeline.settings import Settings
from ...schema.job import Needs

MIB = 1024 * 1024
KEEP_FREE = 0.9  # of the machine's memory: the rest is for the people who work on it


@dataclass(frozen=True)
class Capacity:
    """What the local engine may use."""

    cpu: int
    memory_mib: int
    gpus: tuple[int, ...]

    def lacks(self, needs: Needs) -> str:
        """What a task needs and this machine will never have; empty when it fits."""
        if needs.cpu > self.cpu:
            return f"{needs.cpu} cores, and this machine offers {self.cpu}"
        if needs.memory_mib > self.memory_mib:
            return f"{needs.memory_mib} MiB of memory, and this machine offers {self.memory_mib}"
        if needs.gpu > len(self.gpus):
            return f"{needs.gpu} GPUs, and this machine offers {len(self.gpus)}"
        return ""


def capacity_of(settings: Settings) -> Capacity:
    """What the settings allow of what the machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * KEEP_FREE) // MIB
    gpus = _gpu_count() if settings.gpus < 0 else settings.gpus
    return Capacity(settings.cpu_slots or cores, settings.memory_mib or memory, tuple(range(gpus)))


def _gpu_count() -> int:
    """NVIDIA devices that the driver lists; 0 without a driver."""
    listed = Path("/proc/driver/nvidia/gpus")
    return len(list(listed.iterdir())) if listed.is_dir() else 0


@dataclass
class Slots:
    """What is free right now. One thread at a time."""

    capacity: Capacity
    cpu: int = field(init=False)
    memory_mib: int = field(init=False)
    gpus: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.cpu = self.capacity.cpu
        self.memory_mib = self.capacity.memory_mib
        self.gpus = list(self.capacity.gpus)

    def take(self, needs: Needs) -> tuple[int, ...] | None:
        """Take what a task needs; the GPUs that are its own now, or None when it does not fit yet."""
        if needs.cpu > self.cpu or needs.memory_mib > self.memory_mib or needs.gpu > len(self.gpus):
            return None
        self.cpu -= needs.cpu
        self.memory_mib -= needs.memory_mib
        taken, self.gpus = tuple(self.gpus[: needs.gpu]), self.gpus[needs.gpu :]
        return taken

    def give_back(self, needs: Needs, gpus: tuple[int, ...]) -> None:
        """Give back what a task had."""
        self.cpu += needs.cpu
        self.memory_mib += needs.memory_mib
        self.gpus = sorted([*self.gpus, *gpus])
