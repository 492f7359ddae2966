"""What tests ask of the sam2 backend, in one process that has torch; prints the findings as one line of JSON.

``sam2_program.py FOLDER`` tries all that shares one small model with random weights.
"""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from pathlib import Path
from typing import Any

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
from PIL import Image  # noqa: E402
from sam2_loading import OPTIONS, SMALLER, options_and_weights  # noqa: E402

from shotmill.farm_plugins.gpu.edges import edge_distance  # noqa: E402
from shotmill.farm_plugins.gpu.sam2 import memory  # noqa: E402
from shotmill.farm_plugins.gpu.sam2.propagation import Sam2Propagator  # noqa: E402
from shotmill.farm_plugins.gpu.sam2.segmentation import Sam2Segmenter  # noqa: E402
from shotmill.pipeline.roto.backend import Choice, Hint  # noqa: E402
from shotmill.pipeline.roto.registry import make_backend  # noqa: E402
from shotmill.schema.roto import PromptBox, PromptPoint, Stage  # noqa: E402


def several_objects(model: Any) -> Findings:
    hints = {0: first(), 3: {"ground": Hint(points=(PromptPoint(x=8, y=8),))}}
    made = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(5), hints)
    alone = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(5), {0: first()})
    return {
        "names": [sorted(each) for each in made],
        "shapes": sorted({mask.logits.shape for each in made for mask in each.values()}),
        "dtypes": sorted({str(mask.logits.dtype) for each in made for mask in each.values()}),
        "reasons": sorted({mask.reason for each in made for mask in each.values()}),
        "the first object is as if alone": apart([{"disc": each["disc"]} for each in made], alone),
        "given mask comes back": bool((made[0]["disc"].logits == first()["disc"].mask).all()),
    }


def both_directions(model: Any) -> Findings:
    """The same pictures in the same order, once with rising and once with falling numbers."""
    up = Sam2Propagator(model).start(WIDTH, HEIGHT)
    down = Sam2Propagator(model).start(WIDTH, HEIGHT)
    rising = [up.step(1001 + n, picture(n)[0], first() if n == 0 else {}) for n in range(5)]
    falling = [down.step(1001 - n, picture(n)[0], first() if n == 0 else {}) for n in range(5)]
    return {
        "apart": apart(rising, falling),
        "turned": refusal(lambda: down.step(998, picture(3)[0], {})),
    }


def official_loop(model: Any, folder: Path) -> Findings:
    """Sam2's own reader and loop on a folder of JPEGs, and ours on the same pixels; 17 frames fill its memory.

    Backwards from the frame 5: which way the frames go is not told to the memory.
    """
    count, turn = 17, 5
    for frame in range(count):
        Image.fromarray(picture(frame)[0]).save(folder / f"{frame:05d}.jpg", quality=95)
    read = [np.asarray(Image.open(folder / f"{frame:05d}.jpg")) for frame in range(count)]
    predictor = model.predictor
    with model.working():
        state = predictor.init_state(str(folder))
        predictor.add_new_mask(state, 0, "disc", torch.from_numpy(picture(0)[1]))
        official = [logits[0, 0].numpy() for _, _, logits in predictor.propagate_in_video(state)]
        backward = predictor.init_state(str(folder))
        predictor.add_new_mask(backward, turn, "disc", torch.from_numpy(picture(turn)[1]))
        falling = {n: x[0, 0].numpy() for n, _, x in predictor.propagate_in_video(backward, turn, reverse=True)}
    run = Sam2Propagator(model).start(WIDTH, HEIGHT)
    ours = [run.step(n, read[n], first() if n == 0 else {})["disc"].logits for n in range(count)]
    back = Sam2Propagator(model).start(WIDTH, HEIGHT)
    ours_back = {n: back.step(n, read[n], first(n) if n == turn else {})["disc"].logits for n in range(turn, -1, -1)}
    size = {"official": memory.held_bytes(state) + state["images"].nbytes, "ours": run.held_bytes}
    return {
        "apart": max(float(np.abs(a - b).max()) for a, b in zip(official[1:], ours[1:], strict=True)),
        "apart backward": max(float(np.abs(falling[n] - ours_back[n]).max()) for n in range(turn)),
        "span": float(np.ptp(np.stack(official[1:]))),
        "bytes": size,
    }


