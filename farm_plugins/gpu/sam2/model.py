"""The predictor: built from its configuration, and given weights or, for tests, dice."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ....pipeline.hashes import hash_file
from ....schema.errors import ConfigError, WeightsError
from ..checkpoints import chosen_checkpoint, load_strictly, read_checkpoint
from ..devices import chosen_device, working
from .options import MODELS, Options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ....pipeline.roto.backend import Choice

# What the checkpoint of each model has: width of its first layer, and blocks of its trunk.
SHAPES = {(96, 12): "tiny", (96, 16): "small", (112, 24): "base+", (144, 48): "large"}
PATCHES = "image_encoder.trunk.patch_embed.proj.weight"
BLOCKS = "image_encoder.trunk.blocks."
# What the official predictor does after its model, but filling holes, which needs a compiled extension and is ours.
OVERRIDES = (
    "++model.sam_mask_decoder_extra_args.dynamic_multimask_via_stability=true",
    "++model.sam_mask_decoder_extra_args.dynamic_multimask_stability_delta=0.05",
    "++model.sam_mask_decoder_extra_args.dynamic_multimask_stability_thresh=0.98",
    "++model.binarize_mask_from_pts_for_mem_enc=true",
    # A frame that an artist corrected is remembered as one that an artist prompted.
    "++model.add_all_frames_to_correct_as_cond=true",
)


@dataclass(frozen=True)
class Model:
    """A predictor that is ready.

    Attributes:
        predictor: ``SAM2VideoPredictor`` of sam2 1.1, whose state dictionary we fill ourselves.
        device: of torch.
        options: it was made with.
        identity: differs where the same input would give other masks.
        sureness: what the mask decoder said last: its predicted IoU, a tensor of one number.
    """

    predictor: Any
    device: Any
    options: Options
    identity: str
    sureness: list[Any] = field(default_factory=list)

    def working(self) -> AbstractContextManager[Any]:
        """What all inference runs in."""
        return working(self.device, self.options.precision)

    def take_sureness(self) -> Any:
        """The IoU that the decoder predicted since last asked; 1 where it was not asked, as for masks."""
        said = self.sureness[-1] if self.sureness else torch.ones((), device=self.device)
        self.sureness.clear()
        return said


def load_model(choice: Choice) -> Model:
    """The model of a choice.

    Raises:
        ConfigError: an option is wrong.
        WeightsError: there are no weights, or they are not this model's.
        MachineError: there is no such device.
    """
    options = Options.read(choice.options)
    device = chosen_device(choice.device)
    path = chosen_checkpoint("sam2", choice, options.random_weights)
    if path is None:
        predictor, drawn = _random_predictor(options, choice.seed)
        weights = f"random, seed {choice.seed}, {drawn}"
    else:
        predictor, weights = _predictor_of(path, options)
    predictor = predictor.to(device).eval()
    _compile(predictor, options.compile)
    model = Model(predictor, device, options, f"{weights}; {options.image_size}; {options.precision}")
    predictor.sam_mask_decoder.register_forward_hook(
        lambda _module, _given, said: model.sureness.append(said[1].float().amax())
    )
    return model


def _random_predictor(options: Options, seed: int) -> tuple[Any, str]:
    size = options.model or "tiny"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _build(size, options.image_size), size


def _predictor_of(path: Path, options: Options) -> tuple[Any, str]:
    tensors = read_checkpoint(path)
    size = options.model or _size_of(tensors, path)
    predictor = _build(size, options.image_size)
    load_strictly(predictor, tensors, path=path)
    return predictor, f"{size}, {hash_file(path)[0]}"


def _size_of(tensors: dict[str, Any], path: Path) -> str:
    width = tensors[PATCHES].shape[0] if PATCHES in tensors else 0
    blocks = {name.removeprefix(BLOCKS).split(".", 1)[0] for name in tensors if name.startswith(BLOCKS)}
    try:
        return SHAPES[width, len(blocks)]
    except KeyError:
        raise WeightsError(
            f"the checkpoint {path} is of none of the models {', '.join(MODELS)} of SAM 2.1", path=path
        ) from None


def _build(size: str, image_size: int) -> Any:
    from sam2.build_sam import build_sam2_video_predictor  # noqa: PLC0415 - optional

    return build_sam2_video_predictor(
        f"configs/sam2.1/sam2.1_hiera_{MODELS[size]}.yaml",
        ckpt_path=None,
        device="cpu",
        apply_postprocessing=False,
        hydra_overrides_extra=[*OVERRIDES, f"++model.image_size={image_size}"],
    )


def _compile(predictor: Any, compiler: str) -> None:
    """Compile the image encoder, which takes most of a frame's time."""
    if not compiler:
        return
    if compiler not in (*torch._dynamo.list_backends(), "eager"):  # noqa: SLF001 - the documented way to list them
        raise ConfigError(f"torch has no compiler {compiler!r}; try inductor", option="compile")
    with warnings.catch_warnings():
        predictor.image_encoder.forward = torch.compile(
            predictor.image_encoder.forward, backend=compiler, dynamic=False
        )
