"""What the sam2 backend makes of options and of checkpoints: right ones, wrong ones and hostile ones."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from disc_scene import HEIGHT, WIDTH, Findings, apart, first, refusal, walked

from shotmill.farm_plugins.gpu.sam2.propagation import Sam2Propagator
from shotmill.pipeline.roto.backend import Choice
from shotmill.pipeline.roto.registry import make_backend

OPTIONS = {"random_weights": "for tests", "image_size": "128", "logits": "model", "pinholes": "0"}
SMALLER = {**OPTIONS, "image_size": "64"}


def options_and_weights(folder: Path) -> Findings:
    def made(stage: str = "segment", **given: Any) -> Any:
        return make_backend("sam2", stage, Choice(**{"device": "cpu", "options": OPTIONS, **given}))  # type: ignore[arg-type]

    good = folder / "good.pt"
    model = made("propagate")._model
    torch.save({"model": model.predictor.state_dict()}, good)
    plain = {name: value for name, value in OPTIONS.items() if name != "random_weights"}
    loaded = made("propagate", options=plain, weights={"sam2": good})._model
    from_file = walked(Sam2Propagator(loaded).start(WIDTH, HEIGHT), range(2), {0: first()})
    from_seed = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(2), {0: first()})

    def refused(content: bytes | dict[str, Any], name: str = "bad.pt", **options: str) -> str:
        path = folder / name
        path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
        return refusal(lambda: made(options={**plain, **options}, weights={"sam2": path}))

    class Hostile:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(folder / "executed"),)

    tensors = model.predictor.state_dict()
    first_name = next(iter(tensors))
    found = {
        "file and seed": apart(from_file, from_seed),
        "identities": [loaded.identity.split(",")[0], model.identity.split(";")[0]],
        "hostile": refused({"model": {"a": Hostile()}}),
        "cut short": refused(good.read_bytes()[:1000]),
        "empty": refused(b""),
        "text": refused(b"not a checkpoint at all"),
        "no tensors": refused({"model": {"a": 1}}),
        "another": refused({"model": {"a": torch.zeros(1)}}),
        "lacks one": refused({"model": {n: v for n, v in tensors.items() if n != first_name}}),
        "wrong size": refused(good.read_bytes(), model="small"),
        "spoiled safetensors": refused(b"\x00" * 64, "bad.safetensors"),
        "executed": (folder / "executed").exists(),
        "none": refusal(lambda: made(options=plain)),
        "both": refusal(lambda: made(weights={"sam2": good})),
        "others' option": refusal(lambda: made(options={**OPTIONS, "groundingdino.threshold": "30"})),
        "option": refusal(lambda: made(options={"kind": "tiny"})),
        "value": refusal(lambda: made(options={**OPTIONS, "image_size": "100"})),
        "device": refusal(lambda: made(device="cuda:7")),
        "compiler": refusal(lambda: made(options={**OPTIONS, "compile": "wishes"})),
    }
    good.unlink()
    return found