def flat_memory(model: Any) -> Findings:
    """Counted on 24 real frames; then 200 and 2000, of which the model itself only makes up the outputs."""
    run = Sam2Propagator(model).start(WIDTH, HEIGHT)
    real = []
    for frame in range(24):
        run.step(frame, picture(frame)[0], first() if frame == 0 else {})
        real.append([run.held_outputs, run.held_bytes, run.held_frames, len(run.snapshot()) // 1024])
    made_up = {}
    genuine = model.predictor._run_single_frame_inference
    output = run.state["output_dict_per_obj"][0][memory.TRACKED][23]

    def quick(**_asked: Any) -> tuple[Any, Any]:
        grid = torch.zeros(1, 1, 16, 16)
        return {**output, "pred_masks": grid, "object_score_logits": torch.zeros(1, 1)}, grid

    model.predictor._run_single_frame_inference = quick
    try:
        frame = 24
        for count in (200, 2000):
            while frame < count:
                run.step(frame, picture(0)[0], {})
                frame += 1
            made_up[count] = [run.held_outputs, run.held_frames, len(run.snapshot())]
    finally:
        model.predictor._run_single_frame_inference = genuine
    return {"real": real, "made up": made_up}


def prompts_without_end(model: Any) -> Findings:
    run = Sam2Propagator(model).start(WIDTH, HEIGHT)
    walked(run, range(12), {frame: first(frame) for frame in range(12)})
    return {"remembered": sorted(run.state["output_dict_per_obj"][0][memory.PROMPTS])}


def hand_over(model: Any) -> Findings:
    whole = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(10), {0: first()})
    start = Sam2Propagator(model).start(WIDTH, HEIGHT)
    head = walked(start, range(5), {0: first()})
    snapshot = start.snapshot()
    tail = walked(Sam2Propagator(model).resume(WIDTH, HEIGHT, snapshot), range(5, 10), {})
    last = {"disc": Hint(mask=head[4]["disc"].logits)}
    masks_only = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(4, 10), {4: last})
    return {
        "memory": apart(whole[5:], tail),
        "mask only": apart(whole[5:], masks_only[1:]),
        "same bytes": told(whole[5:]) == told(tail),
        "same snapshot": start.snapshot() == snapshot,
        "refused": {
            "cut short": refusal(lambda: Sam2Propagator(model).resume(WIDTH, HEIGHT, snapshot[:-300])),
            "spoiled": refusal(
                lambda: Sam2Propagator(model).resume(WIDTH, HEIGHT, snapshot[:5000] + b"spoiled" + snapshot[5007:])
            ),
            "another size": refusal(lambda: Sam2Propagator(model).resume(WIDTH, HEIGHT + 1, snapshot)),
            "another model": refusal(
                lambda: Sam2Propagator(dataclasses.replace(model, identity="x")).resume(WIDTH, HEIGHT, snapshot)
            ),
            "no snapshot": refusal(lambda: Sam2Propagator(model).resume(WIDTH, HEIGHT, b"anything")),
        },
    }


def corrections(model: Any) -> Findings:
    outside = (PromptPoint(x=70, y=40, inside=False), PromptPoint(x=50, y=40))
    plain = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(6), {0: first()})
    hints = {0: first(), 3: {"disc": Hint(points=outside, corrects=True)}}
    mended = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(6), hints)
    hints = {0: first(), 3: {"disc": Hint(points=outside)}}
    anew = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(6), hints)
    early = Sam2Propagator(model).start(WIDTH, HEIGHT)
    return {
        "before": apart(plain[:3], mended[:3]),
        "there and after": [apart([a], [b]) for a, b in zip(plain[3:], mended[3:], strict=True)],
        "mended is not found anew": apart(mended[3:4], anew[3:4]),
        "too early": refusal(lambda: early.step(1, picture(1)[0], {"disc": Hint(points=INSIDE, corrects=True)})),
        "other size": refusal(lambda: early.step(1, picture(1)[0][1:], {})),
    }


def one_frame(model: Any) -> Findings:
    segmenter = Sam2Segmenter(model)
    shown = picture(0)[0]
    box = PromptBox(left=20, top=20, right=60, bottom=60)
    hints = {
        "points": Hint(points=INSIDE),
        "box": Hint(box=box),
        "both": Hint(points=INSIDE, box=box),
        "mask": first()["disc"],
        "mended": Hint(points=INSIDE, mask=first()["disc"].mask),
    }
    once = segmenter.segment(shown, hints)
    twice = segmenter.segment(shown, hints)
    fresh = Sam2Segmenter(model).segment(shown, hints)
    for frame in range(1, 10):
        segmenter.segment(picture(frame)[0], {})
    return {
        "names": list(once),
        "shapes": sorted({mask.logits.shape for mask in once.values()}),
        "twice": told([once]) == told([twice]) == told([fresh]),
        "all differ": len({mask.logits.tobytes() for mask in once.values()}),
        "encoded": segmenter.encoded,
        "kept": len(segmenter._seen),
        "empty": refusal(
            lambda: segmenter.segment(shown, {"nobody": Hint(mask=-np.ones((HEIGHT, WIDTH), np.float32))})
        ),
    }


