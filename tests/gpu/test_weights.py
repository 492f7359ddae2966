"""Weights are those that the settings name, or nothing goes on."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest

from shotmill.pipeline.roto.weights import checked_weights, sha256_of
from shotmill.schema.errors import WeightsError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of FIPS 180-2, appendix B.1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.pt"
    path.write_bytes(b"abc")
    return path


def test_the_right_file_is_its_path(file: Path) -> None:
    assert checked_weights("sam2", file, ABC.upper()) == file


def test_a_missing_file_is_refused_with_the_expected_checksum(tmp_path: Path) -> None:
    """Roto fact 9."""
    with pytest.raises(WeightsError, match=ABC) as caught:
        checked_weights("sam2", tmp_path / "gone.pt", ABC)
    assert str(tmp_path / "gone.pt") in caught.value.message


def test_another_file_is_refused_with_both_checksums(file: Path) -> None:
    """Roto fact 9."""
    file.write_bytes(b"xyz")
    with pytest.raises(WeightsError, match=ABC) as caught:
        checked_weights("sam2", file, ABC)
    assert hashlib.sha256(b"xyz").hexdigest() in caught.value.message
    assert str(file) in caught.value.message


def test_what_is_no_checksum_is_refused(file: Path) -> None:
    with pytest.raises(WeightsError, match="64 hexadecimal digits, not 'abc'"):
        checked_weights("sam2", file, "abc")


def test_a_folder_has_the_checksum_that_the_shell_gives_it(tmp_path: Path) -> None:
    """Against find, sort and sha256sum."""
    folder = tmp_path / "vitmatte"
    (folder / "deep").mkdir(parents=True)
    for name in ("config.json", "deep/Model b.safetensors", "Z.txt"):
        (folder / name).write_text(name)
    shell = r"find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum"
    told = subprocess.run(["sh", "-c", shell], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert sha256_of(folder) == told.split()[0]
    assert checked_weights("vitmatte", folder, told.split()[0]) == folder


def test_a_file_too_many_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    before = sha256_of(tmp_path)
    (tmp_path / "b").write_text("b")
    with pytest.raises(WeightsError, match=before):
        checked_weights("vitmatte", tmp_path, before)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="holds 0 files"):
        checked_weights("vitmatte", tmp_path, ABC)


class Hostile:
    """Makes a folder as soon as somebody loads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._folder),)


def pickled(path: Path, content: object, protocol: int, *, archive: bool) -> Path:
    """A file as torch writes it: tensors lie beside a pickle in an archive, or, of old, behind some pickles."""
    plain = pickle.dumps(content, protocol=protocol)
    if not archive:
        path.write_bytes(pickle.dumps(1, protocol=2) + plain)
        return path
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("model/data.pkl", plain)
        made.writestr("model/data/0", bytes(16))
    return path


@pytest.mark.hostile
@pytest.mark.parametrize("archive", [False, True], ids=["of old", "archive"])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_checkpoint_with_code_in_it_is_refused_and_runs_nothing(tmp_path: Path, protocol: int, archive: bool) -> None:
    made = tmp_path / "made"
    path = pickled(tmp_path / "tiny.pt", {"model": {"a": Hostile(made)}}, protocol, archive=archive)
    with pytest.raises(WeightsError, match=r"would call (posix|nt) mkdir; nothing of it was run"):
        checked_weights("sam2", path, sha256_of(path))
    assert not made.exists()
    pickle.loads(pickle.dumps(Hostile(made)))  # noqa: S301 - it is our own, and proves that it would
    assert made.exists()


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_plain_containers_are_no_code(tmp_path: Path, protocol: int) -> None:
    content = {"model": OrderedDict(a=[1.5], b={2}), "name": "posix mkdir"}
    path = pickled(tmp_path / "tiny.pt", content, protocol, archive=True)
    assert checked_weights("sam2", path, sha256_of(path)) == path


@pytest.mark.hostile
@pytest.mark.parametrize(
    "pickle_code",
    [
        pytest.param(b"\x80\x02cposix\nmkdir\n.", id="by name"),
        pytest.param(b"\x80\x04\x8c\x05posix\x94\x8c\x05mkdir\x940h\x00h\x01\x93.", id="by what was said before"),
        pytest.param(b"\x80\x04\x8c\x05posix(\x8c\x05mkdir\x93.", id="by a way that cannot be told"),
        pytest.param(b"\x80\x02\x82\x01.", id="by a number of the interpreter's own"),
        pytest.param(b"\x80\x02ctorch\nload\n.", id="of torch, but no tensor"),
        pytest.param(b"\x80\x02ctorch.hub\nload\n.", id="of a part of torch"),
        pytest.param(b"\x80\x02cposix\nmkdir\n", id="and no end"),
    ],
)
def test_names_are_found_however_a_pickle_says_them(tmp_path: Path, pickle_code: bytes) -> None:
    path = tmp_path / "tiny.pt"
    path.write_bytes(pickle_code)
    with pytest.raises(WeightsError, match="hold code"):
        checked_weights("sam2", path, sha256_of(path))
