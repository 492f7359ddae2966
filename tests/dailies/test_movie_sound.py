"""Sound goes into movies as it is, from the frame that they begin with, and ends with them."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from movie_jobs import MovieStudio, plate, rising_sound
from movie_makers import X264, ffmpeg, movie

from shotmill.pipeline.movies import measure, read_sound
from shotmill.schema.errors import BadRequestError
from shotmill.schema.media import Clip

SLATE = 3
PACKET_S = Fraction(1024, 48_000)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds that count milliseconds."""
    return rising_sound(tmp_path_factory.mktemp("sound") / "mix.wav", 2.0)


def samples(path: Path) -> tuple[float, np.ndarray]:
    """When the first sample is heard, and all of them."""
    with av.open(str(path)) as container:
        frames: list[Any] = list(container.decode(audio=0))
    return float(frames[0].pts * frames[0].time_base), np.concatenate([one.to_ndarray().ravel() for one in frames])


def test_a_sound_file_begins_with_the_first_picture_and_ends_with_the_last(
    movies: MovieStudio, plate_clip: Clip, sound: Path
) -> None:
    ran = movies.run("dailies", [plate_clip], audio=str(sound), container="mov", slate=SLATE)
    found = measure(ran.movie)
    assert abs(found.sound_end_s - Fraction(8 + SLATE, 24)) <= PACKET_S
    began, heard = samples(ran.movie)
    assert began == pytest.approx(SLATE / 24, abs=float(PACKET_S))
    assert heard[0] == pytest.approx((began - SLATE / 24) * 1000, abs=1)  # samples count milliseconds
    assert heard[-1] == pytest.approx(8 / 24 * 1000, abs=1000 * float(PACKET_S))