def not_there(model: Any) -> Findings:
    """The head that says whether the object is seen, forced to no."""
    final = model.predictor.sam_mask_decoder.pred_obj_score_head.layers[-1]
    kept = final.bias.data.clone()
    honest = dataclasses.replace(model, options=dataclasses.replace(model.options, random_weights=""))
    run = Sam2Propagator(honest).start(WIDTH, HEIGHT)
    seen = run.step(0, picture(0)[0], first())["disc"]
    there = run.step(1, picture(1)[0], {})["disc"]
    try:
        final.bias.data.fill_(-20.0)
        lost = run.step(2, picture(2)[0], {})["disc"]
        empty = refusal(lambda: run.step(3, picture(3)[0], {"late": Hint(points=INSIDE)}))
        segment = refusal(lambda: Sam2Segmenter(honest).segment(picture(0)[0], {"late": Hint(points=INSIDE)}))
    finally:
        final.bias.data.copy_(kept)
    return {
        "seen": [seen.confidence, seen.reason],
        "there": [there.confidence, there.reason],
        "lost": [lost.confidence, lost.reason, bool((lost.logits > 0).any())],
        "empty": empty,
        "segment": segment,
    }


def read_ahead(model: Any) -> Findings:
    plain = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(4), {0: first()})
    run = Sam2Propagator(model).start(WIDTH, HEIGHT)
    shown = [picture(frame)[0] for frame in range(4)]
    run.prepare(3, picture(0)[0])  # another picture than the one that comes

    def prepare_all() -> None:
        for frame in range(3):
            run.prepare(frame, shown[frame])

    reader = threading.Thread(target=prepare_all)
    reader.start()
    reader.join()
    held = run.held_frames
    made = [run.step(frame, shown[frame], first() if frame == 0 else {}) for frame in range(4)]
    for frame in range(4, 40):
        run.prepare(frame, shown[0])
    return {"same": told(plain) == told(made), "held": held, "left": run.held_frames}


def half_precision(model: Any) -> Findings:
    """As on a GPU: in bfloat16, which a CPU can do, too."""
    half = dataclasses.replace(model, options=dataclasses.replace(model.options, precision="bfloat16"), identity="half")
    run = Sam2Propagator(half).start(WIDTH, HEIGHT)
    made = walked(run, range(3), {0: first()})
    resumed = Sam2Propagator(half).resume(WIDTH, HEIGHT, run.snapshot())
    whole = walked(Sam2Propagator(model).start(WIDTH, HEIGHT), range(3), {0: first()})
    return {
        "dtypes": sorted({str(mask.logits.dtype) for each in made for mask in each.values()}),
        "same": told(walked(run, range(3, 5), {})) == told(walked(resumed, range(3, 5), {})),
        "apart": apart(made, whole),
    }


def compiled(_model: Any) -> Findings:
    """Whether the encoder is handed to the compiler; running what one makes takes longer than all else here."""
    options = {**OPTIONS, "compile": "eager"}
    quick = maker(options)._model
    return {"encoder": hasattr(quick.predictor.image_encoder.forward, "_torchdynamo_orig_callable")}


def distances(_model: Any) -> Findings:
    """A disc whose distances are known: its radius less the distance from its centre; logits three times as steep."""
    y, x = np.mgrid[:120, :160] + 0.5
    truth = 30.3 - np.hypot(x - 80.2, y - 60.7)
    found = edge_distance(torch.from_numpy((3 * truth).astype(np.float32))[None])[0].numpy()
    near = np.abs(truth) <= 1.0
    ring = (np.abs(truth) > 2) & (np.abs(truth) < 15)
    return {
        "near": float(np.abs(found - truth)[near].max()),
        "ring": float(np.abs(found / truth - 1)[ring].max()),
        "signs": bool(((found > 0) == (truth > 0)).all()),
        "far": [float(found.min()), float(found.max())],
    }


def maker(options: dict[str, str]) -> Any:
    return make_backend("sam2", Stage.PROPAGATE, Choice(device="cpu", options=options))


def checks(folder: Path) -> Findings:
    killed = killed_chunk(lambda: maker(SMALLER), folder)  # before torch has threads, which a fork would lose
    model, smaller = (maker(options)._model for options in (OPTIONS, SMALLER))
    large = (several_objects, both_directions, hand_over, one_frame, not_there, compiled)
    small = (flat_memory, prompts_without_end, corrections, read_ahead, half_precision, distances)
    jpegs = folder / "jpegs"
    jpegs.mkdir()
    return {
        **{check.__name__: check(model) for check in large},
        **{check.__name__: check(smaller) for check in small},
        "official_loop": official_loop(model, jpegs),
        "killed_chunk": killed,
        "job_chunks": job_chunks(lambda: Sam2Propagator(smaller), folder),
        "options_and_weights": options_and_weights(folder),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(checks(Path(sys.argv[1]))) + "\n")
