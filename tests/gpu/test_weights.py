"""Weights are those that the settings name, or nothing goes on."""

from __future__ import annotations

import hashlib
import subprocess
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
