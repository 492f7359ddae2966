"""What tests ask of the cutie backend, in one process that has torch; prints the findings as one line of JSON.

``cutie_program.py FOLDER`` tries all that shares one small model with random weights. Whatever asks the network fails.
"""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import dataclasses
import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import coverage

coverage.process_startup()

import numpy as np  # noqa: E402 - measured from the first line of ours on
import torch  # noqa: E402
from disc_scene import (  # noqa: E402
    HEIGHT,
    INSIDE,
    WIDTH,
    Findings,
    apart,
    first,
    job_chunks,
    killed_chunk,
    picture,
    refusal,
    told,
    walked,
)

from shotmill.farm_plugins.gpu.cutie.masks import as_chances, as_image, made_mask, shrunk, working_size  # noqa: E402
from shotmill.farm_plugins.gpu.cutie.model import Model  # noqa: E402
from shotmill.farm_plugins.gpu.cutie.propagation import CutiePropagator, CutieRun  # noqa: E402
from shotmill.pipeline.roto.backend import Choice, Hint  # noqa: E402
from shotmill.pipeline.roto.registry import make_backend  # noqa: E402
from shotmill.schema.roto import PromptPoint, Stage  # noqa: E402

OPTIONS = {"random_weights": "for tests", "image_size": "48"}
GROUND = Hint(mask=np.where(np.mgrid[:HEIGHT, :WIDTH][1] < 16, 3.0, -3.0).astype(np.float32))


def maker(**options: str) -> CutiePropagator:
    made: CutiePropagator = make_backend("cutie", Stage.PROPAGATE, Choice(device="cpu", options={**OPTIONS, **options}))
    return made


def start(model: Model) -> CutieRun:
    return CutiePropagator(model).start(WIDTH, HEIGHT)


def several_objects(model: Model) -> Findings:
    run = start(model)
    made = walked(run, range(6), {0: first(), 3: {"ground": GROUND}})
    alone = walked(start(model), range(6), {0: first()})
    late = walked(start(model), range(3, 6), {3: {"ground": GROUND}})
    return {
        "names": [sorted(each) for each in made],
        "shapes": sorted({mask.logits.shape for each in made for mask in each.values()}),
        "dtypes": sorted({str(mask.logits.dtype) for each in made for mask in each.values()}),
        "reasons": sorted({mask.reason for each in made for mask in each.values()}),
        "the first object is as if alone": apart([{"disc": each["disc"]} for each in made], alone),
        "the second one is as if alone": apart([{"ground": each["ground"]} for each in made[3:]], late),
        "given mask comes back": bool((made[0]["disc"].logits == first()["disc"].mask).all()),
        "encoded": run.seen.encoded,
    }


def both_directions(model: Model) -> Findings:
    """The same pictures in the same order, once with rising and once with falling numbers."""
    up, down = start(model), start(model)
    rising = [up.step(1001 + n, picture(n)[0], first() if n == 0 else {}) for n in range(5)]
    falling = [down.step(1001 - n, picture(n)[0], first() if n == 0 else {}) for n in range(5)]
    return {"apart": apart(rising, falling), "turned": refusal(lambda: down.step(998, picture(3)[0], {}))}


def own_loop(model: Model) -> Findings:
    """Cutie's own loop, as its examples call it, with its own store of features; ours on the same pictures."""
    from cutie.inference.inference_core import InferenceCore  # noqa: PLC0415 - after torch

    size = working_size(WIDTH, HEIGHT, 48)
    settings = model.settings.copy()
    settings.top_k = 15  # of 5 by 3 places
    core = InferenceCore(model.network, settings)
    theirs = []
    with model.working():
        for frame in range(8):
            image = as_image(shrunk(picture(frame)[0], size), model.device)
            mask = as_chances(first()["disc"].mask, size, model.device) if frame == 0 else None  # type: ignore[arg-type]
            found = core.step(image, mask, [1] if frame == 0 else None, idx_mask=False)
            theirs.append({"disc": made_mask(model, found, WIDTH, HEIGHT)})
    ours = walked(start(model), range(8), {0: first()})
    return {"apart": apart(theirs[1:], ours[1:]), "span": float(np.ptp([each["disc"].logits for each in theirs[1:]]))}


