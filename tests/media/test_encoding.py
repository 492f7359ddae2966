"""Movies that Shotmill encodes hold what was given to it, and say how their colour is meant."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numbered import as_bytes, numbered, read_number

from shotmill.pipeline.movies import Movie, encode
from shotmill.schema.errors import StorageError
from shotmill.schema.media import Rate

SIZE = (256, 144)
BT709, LIMITED = 1, 1  # libavutil/pixfmt.h


@pytest.fixture
def encoded(tmp_path: Path) -> Path:
    path = tmp_path / "made.mov"
    encode(path, (as_bytes(numbered(number, size=SIZE)) for number in range(100, 120)), size=SIZE, rate=Rate(24))
    return path


def test_every_frame_is_there(encoded: Path) -> None:
    with Movie(encoded) as movie:
        assert [read_number(movie.frame(place)) for place in range(20)] == list(range(100, 120))


def test_the_colour_is_tagged(encoded: Path) -> None:
    with av.open(str(encoded)) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    assert tags == (BT709, BT709, BT709, LIMITED)


def test_levels_come_back(encoded: Path) -> None:
    with Movie(encoded) as movie:
        difference = movie.frame(3).astype(float) - as_bytes(numbered(103, size=SIZE))
    assert np.abs(difference).mean() < 2


def test_an_encoder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "made.mov"
    with pytest.raises(StorageError, match=r"made\.mov could not be encoded"):
        encode(path, iter([]), size=SIZE, rate=Rate(24), codec=("-c:v", "no_such_codec"))
    assert list(tmp_path.iterdir()) == []
