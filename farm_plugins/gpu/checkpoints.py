"""Checkpoints: tensors by name, read without running anything that a file holds."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ...schema.errors import ConfigError, MissingExtraError, WeightsError

if TYPE_CHECKING:
    from ...pipeline.roto.backend import Choice

LISTED = 3  # names told of keys that do not fit


def chosen_checkpoint(backend: str, choice: Choice, random_weights: str) -> Path | None:
    """The checkpoint of a backend that a choice names; None where random weights were asked for in its place.

    Raises:
        WeightsError: neither was given.
        ConfigError: both were.
    """
    path = choice.weights.get(backend)
    if path is None and not random_weights:
        raise WeightsError(
            f"the backend {backend} has no weights; it does not download any",
            hint=f"name a checkpoint and its SHA-256 in the setting weights.{backend}",
            weights=backend,
        )
    if path is not None and random_weights:
        raise ConfigError(f"weights and random_weights were both given to the backend {backend}; give one of them")
    return path


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The tensors of a checkpoint, on the CPU.

    Args:
        path: a ``.safetensors`` file, or one of torch's, of which tensors and plain containers are read and nothing
            is called; the tensors may lie below ``model``.

    Raises:
        WeightsError: it is not there, is cut short, or holds anything but tensors by name.
    """
    try:
        found = _safetensors(path) if path.suffix == ".safetensors" else _plain_torch(path)
    except OSError as error:
        raise WeightsError(f"the checkpoint {path} cannot be read: {error.strerror or error}", path=path) from error
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"the checkpoint {path} is none, or holds more than tensors, such as code; nothing of it was run",
            hint="get the file anew from whoever made the model",
            path=path,
        ) from error
    except (EOFError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"the checkpoint {path} is no whole one: it was cut short, or is something else",
            hint="copy it again, and compare its SHA-256",
            path=path,
        ) from error
    tensors = found.get("model", found) if isinstance(found, dict) else found
    if not (isinstance(tensors, dict) and tensors and all(map(_is_tensor, tensors.items()))):
        raise WeightsError(f"the checkpoint {path} holds something else than tensors by name", path=path)
    return tensors


def load_strictly(model: Any, tensors: dict[str, Any], *, path: Path) -> None:
    """Give a model its weights; every tensor has its place, and every place its tensor.

    Raises:
        WeightsError: they are of another model.
    """
    wanted = {name: value.shape for name, value in model.state_dict().items()}
    shapes = {name: value.shape for name, value in tensors.items()}
    missing = sorted(wanted.keys() - shapes.keys())
    surplus = sorted(shapes.keys() - wanted.keys())
    other = sorted(name for name in wanted.keys() & shapes.keys() if wanted[name] != shapes[name])
    if missing or surplus or other:
        told = [("without", missing), ("with unknown", surplus), ("with another size of", other)]
        what = "; ".join(f"{word} {', '.join(names[:LISTED])} ({len(names)})" for word, names in told if names)
        raise WeightsError(f"the checkpoint {path} is of another model: {what}", path=path)
    model.load_state_dict(tensors, strict=True)


def _is_tensor(named: tuple[Any, Any]) -> bool:
    return isinstance(named[0], str) and isinstance(named[1], torch.Tensor)


def _plain_torch(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


def _safetensors(path: Path) -> Any:
    try:
        from safetensors import SafetensorError  # noqa: PLC0415 - optional
        from safetensors.torch import load_file  # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{path} needs safetensors, which is not installed", hint="pip install safetensors"
        ) from error
    try:
        return load_file(path, device="cpu")
    except SafetensorError as error:
        raise ValueError(str(error)) from error
