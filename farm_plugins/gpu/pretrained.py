"""Models of transformers, from a studio's own folder: ``config.json`` and safetensors; nothing is downloaded or run."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schema.errors import WeightsError

if TYPE_CHECKING:
    from ...pipeline.roto.backend import Choice

LISTED = 3  # names told of keys that do not fit


def model_folder(name: str, choice: Choice) -> Path:
    """The folder of a backend's weights.

    Raises:
        WeightsError: none was named, or it lacks its configuration.
    """
    path = choice.weights.get(name)
    if path is None:
        raise WeightsError(
            f"the backend {name} has no weights; it does not download any",
            hint=f"name a folder and its SHA-256 in the setting weights.{name}",
            weights=name,
        )
    if not (path / "config.json").is_file():
        raise WeightsError(f"the weights of {name} at {path} are no folder with a config.json", path=path)
    return path


def load_pretrained(kind: str, folder: Path) -> Any:
    """A model of transformers' class ``kind`` with the folder's weights: each of its tensors was there, in its size.

    What a folder holds beside them is not looked at: old ones hold tensors that newer code makes itself.

    Raises:
        WeightsError: the folder is of another model, or its tensors are not safe or not whole.
    """
    import transformers  # noqa: PLC0415 - heavy
    from safetensors import SafetensorError  # noqa: PLC0415 - heavy

    stay_offline()
    model_class = getattr(transformers, kind)
    _check_kind(model_class.config_class.model_type, folder)
    transformers.logging.set_verbosity_error()  # what does not fit is told by us
    transformers.logging.disable_progress_bar()
    try:
        model, told = model_class.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True, ignore_mismatched_sizes=True
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        first = str(error).strip().split("\n", 1)[0][:200]
        raise WeightsError(f"the weights at {folder} cannot be read: {first}", path=folder) from error
    wrong = [
        f"{what.removesuffix('_keys')} {name}"
        for what, names in told.items()
        for name in _names(names)
        if what != "unexpected_keys"
    ]
    if wrong:
        listed = ", ".join(wrong[:LISTED])
        raise WeightsError(f"the weights at {folder} are of another model: {listed} ({len(wrong)})", path=folder)
    return model.eval()


def stay_offline() -> None:
    """Keep transformers from asking its hub for what a folder names but does not hold."""
    from huggingface_hub import constants  # noqa: PLC0415 - heavy

    constants.HF_HUB_OFFLINE = True


def _check_kind(wanted: str, folder: Path) -> None:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise WeightsError(f"{folder / 'config.json'} is no model's configuration", path=folder) from error
    if found != wanted:
        raise WeightsError(f"the weights at {folder} are of a {found!r} model, not {wanted!r}", path=folder)


def _names(told: Any) -> list[str]:
    names = told.values() if isinstance(told, dict) else told
    return sorted(str(each[0] if isinstance(each, tuple) else each) for each in names)
