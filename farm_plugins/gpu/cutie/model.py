"""The network: built from Cutie's own settings without its downloads, and given weights or, for tests, dice."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch
from cutie import config as settings
from cutie.model import big_modules
from cutie.model.cutie import CUTIE
from omegaconf import OmegaConf

from ....pipeline.hashes import hash_file
from ....schema.errors import WeightsError
from ..checkpoints import chosen_checkpoint, load_strictly, read_checkpoint
from ..devices import chosen_device, working
from .options import MODELS, Options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ....pipeline.roto.backend import Choice

# What the checkpoint of each model has: channels that come from its image encoder.
PROJECTION = "pix_feat_proj.weight"
CHANNELS = {1024: "base", 256: "small"}
TRAINING = "aux_computer."  # tensors that training alone looks at
_BUILDING = Lock()

# Cutie still says `torch.cuda.amp.autocast`, which torch takes and complains of on each frame.
warnings.filterwarnings("ignore", r"`torch\.cuda\.amp\.autocast", FutureWarning, r"cutie\.")


@dataclass(frozen=True)
class Model:
    """A network that is ready.

    Attributes:
        network: ``CUTIE`` of rf-cutie 1.0.
        settings: Cutie's own, as ``InferenceCore`` takes them.
        device: of torch.
        options: it was made with.
        identity: differs where the same input would give other masks.
    """

    network: Any
    settings: Any
    device: Any
    options: Options
    identity: str

    def working(self) -> AbstractContextManager[Any]:
        """What all inference runs in."""
        return working(self.device, self.options.precision)


def load_model(choice: Choice) -> Model:
    """The model of a choice.

    Raises:
        ConfigError: an option is wrong.
        WeightsError: there are no weights, or they are not this model's.
        MachineError: there is no such device.
    """
    options = Options.read(choice.options)
    device = chosen_device(choice.device)
    path = chosen_checkpoint("cutie", choice, options.random_weights)
    if path is None:
        size = options.model or "small"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(choice.seed)
            network, made = _built(size, options)
        weights = f"random, seed {choice.seed}, {size}"
    else:
        tensors = {name: each for name, each in read_checkpoint(path).items() if not name.startswith(TRAINING)}
        size = options.model or _size_of(tensors, path)
        network, made = _built(size, options)
        load_strictly(network, tensors, path=path)
        weights = f"{size}, {hash_file(path)[0]}"
    identity = "; ".join(map(str, (weights, options.image_size, options.precision, options.memory, options.mem_every)))
    return Model(network.to(device).eval(), made, device, options, identity)


def _size_of(tensors: dict[str, Any], path: Path) -> str:
    projection = tensors.get(PROJECTION)
    channels = projection.shape[1] if projection is not None and projection.ndim > 1 else 0
    if channels not in CHANNELS:
        raise WeightsError(f"the checkpoint {path} is of none of the models {', '.join(MODELS)} of Cutie", path=path)
    return CHANNELS[channels]


def _built(size: str, options: Options) -> tuple[Any, Any]:
    """A network with whatever weights the dice give, and its settings."""
    folder = Path(settings.__file__).parent
    made = OmegaConf.load(folder / "eval_config.yaml")
    for composed in ("defaults", "hydra"):  # what only hydra reads
        del made[composed]
    own = [OmegaConf.load(folder / "model" / f"{name}.yaml") for name in dict.fromkeys(("base", size))]
    made.model = OmegaConf.merge(*own)
    made.use_long_term = options.memory == "long"
    made.mem_every = options.mem_every
    with _nothing_pretrained():
        network = CUTIE(made)
    del network.aux_computer
    return network, made


@contextmanager
def _nothing_pretrained() -> Iterator[None]:
    """Cutie's encoders ask for ImageNet's weights as they are made, which torch would download; here they get none."""
    genuine = big_modules.resnet

    def without(make: Any) -> Any:
        return lambda *, extra_dim=0, **_asked: make(pretrained=False, extra_dim=extra_dim)

    with _BUILDING:
        big_modules.resnet = SimpleNamespace(resnet18=without(genuine.resnet18), resnet50=without(genuine.resnet50))
        try:
            yield
        finally:
            big_modules.resnet = genuine