def flat_memory(model: Model) -> Findings:
    """Bytes that are remembered behind each frame, by default and with a long memory that is made small."""
    recent = dataclasses.replace(model, settings=model.settings.copy())
    recent.settings.mem_every = 1
    long = dataclasses.replace(recent, settings=recent.settings.copy())
    long.settings.use_long_term = True
    tokens = {"num_prototypes": 20, "max_num_tokens": 60, "buffer_tokens": 10}
    long.settings.long_term.update({"max_mem_frames": 4, "min_mem_frames": 2, **tokens})

    def held(run: CutieRun, count: int) -> list[int]:
        found = []
        for frame in range(count):
            walked(run, range(frame, frame + 1), {0: first()})
            found.append(run.held_bytes)
        return found

    walk = start(long)
    behind = {"recent": held(start(recent), 10), "long": held(walk, 20)}
    resumed = CutiePropagator(long).resume(WIDTH, HEIGHT, walk.snapshot())
    ends = [told(walked(one, range(20, 24), {})) for one in (walk, resumed)]
    return {
        **behind,
        "long goes on": ends[0] == ends[1],
        "digest": walk.tracks["disc"].memory.long_mem.size(0),
    }


def prompts_without_end(model: Model) -> Findings:
    """What is remembered of twelve prompted frames: the keys of the first one lie last, before those not prompted."""
    run = start(model)
    keys = []
    for frame in range(12):
        run.step(frame, picture(frame)[0], first(frame))
        keys.append(run.tracks["disc"].memory.work_mem.k[0][..., :15].clone())
    store = run.tracks["disc"].memory.work_mem
    kept = store.k[0].split(15, -1)
    return {
        "remembered": [next(n for n, key in enumerate(keys) if torch.equal(key, each)) for each in kept],
        "prompted": store.perm_end_pt[0],
        "values": store.v[1].shape[-1],
    }


def hand_over(model: Model) -> Findings:
    hints = {0: first(), 2: {"ground": GROUND}}
    whole = walked(start(model), range(9), hints)
    head = start(model)
    made = walked(head, range(5), hints)
    snapshot = head.snapshot()
    tail = walked(CutiePropagator(model).resume(WIDTH, HEIGHT, snapshot), range(5, 9), {})
    last = {name: Hint(mask=mask.logits) for name, mask in made[4].items()}
    masks_only = walked(start(model), range(4, 9), {4: last})

    def refused(content: bytes, *, of: Model = model, height: int = HEIGHT) -> str:
        return refusal(lambda: CutiePropagator(of).resume(WIDTH, height, content))

    return {
        "memory": apart(whole[5:], tail),
        "mask only": apart(whole[5:], masks_only[1:]),
        "same bytes": told(whole[5:]) == told(tail),
        "same snapshot": head.snapshot() == snapshot,
        "KiB": len(snapshot) // 1024,
        "refused": {
            "cut short": refused(snapshot[:-300]),
            "spoiled": refused(snapshot[:5000] + b"spoiled" + snapshot[5007:]),
            "no snapshot": refused(b"anything"),
            "another size": refused(snapshot, height=HEIGHT + 1),
            "another model": refused(snapshot, of=dataclasses.replace(model, identity="x")),
        },
    }


def corrections(model: Model) -> Findings:
    away = (PromptPoint(x=70, y=40, inside=False), PromptPoint(x=50, y=40))
    plain = walked(start(model), range(6), {0: first()})
    fixed = {0: first(), 3: {"disc": Hint(points=away, corrects=True)}}
    mended = walked(start(model), range(6), fixed)
    anew = walked(start(model), range(6), {0: first(), 3: first(3)})
    early = start(model)
    early.step(0, picture(0)[0], {})
    nothing = {"disc": Hint(mask=-np.ones((HEIGHT, WIDTH), np.float32))}
    return {
        "before": apart(plain[:3], mended[:3]),
        "there and after": [apart([a], [b]) for a, b in zip(plain[3:], mended[3:], strict=True)],
        "clicks hold": [bool(mended[3]["disc"].logits[int(p.y), int(p.x)] > 0) == p.inside for p in away],
        "set anew": bool((anew[3]["disc"].logits == first(3)["disc"].mask).all()),
        "after it": apart(plain[4:], anew[4:]),
        "too early": refusal(lambda: early.step(1, picture(1)[0], {"disc": Hint(points=INSIDE, corrects=True)})),
        "other size": refusal(lambda: early.step(1, picture(1)[0][1:], {})),
        "no mask": refusal(lambda: early.step(1, picture(1)[0], {"disc": Hint(points=INSIDE)})),
        "empty": refusal(lambda: early.step(1, picture(1)[0], nothing)),
    }