def test_the_sound_of_a_movie_is_trimmed_to_the_frames_and_copied_bit_for_bit(
    movies: MovieStudio, sound: Path, tmp_path: Path, plate_clip: Clip
) -> None:
    made = movie(tmp_path / "silent.mov", X264, frames=40)
    source = tmp_path / "loud.mov"
    ffmpeg("-i", made.path, "-i", sound, "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    clip = Clip(name="loud", media=str(source), entity=plate_clip.entity)
    ran = movies.run("dailies", [clip], frames="12-23", container="mov", slate=0)
    began, heard = samples(ran.movie)
    assert heard[0] - began * 1000 == pytest.approx(12 / 24 * 1000, abs=1.1)
    assert abs(measure(ran.movie).sound_end_s - Fraction(12, 24)) <= PACKET_S
    assert set(np.diff(heard)) <= {0, 1}
    assert ran.outputs()[0].facts["sound"] == "pcm_s16le"


@pytest.mark.parametrize("suffix", [".wav", ".mov", ".mkv", ".aiff"])
def test_a_part_of_plain_sound_is_cut_to_the_sample(
    movies: MovieStudio, plate_clip: Clip, sound: Path, tmp_path: Path, suffix: str
) -> None:
    """Packets of such files last up to a tenth of a second, longer than a frame; Matroska counts milliseconds."""
    source = tmp_path / f"mix{suffix}"
    ffmpeg("-i", sound, "-c:a", "pcm_s16be" if suffix == ".aiff" else "copy", source)
    places = {"plate": {"record_in": 5, "record_out": 12}}
    edit = {"name": "cut", "rate": "24", "start_frame": 0, "duration": 13, "places": places}
    given = {"edit": edit, "reel": False, "slate": 0, "burn_in": False, "codec": "prores-proxy", "width": 64}
    ran = movies.run("dailies", [plate_clip], given, audio=str(source), container="mov")
    began, heard = samples(ran.movie)
    assert began == 0
    assert abs(len(heard) - 16_000) <= (48 if suffix == ".mkv" else 0)
    assert heard[0] == pytest.approx(5000 / 24, abs=1.1)
    assert heard[-1] == pytest.approx(13_000 / 24, abs=1.1)
    assert set(np.diff(heard)) <= {0, 1}


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_aac_of_a_movie_is_copied_packet_by_packet(
    movies: MovieStudio, sound: Path, tmp_path: Path, plate_clip: Clip, suffix: str
) -> None:
    """Those that begin between frames 12 and 24, by their stamps in the source; PyAV reads both files."""
    made = movie(tmp_path / "silent.mov", X264, frames=40)
    source = tmp_path / f"loud{suffix}"
    coded = ("-c:v", "copy", "-c:a", "aac", "-b:a", "96k")
    ffmpeg("-i", made.path, "-i", sound, "-map", "0:v", "-map", "1:a", *coded, source)
    clip = Clip(name="loud", media=str(source), entity=plate_clip.entity)
    ran = movies.run("dailies", [clip], frames="12-23", container=suffix[1:], slate=0, burn_in=False, width=64)
    wanted = [data for begins, data in packets(source) if Fraction(12, 24) <= begins < Fraction(24, 24)]
    copied = packets(ran.movie)
    assert [data for _begins, data in copied] == wanted
    assert len(wanted) == pytest.approx(0.5 / PACKET_S, abs=1)
    assert 0 <= copied[0][0] <= PACKET_S
    assert ran.outputs()[0].facts["sound"] == "aac"


@pytest.mark.parametrize(
    ("picture_s", "sound_s", "suffix"),
    [
        pytest.param(0, 0.5, ".mov", id="later than the picture"),
        pytest.param(0.25, 0, ".mov", id="earlier than the picture"),
        pytest.param(0, 0.5, ".mkv", id="later, in Matroska"),
        pytest.param(0.25, 0, ".mkv", id="earlier, in Matroska"),
    ],
)
def test_sound_that_begins_at_another_time_than_its_picture_stays_there(
    movies: MovieStudio, sound: Path, tmp_path: Path, picture_s: float, sound_s: float, suffix: str
) -> None:
    """The sound counts milliseconds from where ffmpeg puts it."""
    source = apart(tmp_path / f"loud{suffix}", sound, picture_s=picture_s, sound_s=sound_s)
    for first in (0, 18):
        given = {"slate": 0, "burn_in": False, "width": 64, "container": "mov", "product": f"from{first}"}
        ran = movies.run("dailies", [Clip(name="loud", media=str(source))], given, frames=f"{first}-39")
        began, heard = samples(ran.movie)
        later_s = sound_s - picture_s - first / 24
        assert began == pytest.approx(max(later_s, 0), abs=0.0011)
        assert heard[0] == pytest.approx((began - later_s) * 1000, abs=2.1)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mkv", "pcm_s16le"), (".mkv", "libvorbis"), (".webm", "libopus"), (".mts", "aac"), (".avi", "ac3")],
)
@pytest.mark.parametrize("sound_s", [1.0, 2.0])
def test_sound_is_as_long_as_its_packets_say(
    tmp_path: Path, sound: Path, suffix: str, codec: str, sound_s: float
) -> None:
    """Beside 2 s of picture that begins 0.25 s later; such containers tell how long all of it is, or they guess."""
    made = movie(tmp_path / "silent.mov", X264, frames=48)
    path = tmp_path / f"loud{suffix}"
    coded = ("-c:v", "libvpx" if suffix == ".webm" else "copy", "-c:a", codec, "-t", "2.25")
    trimmed = ("-t", str(sound_s), "-i", sound)
    ffmpeg("-itsoffset", "0.25", "-i", made.path, *trimmed, "-map", "0:v", "-map", "1:a", *coded, path)
    found = read_sound(path)
    assert found is not None
    with av.open(str(path)) as container:
        heard = sum(one.samples for one in container.decode(audio=0)) / found.sample_rate
    assert float(found.length_s) == pytest.approx(heard, abs=float(found.packet_s))
    assert heard == pytest.approx(sound_s, abs=0.06)
    assert float(found.later_s) == pytest.approx(0 if suffix == ".avi" else -0.25, abs=0.04)


@pytest.mark.parametrize("early_s", [0.0, 0.4])
def test_packets_of_ac3_are_as_long_as_they_are(
    movies: MovieStudio, sound: Path, tmp_path: Path, early_s: float
) -> None:
    """1,536 samples, which their headers alone tell; the movie's own check allows for one."""
    made = movie(tmp_path / "silent.mov", X264, frames=40)
    path = tmp_path / "loud.mts"
    inputs = ("-itsoffset", str(early_s), "-i", made.path, "-i", sound)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "ac3", path)
    found = read_sound(path)
    assert found is not None
    assert found.packet_s >= Fraction(1536, 48_000)
    given = {"slate": 0, "burn_in": False, "width": 64, "container": "mov", "sound": "encode"}
    ran = movies.run("dailies", [Clip(name="loud", media=str(path))], given)
    assert measure(ran.movie).sound_end_s > Fraction(3, 2)


def apart(path: Path, sound: Path, *, picture_s: float, sound_s: float) -> Path:
    """A movie of 40 frames whose picture and sound begin at these times."""
    made = movie(path.parent / "silent.mov", X264, frames=40)
    inputs = ("-itsoffset", str(picture_s), "-i", made.path, "-itsoffset", str(sound_s), "-i", sound)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", path)
    return path


