"""Job folders and checksums."""

from __future__ import annotations

from pathlib import Path

import pytest

from shotmill.pipeline.folders import JobFolder, chunk_name
from shotmill.pipeline.hashes import hash_bytes, hash_file
from shotmill.schema.errors import InputCorruptError, InputMissingError
from shotmill.schema.frames import FrameSet


def test_a_bundle_knows_its_job_folder(tmp_path: Path) -> None:
    assert JobFolder.of_bundle(tmp_path / "J-1" / "bundle").root == tmp_path / "J-1"
    assert JobFolder.of_bundle(tmp_path / "J-1" / "edited").job == tmp_path / "J-1" / "edited" / "job.json"


def test_chunks_are_named_by_their_frames() -> None:
    assert chunk_name(FrameSet.parse("1-5,9")) == "1-5_9"


def test_long_chunks_are_named_by_span_and_hash() -> None:
    scattered = FrameSet.of(frame * frame for frame in range(1, 40))
    name = chunk_name(scattered)
    assert name.startswith("1-1521-")
    assert len(name) < 64


def test_a_folder_without_a_job_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"job\.json"):
        JobFolder(tmp_path).read_spec()


def test_a_broken_job_is_named(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    folder.bundle.mkdir()
    folder.job.write_text("{}")
    with pytest.raises(InputCorruptError, match="submit the job again"):
        folder.read_spec()


def test_checksums_are_xxh128(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.write_bytes(b"")
    # The empty digest that the xxHash project publishes for XXH3 128 bits, seed 0.
    assert hash_file(file) == ("99aa06d3014798d86001c324468d497f", 0)
    assert hash_bytes(b"") == "99aa06d3014798d86001c324468d497f"


def test_a_file_and_its_bytes_have_one_checksum(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    (tmp_path / "f").write_bytes(content)
    assert hash_file(tmp_path / "f") == (hash_bytes(content), len(content))