def confidence(model: Model) -> Findings:
    """Of chances that are given, not of a model's."""
    honest = dataclasses.replace(model, options=dataclasses.replace(model.options, random_weights=""))

    def judged(inside: float, outside: float) -> list[Any]:
        chance = torch.full((64, 96), outside)
        chance[16:48, 24:56] = inside
        mask = made_mask(honest, torch.stack([1 - chance, chance]), WIDTH, HEIGHT)
        return [round(mask.confidence, 4), mask.reason, int((mask.logits > 0).sum())]

    return {
        "sure": judged(1.0, 0.0),
        "even": judged(0.75, 0.0),
        "unsure": judged(0.6, 0.2),
        "nowhere": judged(0.4, 0.0),
        "no number": refusal(lambda: judged(float("nan"), 0.0)),
    }


def read_ahead(model: Model) -> Findings:
    plain = walked(start(model), range(3), {0: first()})
    run = start(model)
    shown = [picture(frame)[0] for frame in range(3)]

    def prepare_all() -> None:
        for frame, each in enumerate(shown):
            run.prepare(frame, each)

    reader = threading.Thread(target=prepare_all)
    reader.start()
    reader.join()
    made = [run.step(frame, shown[frame], first() if frame == 0 else {}) for frame in range(3)]
    return {"same": told(plain) == told(made)}


def half_precision(model: Model) -> Findings:
    options = dataclasses.replace(model.options, precision="bfloat16")
    half = dataclasses.replace(model, options=options, identity="half")
    run = start(half)
    walked(run, range(7), {0: first()})
    resumed = CutiePropagator(half).resume(WIDTH, HEIGHT, run.snapshot())
    ends = [walked(one, range(7, 9), {}) for one in (run, resumed)]
    return {"dtypes": sorted({str(m["disc"].logits.dtype) for m in ends[0]}), "same": told(ends[0]) == told(ends[1])}


def options_and_weights(model: Model, folder: Path) -> Findings:
    plain = {"image_size": "48"}
    good, bad = folder / "good.pth", folder / "bad.pth"
    tensors = model.network.state_dict()
    torch.save({**tensors, "aux_computer.of_training": torch.zeros(1)}, good)

    def made(options: dict[str, str], path: Path | None = None) -> Any:
        weights = {} if path is None else {"cutie": path}
        return make_backend("cutie", Stage.PROPAGATE, Choice(device="cpu", options=options, weights=weights))._model

    def refused(content: Any) -> str:
        torch.save(content, bad)
        return refusal(lambda: made(plain, bad))

    loaded = made(plain, good)
    from_file, from_seed = (walked(start(each), range(2), {0: first()}) for each in (loaded, model))
    first_name = next(iter(tensors))
    found = {
        "file and seed": apart(from_file, from_seed),
        "identities": [loaded.identity.split(",")[0], model.identity.split(";")[0]],
        "another": refused({"a": torch.zeros(1)}),
        "code": refused({"model": {"a": Path("code")}}),
        "lacks one": refused({name: each for name, each in tensors.items() if name != first_name}),
        "another size": refusal(lambda: made({**plain, "model": "base"}, bad)),
        "none": refusal(lambda: made(plain)),
        "both": refusal(lambda: made(OPTIONS, good)),
        "option": refusal(lambda: made({**OPTIONS, "kind": "tiny"})),
        "value": refusal(lambda: made({**OPTIONS, "memory": "endless"})),
        "others' option": refusal(lambda: made({**OPTIONS, "sam2.image_size": "512"})),
    }
    good.unlink()
    bad.unlink()
    return found


def offline() -> None:
    """Fail where anything asks the network."""

    def refuse(*_asked: Any) -> NoReturn:
        raise AssertionError("a connection was asked for")

    socket.socket.connect = socket.socket.connect_ex = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse  # type: ignore[assignment]


def checks(folder: Path) -> Findings:
    offline()
    killed = killed_chunk(maker, folder)  # before torch has threads, which a fork would lose
    model = maker()._model
    looked = (several_objects, both_directions, own_loop, flat_memory, prompts_without_end, hand_over, corrections)
    quick = (confidence, read_ahead, half_precision)
    return {
        **{check.__name__: check(model) for check in (*looked, *quick)},
        "killed_chunk": killed,
        "job_chunks": job_chunks(lambda: CutiePropagator(model), folder),
        "options_and_weights": options_and_weights(model, folder),
        "loaded": [name for name in ("torchvision", "hydra", "requests") if name in sys.modules],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(checks(Path(sys.argv[1]))) + "\n")
