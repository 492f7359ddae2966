"""Options of the backend, read from text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..options import number, one_of, own_options

MODELS = ("base", "small")
PRECISIONS = ("float32", "bfloat16")
MEMORIES = ("recent", "long")
LEAST_SIDE, MOST_SIDE = 32, 2160
MOST_EVERY = 100


@dataclass(frozen=True)
class Options:
    """What ``Choice.options`` says; the package's docstring tells what each is."""

    model: str = ""
    image_size: int = 480
    precision: str = "float32"
    memory: str = "recent"
    mem_every: int = 5
    random_weights: str = ""

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Options:
        """The options that these texts say.

        Raises:
            ConfigError: an option is unknown, or its value is none of those that it may have.
        """
        texts = own_options("cutie", texts, [field.name for field in fields(cls)])
        return cls(
            model=one_of("model", texts.get("model", ""), ("", *MODELS)),
            image_size=number("image_size", texts.get("image_size", "480"), LEAST_SIDE, MOST_SIDE),
            precision=one_of("precision", texts.get("precision", "float32"), PRECISIONS),
            memory=one_of("memory", texts.get("memory", "recent"), MEMORIES),
            mem_every=number("mem_every", texts.get("mem_every", "5"), 1, MOST_EVERY),
            random_weights=texts.get("random_weights", ""),
        )
