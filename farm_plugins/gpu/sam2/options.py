"""Options of the backend, read from text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ....schema.errors import ConfigError
from ..options import number, one_of, own_options

MODELS = {"tiny": "t", "small": "s", "base+": "b+", "large": "l"}
PRECISIONS = ("auto", "float32", "bfloat16")
SCALES = ("pixels", "model")
STRIDE = 32  # of the image encoder's coarsest level: sides are whole multiples
MAX_SIDE = 4096
MAX_PINHOLE = 10_000


@dataclass(frozen=True)
class Options:
    """What ``Choice.options`` says; the package's docstring tells what each is."""

    model: str = ""
    image_size: int = 1024
    precision: str = "auto"
    compile: str = ""
    logits: str = "pixels"
    pinholes: int = 8
    random_weights: str = ""

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Options:
        """The options that these texts say.

        Raises:
            ConfigError: an option is unknown, or its value is none of those that it may have.
        """
        texts = own_options("sam2", texts, [field.name for field in fields(cls)])
        options = cls(
            model=one_of("model", texts.get("model", ""), ("", *MODELS)),
            image_size=number("image_size", texts.get("image_size", "1024"), STRIDE, MAX_SIDE),
            precision=one_of("precision", texts.get("precision", "auto"), PRECISIONS),
            compile=texts.get("compile", ""),
            logits=one_of("logits", texts.get("logits", "pixels"), SCALES),
            pinholes=number("pinholes", texts.get("pinholes", "8"), 0, MAX_PINHOLE),
            random_weights=texts.get("random_weights", ""),
        )
        if options.image_size % STRIDE:
            raise ConfigError(f"image_size must be a multiple of {STRIDE}, not {options.image_size}")
        return options
