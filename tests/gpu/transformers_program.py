"""What tests ask of the backends that stand on transformers: tiny models with random weights, saved and loaded again.

``transformers_program.py FOLDER`` prints the findings as one line of JSON.
"""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import coverage

coverage.process_startup()

import numpy as np  # noqa: E402 - measured from the first line of ours on
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers.models.grounding_dino import image_processing_pil_grounding_dino  # noqa: E402
from transformers.models.vitmatte import image_processing_pil_vitmatte  # noqa: E402

from shotmill.pipeline.roto.backend import Choice, Mask  # noqa: E402
from shotmill.pipeline.roto.registry import make_backend  # noqa: E402
from shotmill.pipeline.roto.trimaps import trimap_of  # noqa: E402
from shotmill.pipeline.roto.weights import checked_weights, sha256_of  # noqa: E402
from shotmill.schema.errors import ShotmillError  # noqa: E402
from shotmill.schema.roto import Stage  # noqa: E402

Findings = dict[str, Any]


def refusal(call: Any) -> str:
    try:
        call()
    except ShotmillError as error:
        return f"{type(error).__name__}: {error.message}"
    return "nothing was refused"


def picture(width: int, height: int) -> Any:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3)).astype(np.uint8)


def disc(width: int, height: int) -> Mask:
    y, x = np.mgrid[:height, :width] + 0.5
    return Mask((20 - np.hypot(x - width / 2, y - height / 2)).astype(np.float32))


def choice(name: str, folder: Path, **options: str) -> Choice:
    return Choice(device="cpu", weights={name: checked_weights(name, folder, sha256_of(folder))}, options=options)


def save_vitmatte(folder: Path) -> None:
    torch.manual_seed(1)
    backbone = transformers.VitDetConfig(
        num_channels=4,
        image_size=64,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        out_features=["stage2"],
    )
    config = transformers.VitMatteConfig(
        backbone_config=backbone,
        hidden_size=32,
        convstream_hidden_sizes=[8, 12, 16],
        fusion_hidden_sizes=[24, 16, 12, 8],
    )
    model = transformers.VitMatteForImageMatting(config)
    for tensor in model.parameters():  # as they begin, weights are so small that each alpha is a half
        torch.nn.init.normal_(tensor, std=0.3)
    model.save_pretrained(folder)


def save_groundingdino(folder: Path) -> None:
    torch.manual_seed(1)
    swin = transformers.SwinConfig(embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8], out_indices=[2, 3, 4])
    bert = transformers.BertConfig(
        vocab_size=1100, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    config = transformers.GroundingDinoConfig(
        backbone_config=swin,
        text_config=bert,
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        num_queries=20,
        max_text_len=16,
    )
    transformers.GroundingDinoForObjectDetection(config).save_pretrained(folder)
    # The model knows the numbers of these words.
    words = [f"[unused{n}]" for n in range(1100)]
    words[0], words[100], words[101], words[102] = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
    words[103], words[1012], words[1029], words[200] = "[MASK]", ".", "?", "cat"
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words))
    transformers.BertTokenizerFast(vocab={word: n for n, word in enumerate(words)}).save_pretrained(folder)