def test_mp3_is_known_by_its_own_name(movies: MovieStudio, plate_clip: Clip, sound: Path, tmp_path: Path) -> None:
    source = tmp_path / "mix.mp3"
    ffmpeg("-i", sound, source)
    ran = movies.run("dailies", [plate_clip], audio=str(source), container="mov", slate=0, burn_in=False, width=64)
    assert ran.outputs()[0].facts["sound"] == "mp3"


def packets(path: Path) -> list[tuple[Fraction, bytes]]:
    """When each packet of sound begins, in seconds, and what is in it."""
    with av.open(str(path)) as container:
        found = container.demux(container.streams.audio[0])
        return [(one.pts * one.time_base, bytes(one)) for one in found if one.pts is not None and one.size]


def test_sound_that_the_container_does_not_hold_is_refused_by_its_codec(
    movies: MovieStudio, plate_clip: Clip, sound: Path
) -> None:
    told = "is pcm_s16le, which .mp4 does not hold as it is (it holds aac, ac3, alac, eac3, flac, mp3, opus)"
    with pytest.raises(BadRequestError, match=re.escape(told)) as refused:
        movies.run("dailies", [plate_clip], audio=str(sound))
    assert refused.value.hint == "--sound encode"


def test_sound_is_encoded_where_somebody_says_so(movies: MovieStudio, plate_clip: Clip, sound: Path) -> None:
    ran = movies.run("dailies", [plate_clip], audio=str(sound), sound="encode", slate=0)
    found = read_sound(ran.movie)
    assert found is not None
    assert found.codec == "aac"
    assert abs(measure(ran.movie).sound_end_s - Fraction(8, 24)) <= Fraction(2048, 48_000)


def test_sound_that_ends_early_is_told(movies: MovieStudio, plate_clip: Clip, tmp_path: Path) -> None:
    short = rising_sound(tmp_path / "short.wav", 0.2)
    ran = movies.run("dailies", [plate_clip], audio=str(short), container="mov", slate=0)
    assert any("short.wav ends 0.13 s before the picture" in note for note in ran.notes)


def test_a_file_without_sound_is_refused(movies: MovieStudio, plate_clip: Clip, tmp_path: Path) -> None:
    silent = movie(tmp_path / "silent.mov", X264, frames=2)
    with pytest.raises(BadRequestError, match=r"silent\.mov holds no sound"):
        movies.run("dailies", [plate_clip], audio=str(silent.path))


def test_the_sound_of_a_cut_goes_to_its_reel_and_in_part_to_each_shot(
    movies: MovieStudio, sound: Path, tmp_path: Path
) -> None:
    """The second shot begins at record frame 6: a quarter of a second into the mix."""
    clips = [plate(tmp_path / name, 1001, 1006, name=name, size=(64, 36)) for name in ("one", "two")]
    places = {"one": {"record_in": 0, "record_out": 5}, "two": {"record_in": 6, "record_out": 11}}
    edit = {"name": "cut", "rate": "24", "start_frame": 0, "duration": 12, "places": places}
    ran = movies.run("dailies", clips, edit=edit, audio=str(sound), container="mov", slate=0, burn_in=False)
    assert abs(measure(ran.paths("reel")[0]).sound_end_s - Fraction(1, 2)) <= PACKET_S
    began, heard = samples(ran.paths()[1])
    assert heard[0] - began * 1000 == pytest.approx(250, abs=1.1)
    assert ran.outputs("reel")[0].facts["sound"] is True


def test_a_reel_hears_late_sound_late(movies: MovieStudio, sound: Path, tmp_path: Path) -> None:
    source = apart(tmp_path / "late.mov", sound, picture_s=0, sound_s=0.125)
    places = {"one": {"record_in": 0, "record_out": 5}}
    edit = {"name": "cut", "rate": "24", "start_frame": 0, "duration": 6, "places": places}
    clips = [plate(tmp_path / "one", 1001, 1006, name="one", size=(64, 36))]
    ran = movies.run("dailies", clips, edit=edit, audio=str(source), container="mov", slate=0, burn_in=False)
    for heard_in in (ran.paths("reel")[0], ran.paths()[0]):
        began, heard = samples(heard_in)
        assert began == pytest.approx(0.125, abs=0.0011)
        assert (heard[0], len(heard)) == (0, 6000)
    later = {"edit": edit, "audio": str(apart(tmp_path / "later.mov", sound, picture_s=0, sound_s=0.3))}
    mute = movies.run("dailies", clips, later, container="mov", slate=0, burn_in=False)
    assert f"reel: it is silent; {later['audio']} has no sound for its frames" in mute.notes
    asked_for = movies.run("dailies", clips, edit=edit, sound="none", slate=0, burn_in=False)
    assert not [note for note in asked_for.notes if "silent" in note]
