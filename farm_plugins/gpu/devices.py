"""Where a model runs, and in what precision."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import Any

import torch

from ...schema.errors import MachineError


def chosen_device(name: str) -> Any:
    """The torch device of this name; empty: ``cuda`` where there is one, else ``cpu``.

    Raises:
        MachineError: this machine has no such device.
    """
    wanted = name or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise MachineError(f"there is no device {wanted!r}; give cpu, cuda or cuda:1", device=wanted) from error
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.type == "cuda" and (device.index or 0) >= count:
        raise MachineError(f"device {wanted!r} was chosen, but this machine has {count} usable GPUs", device=wanted)
    return device


def working(device: Any, precision: str) -> AbstractContextManager[Any]:
    """What inference runs in: no gradients, and bfloat16 where ``precision`` is that, or is ``auto`` on CUDA."""
    stack = ExitStack()
    stack.enter_context(torch.inference_mode())
    if precision == "bfloat16" or (precision == "auto" and device.type == "cuda"):
        stack.enter_context(torch.autocast(device.type, torch.bfloat16))
    return stack