def vitmatte(folder: Path) -> Findings:
    save_vitmatte(folder)
    matter = make_backend("vitmatte", Stage.MATTE, choice("vitmatte", folder))
    shown, mask = picture(90, 70), disc(90, 70)
    once, again = (matter.matte(shown, mask, band_px=4.0) for _ in range(2))
    deep = np.abs(mask.logits) > 5.0
    theirs = image_processing_pil_vitmatte.VitMatteImageProcessorPil()
    trimap = np.round(trimap_of(mask.logits, 4.0) * 255).astype(np.uint8)
    with torch.inference_mode():
        given = theirs(images=shown, trimaps=trimap, return_tensors="pt")
        official = matter._model(**given).alphas[0, 0, :70, :90].numpy()
    band = (trimap > 0) & (trimap < 255)
    broken = folder.with_name("broken")
    shutil.copytree(folder, broken)
    weights = broken / "model.safetensors"

    def refused(content: bytes) -> str:
        weights.write_bytes(content)
        return refusal(lambda: make_backend("vitmatte", Stage.MATTE, choice("vitmatte", broken)))

    found = {
        "apart": float(np.abs(official - once)[band].max()),
        "span": float(np.ptp(once[band])),
        "shape": once.shape,
        "dtype": str(once.dtype),
        "range": [float(once.min()), float(once.max())],
        "deep is the mask": bool((once[deep] == (mask.logits[deep] > 0)).all()),
        "between": int(((once > 0) & (once < 1)).sum()),
        "same": once.tobytes() == again.tobytes(),
        "nothing": float(matter.matte(shown, Mask(-np.ones((70, 90), np.float32)), band_px=4.0).max()),
        "cut short": refused(weights.read_bytes()[:-100]),
        "spoiled": refused(b"\x00" * 100),
        "option": refusal(lambda: make_backend("vitmatte", Stage.MATTE, choice("vitmatte", folder, size="3"))),
        "no folder": refusal(lambda: make_backend("vitmatte", Stage.MATTE, choice("vitmatte", weights))),
    }
    weights.unlink()
    torch.save({"a": torch.zeros(1)}, broken / "pytorch_model.bin")
    found["pickle"] = refusal(lambda: make_backend("vitmatte", Stage.MATTE, choice("vitmatte", broken)))
    (broken / "pytorch_model.bin").unlink()
    (folder / "model.safetensors").replace(weights)
    settings = json.loads((broken / "config.json").read_text())
    settings["fusion_hidden_sizes"] = [20, 16, 12, 8]
    (broken / "config.json").write_text(json.dumps(settings))
    found["another"] = refusal(lambda: make_backend("vitmatte", Stage.MATTE, choice("vitmatte", broken)))
    return found


def groundingdino(folder: Path) -> Findings:
    save_groundingdino(folder)
    given = choice("groundingdino", folder, **{"groundingdino.threshold": "0", "groundingdino.shorter": "64"})
    detector = make_backend("groundingdino", Stage.DETECT, given)
    shown = picture(90, 70)
    once, again = detector.detect(shown, "Cat"), detector.detect(shown, " cat. ")
    strict = choice("groundingdino", folder, **{"threshold": "100", "shorter": "64", "sam2.model": "tiny"})
    theirs = image_processing_pil_grounding_dino.GroundingDinoImageProcessorPil(
        size={"shortest_edge": 64, "longest_edge": 106}
    )
    with torch.inference_mode():
        told = detector._model(
            **theirs(images=shown, return_tensors="pt"), **detector._tokenizer("cat.", return_tensors="pt")
        )
    official = theirs.post_process_object_detection(told, threshold=0.0, target_sizes=[(70, 90)])[0]
    order = official["scores"].argsort(descending=True)
    corners = official["boxes"][order].clamp_min(0).minimum(torch.tensor([90.0, 70.0, 90.0, 70.0])).numpy()
    ours = np.array([[e.box.left, e.box.top, e.box.right, e.box.bottom] for e in once])
    return {
        "apart": float(np.abs(corners - ours).max()),
        "count": len(once),
        "scores": [each.score for each in once],
        "inside": all(0 <= e.box.left < e.box.right <= 90 and 0 <= e.box.top < e.box.bottom <= 70 for e in once),
        "same": once == again,
        "strict": len(make_backend("groundingdino", Stage.DETECT, strict).detect(shown, "cat")),
        "empty": refusal(lambda: detector.detect(shown, " . ")),
        "long": refusal(lambda: detector.detect(shown, "cat " * 20)),
        "none": refusal(lambda: make_backend("groundingdino", Stage.DETECT, Choice(device="cpu"))),
        "vitmatte": refusal(
            lambda: make_backend("vitmatte", Stage.MATTE, Choice(device="cpu", weights={"vitmatte": folder}))
        ),
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    sys.stdout.write(
        json.dumps({"vitmatte": vitmatte(place / "v"), "groundingdino": groundingdino(place / "g")}) + "\n"
    )
