"""Pictures and movies that claim far more than they hold: refused in words, in bounded time and memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bombs import MOVIES, PICTURES, black_rows, jpeg_of, long_matroska, movie, png, tiff

from shotmill.pipeline.images import Limits, check_whole, read_header, read_image, write_image
from shotmill.pipeline.movies import Movie
from shotmill.schema.errors import InputCorruptError, InputTooLargeError

pytestmark = pytest.mark.hostile
SERVER = Path(__file__).parents[1] / "support" / "bomb_server.py"
MEMORY_KIB = 700 * 1024  # the process itself has 200 MiB before it opens anything
CPU_S = 15.0


@dataclass(frozen=True)
class Said:
    exit_code: int
    words: str
    memory_kib: int
    seconds: float


class Server:
    """Opens media in processes of their own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, action: str, path: Path) -> Said:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([action, str(path)]) + "\n")
        self.process.stdin.flush()
        return Said(*json.loads(self.process.stdout.readline()))

    def refused(self, action: str, path: Path) -> Said:
        said = self.ask(action, path)
        assert said.exit_code == 0, said
        assert re.match(r"SHOTMILL E20[56] ", said.words), said
        assert said.words.isprintable()
        assert path.name in said.words
        self.check_bounds(said)
        return said

    def check_bounds(self, said: Said) -> None:
        assert said.memory_kib < MEMORY_KIB, said
        assert said.seconds < CPU_S, said


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        yield Server(one)
        assert one.stdin
        one.stdin.close()
        assert one.wait(timeout=30) == 0


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_a_bomb_is_refused(name: str, server: Server, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(PICTURES[name]())
    server.refused("still", path)
    server.refused("publish", path)
    probed = server.ask("probe", path)  # which reads no pixel, and may tell what the file claims
    assert re.match(r"done \d+|SHOTMILL E20[56] ", probed.words), probed
    server.check_bounds(probed)
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", MOVIES)
def test_a_movie_that_is_a_bomb_is_refused(name: str, server: Server, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(MOVIES[name]())
    server.refused("still", path)
    probed = server.ask("probe", path)
    assert re.match(r"done \d+|SHOTMILL E20[56] ", probed.words), probed
    server.check_bounds(probed)


def test_a_length_of_a_billion_digits_is_not_counted_out(server: Server, tmp_path: Path) -> None:
    (tmp_path / "long.mkv").write_bytes(long_matroska())
    said = server.ask("probe", tmp_path / "long.mkv")
    assert said.words == "done 64"
    server.check_bounds(said)


def test_a_large_picture_is_checked_strip_by_strip(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "black.png"  # 600 MB in 600 KB, as large as is allowed
    path.write_bytes(png(20_000, 10_000, black_rows(20_000, 10_000)))
    said = server.ask("publish", path)
    assert said.words == "done", said
    assert said.memory_kib < MEMORY_KIB


def test_the_movies_that_are_made_worse_are_sound_before(tmp_path: Path) -> None:
    for number, (suffix, codec) in enumerate([("mov", "mjpeg"), ("matroska", "libx264")]):
        path = tmp_path / f"{number}.{'mov' if suffix == 'mov' else 'mkv'}"
        path.write_bytes(movie(suffix, codec))
        with Movie(path) as found:
            assert (found.header.frames, found.frame(2).shape) == (3, (64, 64, 3))


def test_the_setting_that_the_message_names_lifts_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    write_image(path, np.zeros((400, 1000, 3), np.uint8))
    with pytest.raises(InputTooLargeError, match=r"1000x400 pixels, 1000 are allowed; .* setting max_pixels"):
        read_header(path, Limits(max_pixels=1000))
    with pytest.raises(InputTooLargeError, match=r"decodes to 1 MiB.*raise the setting max_image_mib"):
        read_image(path, limits=Limits(max_image_mib=0))
    with pytest.raises(InputTooLargeError, match=r"holds 1 MiB in 1 parts.*raise the setting max_image_mib"):
        check_whole(path, Limits(max_image_mib=0))
    read_image(path, limits=Limits(max_pixels=400_000, max_image_mib=1))
    check_whole(path, Limits(max_pixels=400_000, max_image_mib=1))


def test_a_file_whose_parts_go_round_in_a_circle_ends(server: Server, tmp_path: Path) -> None:
    (tmp_path / "circle.tif").write_bytes(tiff(2, 2, after=12))
    server.check_bounds(server.ask("still", tmp_path / "circle.tif"))
    server.check_bounds(server.ask("publish", tmp_path / "circle.tif"))


@pytest.mark.parametrize("action", ["probe", "still", "publish"])
def test_what_is_no_file_is_refused_without_reading(action: str, server: Server, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "folder.png").mkdir()
    for name in ("pipe.png", "device.png", "folder.png"):
        assert "is no file but a folder, a pipe or a device" in server.refused(action, tmp_path / name).words


def test_a_movie_that_is_no_file_is_refused_without_reading(server: Server, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "device.mov").symlink_to("/dev/zero")
    for name in ("pipe.mov", "device.mov"):
        assert "is not there" in server.ask("still", tmp_path / name).words


def test_a_frame_cut_out_of_a_bomb_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "grows.mov"
    path.write_bytes(jpeg_of((65_500, 65_500), movie("mov", "mjpeg"), frame=2))
    with Movie(path) as found:
        with pytest.raises(InputCorruptError, match="frame 1 of movie"):
            found.frame(1)
        assert found.frame(0).shape == (64, 64, 3)
