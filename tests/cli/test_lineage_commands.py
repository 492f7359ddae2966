"""``lineage`` both ways, ``reproduce`` and ``fsck``, as people type them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import Shotmill, write_frames

import shotmill as package

SCHEMAS = Path(package.__file__).resolve().parent / "schema" / "json"


def fits(name: str, document: Any) -> Any:
    jsonschema.validate(document, json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))
    return document


@pytest.fixture
def made(shotmill: Shotmill, tmp_path: Path) -> list[str]:
    """A comp, a thumbnail of it, and a sheet of that; their addresses."""
    plate: object = write_frames(tmp_path / "media", 1001, 1002)
    addresses = []
    for command in (("publish",), ("submit", "thumbnail"), ("submit", "contactsheet")):
        options = ("--product", "comp") if command == ("publish",) else ("--wait",)
        ran = shotmill(*command, plate, "--shot", "sq010/sh010", *options, "--json")
        assert ran.exit_code == 0, ran.err
        addresses += ran.json["versions"]
        plate = shotmill("path", addresses[-1], "--files").out.split()[0]
    return addresses


def test_lineage_is_a_tree_both_ways_and_fsck_finds_what_is_wrong(made: list[str], shotmill: Shotmill) -> None:
    comp, thumbnail, sheet = made
    lines = shotmill("lineage", sheet).out.splitlines()
    assert lines[-3:] == ["  made of", f"  `- {thumbnail}", f"     `- {comp}"]
    assert re.search(r"^  person +\S+$", "\n".join(lines), flags=re.MULTILINE)
    assert shotmill("lineage", comp, "--used-by").out.splitlines()[1:] == [f"`- {thumbnail}", f"   `- {sheet}"]
    assert shotmill("lineage", comp, "--used-by", "--depth", 1).out.splitlines()[1:] == [f"`- {thumbnail}"]
    assert "nothing was made from it yet" in shotmill("lineage", sheet, "--used-by").out
    found = fits("lineage", shotmill("lineage", comp, "--used-by", "--json").json)
    assert [one["address"] for one in found["used_by"]] == [thumbnail, sheet]
    assert [link["steps"] for link in found["links"]] == [1, 2]
    fsck_looks_and_mends_when_it_is_told_to(made, shotmill)  # of the same versions: making them takes its time


def test_a_version_is_made_again_and_kept(made: list[str], shotmill: Shotmill, tmp_path: Path) -> None:
    ran = shotmill("reproduce", made[1], "--keep", tmp_path / "again")
    assert ran.exit_code == 0
    assert ran.out.splitlines()[0] == f"{made[1]}: 1 file of 1 identical: made again byte for byte"
    assert list((tmp_path / "again").rglob("*.jpg")) or list((tmp_path / "again").rglob("*.png"))
    assert shotmill("reproduce", made[1], "--keep", tmp_path / "again").exit_code == 64
    assert fits("reproduce", shotmill("reproduce", made[1], "--json").json)["identical"]
    write_frames(tmp_path / "media", 1001).with_name("plate.1002.png").write_bytes(b"other")
    ran = shotmill("reproduce", made[0])
    assert (ran.exit_code, ran.err.split()[0]) == (65, "E507")


def fsck_looks_and_mends_when_it_is_told_to(made: list[str], shotmill: Shotmill) -> None:
    assert shotmill("fsck", "--deep").out == "3 versions, 3 folders, 3 job folders: no problems\n"
    extra = Path(shotmill("path", made[0]).out.strip()) / "notes.txt"
    extra.write_text("x")
    looked = shotmill("fsck")
    assert (looked.exit_code, looked.out.splitlines()[0]) == (65, f"file-unknown  {extra} is no file of {made[0]}")
    assert looked.out.splitlines()[-1].startswith("next: shotmill fsck --mend moves 1 of them")
    assert extra.exists()
    mended = shotmill("fsck", "--mend", "--json")
    assert mended.exit_code == 0
    [finding] = fits("fsck", mended.json)["findings"]
    assert Path(finding["mended"]).read_text() == "x"
    assert shotmill("fsck").exit_code == 0
    assert "fsck-mend" in shotmill("audit", "database").out


def test_verify_works_from_manifests_where_the_database_is_away(
    made: list[str], shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shotmill("path", made[0]).out.strip())
    monkeypatch.setenv("SHOTMILL_DATABASE", "postgresql://nobody@127.0.0.1:9/none")
    ran = shotmill("verify", folder)
    assert (ran.exit_code, ran.out[:18]) == (0, "1 version, 2 files")
    assert "manifests are believed" in ran.err
    assert shotmill("verify", "--all").exit_code == 0
    [file, *_] = sorted(folder.glob("*.png"))
    file.chmod(0o644)
    file.write_bytes(b"other")
    assert shotmill("verify", folder).exit_code == 65
