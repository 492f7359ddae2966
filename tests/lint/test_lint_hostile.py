"""Files of strangers: nothing is run, unfolded or read without end, and no form of them ends the linter."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from strange_bundles import CLEAN, clean, found_in, runs_file, slugs, step, write

from shotmill.farm_plugins.lint import Bundle, lint
from shotmill.farm_plugins.lint.reading import MAX_BYTES, Source
from shotmill.schema.errors import InputMissingError

pytestmark = pytest.mark.hostile
WORDS = """specificationVersion extensions name type default description parameterDefinitions steps script actions
onRun command args embeddedFiles data filename parameterSpace taskParameterDefinitions range chunks
defaultTaskCount dependencies dependsOn stepEnvironments jobEnvironments environment variables
hostRequirements amounts cancelation mode let bash python assetReferences inputs filenames outputs
directories parameterValues value password allowedValues"""
NINE = ", ".join(["*{}"] * 9)
BOMB = 'a: &a ["lol"]\n' + "".join(
    f"{n}: &{n} [{NINE.replace('{}', p)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = (
    "a: &a {" + ", ".join(f"k{n}: 1" for n in range(999)) + "}\n" + "".join(f"m{n}: {{<<: *a}}\n" for n in range(999))
)
TEXTS: dict[str, tuple[str, bytes, str]] = {
    "a billion laughs": ("template.yaml", BOMB.encode(), "unfolds to more than"),
    "a bomb of merges": ("template.yaml", MERGES.encode(), "unfolds to more than"),
    "an alias of itself": ("template.yaml", b"a: &a [*a]\n", "stands for what it lies in"),
    "a python object": ("template.yaml", b"!!python/object/apply:os.system ['touch ran']\n", "no YAML"),
    "lists in lists": ("template.yaml", b"[" * 100_000, "nested deeper"),
    "JSON lists in lists": ("template.json", b"[" * 100_000, "nested deeper"),
    "JSON nested seventy deep": ("template.json", b'{"a":' * 70 + b"1" + b"}" * 70, "nested deeper"),
    "too many values": ("template.json", json.dumps({"a": [1] * 400_000}).encode(), "holds more than"),
    "too large": ("template.yaml", b"#" * (MAX_BYTES + 1), "larger than"),
    "binary": ("template.yaml", bytes(range(256)) * 9, "no text in UTF-8"),
    "NUL": ("template.json", b'{"a": "\0"}', "NUL"),
    "UTF-16": ("template.json", '{"name": "x"}'.encode("utf-16"), "no text in UTF-8"),
    "half a document": ("template.json", b'{"name": ', "no JSON"),
    "a broken line": ("template.yaml", b"name: [a\nb: }", "no YAML"),
    "a number without end": ("template.json", b'{"a": ' + b"9" * 9999 + b"}", "no JSON"),
    "a number without end in YAML": ("template.yaml", b"a: " + b"9" * 9999, "no YAML"),
    "a list": ("template.json", b"[]", "holds no mapping but a list"),
    "nothing": ("template.yaml", b"", "holds no mapping but nothing"),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_is_refused_at_once(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, content, words = TEXTS[what]
    (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    began = time.thread_time()
    [found] = [one for one in found_in(tmp_path) if one.slug == "unreadable"]
    assert words in found.what
    assert time.thread_time() - began < 30
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_what_is_no_file_is_not_read(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "template.yaml")
    [found] = [one for one in found_in(tmp_path) if one.slug == "unreadable"]
    assert found.what.startswith(("it is no file", "it cannot be read: is a directory"))


def test_a_broken_file_beside_a_good_template_is_named(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    (tmp_path / "asset_references.yaml").write_bytes(b"\xff\xfe")
    assert [(one.code, one.file) for one in found_in(tmp_path)] == [("L101", "asset_references.yaml")]


@pytest.mark.parametrize("what", ["empty", "gone"])
def test_a_folder_without_a_template_is_an_error_of_the_command(what: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputMissingError, match="give the folder of a bundle, or a template"):
        found_in(tmp_path / what)


def test_aliases_that_stand_for_little_are_fine(tmp_path: Path) -> None:
    text = "x: &t 60\ny: *t\n"
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    assert "unreadable" not in {one.slug for one in found_in(tmp_path)}


@pytest.mark.no_cover  # more of what others cover; measured, it costs thrice as much
def test_fifteen_hundred_steps_are_linted_in_seconds_with_few_findings(tmp_path: Path) -> None:
    document = clean()
    worse = {**step(document), "script": {"actions": {"onRun": {"command": "bash", "args": ["-c", "{{Param.Note}}"]}}}}
    document["steps"] = [
        {**worse, "name": f"s{n}", "dependencies": [{"dependsOn": f"s{(n + 1) % 1_500}"}]} for n in range(1_500)
    ]
    began = time.thread_time()
    found = found_in(write(tmp_path, document))
    assert time.thread_time() - began < 60
    assert len(found) < 500
    assert any(one.what == "and more than 100 like these" for one in found)


def test_terminal_codes_in_a_name_are_not_told(tmp_path: Path) -> None:
    document = clean()
    step(document).update(name="\x1b[2Jx", dependencies=[{"dependsOn": "\x1b[31mgone"}])
    assert "\x1b" not in "".join(one.step + one.place + one.what for one in found_in(write(tmp_path, document)))


LONG = {
    "open braces": "{{" * 900_000,
    "one word": "a" * 1_800_000,
    "words of names": "a_b" * 600_000,
    "commands without an end": "cut " * 450_000,
    "beginnings of keys": "-----BEGIN PRIVATE KEY-----" + "A" * 1_700_000,
}


@pytest.mark.parametrize("what", LONG)
def test_no_text_takes_a_pattern_forever(what: str, tmp_path: Path) -> None:
    document = clean()
    runs_file(LONG[what])(document)
    began = time.thread_time()
    assert "limit" in slugs(write(tmp_path, document))
    assert time.thread_time() - began < 60


KEYS = st.sampled_from(sorted({*re.findall(r"[A-Za-z]+", WORDS)}))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.sampled_from(
        ["CHUNK[INT]", "STRING", "bash", "-c", "{{Param.a}}", "{{Task.File.a}}", "a", "/shows/x", "#!/bin/sh"]
    ),
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


@pytest.mark.no_cover  # more of what others cover; measured, it costs thrice as much
@given(st.dictionaries(KEYS, ANYTHING, max_size=6), st.dictionaries(KEYS, ANYTHING, max_size=3))
@hypothesis_settings(max_examples=200, deadline=None, derandomize=True)
def test_no_form_of_a_document_ends_the_linter(template: Any, beside: Any) -> None:
    sources = [Source(name, json.dumps(found), found) for name, found in (("template.json", template), ("b", beside))]
    lint(Bundle(Path(), sources[0], sources[1], sources[1]))


@pytest.mark.no_cover  # more of what others cover; measured, it costs thrice as much
@given(st.sampled_from(["parameterDefinitions", "steps", "extensions", "name"]), ANYTHING)
@hypothesis_settings(max_examples=100, deadline=None, derandomize=True)
def test_no_form_of_a_part_ends_the_linter(key: str, part: Any) -> None:
    document = {**clean(), key: part}
    empty = Source("none", "", {})
    lint(Bundle(Path(), Source("template.json", json.dumps(document), document), empty, empty))
