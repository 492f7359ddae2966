"""Each rule finds what it is for, at its place, and leaves the careful way of doing the same thing alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openjd.model import decode_job_template
from specs import clip, spec_of_type
from strange_bundles import CLEAN, Document, clean, found_in, runs, runs_file, slugs, step, write

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud.bundle import add_deadline_files, attached_bundle
from shotmill.farm_plugins.lint import RULES
from shotmill.jobs import job_type_names
from shotmill.pipeline.folders import JobFolder

Spoil = Callable[[Document], object]
FREE = "{{Param.Note}}"


@pytest.mark.parametrize("name", job_type_names())
def test_the_bundles_of_our_own_job_types_are_clean(name: str, tmp_path: Path) -> None:
    bundle = write_bundle(spec_of_type(name, *(clip(n, "1001-1100") for n in range(30))), JobFolder(tmp_path))
    assert found_in(bundle) == []


@pytest.mark.parametrize("name", job_type_names())
def test_what_deadline_cloud_gets_is_clean_too(name: str, tmp_path: Path) -> None:
    job = spec_of_type(name, *(clip(n, "1001-1100") for n in range(3)))
    bundle = write_bundle(job, JobFolder(tmp_path))
    add_deadline_files(job, bundle)
    assert found_in(bundle) == []
    assert found_in(attached_bundle(job, bundle)) == []


def test_a_careful_template_of_somebody_else_is_clean(tmp_path: Path) -> None:
    decode_job_template(template=clean(), supported_extensions=["TASK_CHUNKING"])
    assert found_in(write(tmp_path, CLEAN)) == []


def parameter(**given: object) -> Spoil:
    return lambda document: document["parameterDefinitions"].append({"type": "STRING", "maxLength": 9, **given})


def frame(**given: object) -> Spoil:
    return lambda document: step(document)["parameterSpace"]["taskParameterDefinitions"][0].update(given)


def sugar(language: str, text: str) -> Spoil:
    def spoil(document: Document) -> None:
        del step(document)["script"]
        document["extensions"].append("FEATURE_BUNDLE_1")
        step(document)[language] = {"script": text, "timeout": 9, "cancelation": {"mode": "NOTIFY_THEN_TERMINATE"}}

    return spoil


def environment(text: str) -> Spoil:
    file = {"name": "Enter", "type": "TEXT", "data": text}
    action = {"command": "bash", "args": ["{{Env.File.Enter}}"], "timeout": 60}
    script = {"embeddedFiles": [file], "actions": {"onEnter": action}}
    return lambda document: document.update(jobEnvironments=[{"name": "Tools", "script": script}])


def waits(*after: str) -> Spoil:
    return lambda document: step(document).update(dependencies=[{"dependsOn": name} for name in after])


def circle(document: Document) -> None:
    for name, after in (("A", "B"), ("B", "C"), ("C", "A")):
        document["steps"].append({**step(document), "name": name, "dependencies": [{"dependsOn": after}]})


def without(key: str) -> Spoil:
    return lambda document: step(document)["script"]["actions"]["onRun"].pop(key)


def runs_with(**given: object) -> Spoil:
    return lambda document: step(document)["script"]["actions"]["onRun"].update(given)


def no_output(document: Document) -> None:
    del document["parameterDefinitions"][1]


def both(*spoils: Spoil) -> Spoil:
    return lambda document: [spoil(document) for spoil in spoils]


TASK_NAMES = {"name": "Shot", "type": "STRING", "range": ["sh010", "sh020"]}
FREE_NAMES = {"name": "Shot", "type": "STRING", "range": ["{{Param.Note}}"]}


def shots(given: Document) -> Spoil:
    return lambda document: step(document)["parameterSpace"]["taskParameterDefinitions"].append(given)


SPOILED = {
    "bash -c": ("shell-text", runs("bash", "-c", f"nuke {FREE}")),
    "sh -ec, by its path": ("shell-text", runs("/bin/sh", "-ec", f"nuke '{FREE}'")),
    "env bash -lc": ("shell-text", runs("env", "X=1", "bash", "-lc", f"nuke {FREE}")),
    "options with values before -c": ("shell-text", runs("bash", "-euc", "-o", "pipefail", f"nuke {FREE}")),
    "cmd /c": ("shell-text", runs("cmd.exe", "/C", "echo", FREE)),
    "powershell": ("shell-text", runs("pwsh", "-Command", f"Write-Host {FREE}")),
    "a raw value": ("shell-text", runs("bash", "-c", "nuke {{ RawParam.Scene }}")),
    "a script that bash runs": ("shell-text", runs_file(f"echo ok\nnuke '{FREE}'\n")),
    "a script with a first line": ("shell-text", runs_file(f"#!/usr/bin/env bash\nnuke {FREE}", by=())),
    "a script without a first line": ("shell-text", runs_file(f"nuke {FREE}", by=())),
    "a script by its suffix": ("shell-text", runs_file(f"nuke {FREE}", by=("run-it",), filename="run.sh")),
    "a here-document": ("shell-text", runs_file(f"cat <<'EOF'\n{FREE}\nEOF\n")),
    "a script of an environment": ("shell-text", environment(f"export X={FREE}")),
    "a task parameter of free text": ("shell-text", both(shots(FREE_NAMES), runs("sh", "-c", "x {{Task.Param.Shot}}"))),
    "bash of FEATURE_BUNDLE_1": ("shell-text", sugar("bash", f"nuke {FREE}")),
    "python -c": ("code-text", runs("python3.11", "-c", f"print('{FREE}')")),
    "a script that python runs": ("code-text", runs_file(f"name = '{FREE}'", by=("python",))),
    "python of FEATURE_BUNDLE_1": ("code-text", sugar("python", f"name = r'''{FREE}'''")),
    "a text without bounds": ("unbounded-string", lambda one: one["parameterDefinitions"][2].pop("maxLength")),
    "no output": ("no-outputs", no_output),
    "a path in an argument": ("absolute-path", runs("nuke", "--out=/shows/film/comp")),
    "a path in a script": ("absolute-path", runs_file("cp a /mnt/render/b")),
    "a drive letter": ("absolute-path", runs("nuke", r"D:\shows\film")),
    "a share": ("absolute-path", runs("nuke", r"\\server\shows\film")),
    "the home of somebody": ("home-path", runs("nuke", "/home/bob/comp.nk")),
    "a home on a Mac": ("home-path", runs("nuke", "/Users/bob/comp.nk")),
    "a home on Windows": ("home-path", runs("nuke", r"C:\Users\bob\comp.nk")),
    "a tilde": ("home-path", runs("nuke", "~/comp.nk")),
    "$HOME": ("home-path", runs_file("nuke $HOME/comp.nk")),
    "an absolute default": ("path-default", parameter(name="P", type="PATH", default="/shows/film")),
    "a default that leaves the bundle": ("path-default", parameter(name="P", type="PATH", default="../film")),
    "a key under a telling name": ("secret-value", parameter(name="FtrackApiKey", default="9f8a7c6b5d")),
    "a password in a command": ("secret-value", runs("sync", "--password", "correct-horse")),
    "a password in a script": ("secret-value", runs_file('db_password = "hunter2!"', by=("python",))),
    "an exported token": ("secret-value", runs_file("export SG_TOKEN=f81d4fae7dec11d0")),
    "a parameter for a password": ("secret-parameter", parameter(name="DbPassword")),
    "chunks without the extension": ("chunk-extension", lambda one: one.pop("extensions")),
    "a border from the size": ("chunk-borders", runs_file("end=$((first + 4 - 1))")),
    "a border from one less": ("chunk-borders", runs_file("last = first + 3", by=("python",))),
    "a border from a parameter": (
        "chunk-borders",
        both(frame(chunks={"defaultTaskCount": "{{Param.Count}}"}), runs_file("x {{Param.Count}}")),
    ),
    "a gap taken for a range": ("chunk-gaps", runs_file("first=${1%-*}; last=${1#*-}")),
    "a gap split in python": ("chunk-gaps", runs_file("a, b = frames.split('-')", by=("python",))),
    "no timeout": ("no-timeout", without("timeout")),
    "no notice": ("no-notice", without("cancelation")),
    "killed at once": ("no-notice", runs_with(cancelation={"mode": "TERMINATE"})),
    "a circle of three": ("cycle", circle),
    "a step that waits for itself": ("cycle", waits("Render")),
    "an unknown step": ("unknown-step", waits("Rendr")),
    "a long job name": ("limit", lambda one: one.update(name="n" * 129)),
    "a long step name": ("limit", lambda one: step(one).update(name="n" * 65)),
    "a long list": ("limit", frame(range=[str(n) for n in range(1025)])),
    "a long notice": ("limit", runs_with(cancelation={"notifyPeriodInSeconds": 601})),
    "an unknown key": ("refused", lambda one: one.update(colour="red")),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILED)
def test_is_found(what: str, tmp_path: Path) -> None:
    slug, spoil = SPOILED[what]
    document = clean()
    spoil(document)
    assert slug in slugs(write(tmp_path, document))


CAREFUL = {
    "an argument of its own": runs("bash", "-c", 'nuke "$1"', "bash", FREE),
    "an argument behind a script": runs_file('nuke "$1"', by=("bash",)),
    "a listed value": runs("bash", "-c", "nuke {{Param.Quality}}"),
    "a number": runs("bash", "-c", "nuke {{Param.Count}} {{Task.Param.Frame}}"),
    "listed shots": both(shots(TASK_NAMES), runs("sh", "-c", "x {{Task.Param.Shot}}")),
    "the session's folder": runs("bash", "-c", "ls {{Session.WorkingDirectory}}"),
    "free text for another program": runs("nuke", FREE),
    "a file of values that nothing runs": runs_file(FREE, by=("nuke",), filename="values.json"),
    "programs of the system": runs_file("/usr/bin/env python3 > /dev/null; ls /tmp/x", by=("bash",)),
    "an address": runs("curl", "https://studio.example/a/b/c"),
    "a pattern of sed": runs("sed", "s/one/two/"),
    "a path below a parameter": runs("nuke", "{{Param.Out}}/comp/v001"),
    "a token count": parameter(name="TokenCount", default="123456"),
    "where a secret lies": parameter(name="SecretName", default="studio/ftrack", maxLength=99),
    "a secret of the host": runs_file("export SG_TOKEN=$(fetch sg)\npassword=$PASSWORD", by=("bash",)),
    "a key of a dictionary": runs_file("first = key.split(':')[0]; tokens = text.split()", by=("python",)),
    "a list of ranges": runs_file("for part in $(echo $1 | tr , ' '); do a=${part%-*}; done", by=("bash",)),
    "a range of chunks without gaps": both(
        frame(chunks={"defaultTaskCount": 4, "rangeConstraint": "CONTIGUOUS"}), runs_file("a=${1%-*}")
    ),
    "another sum": runs_file("x=$((first + 30))"),
}


@pytest.mark.parametrize("what", CAREFUL)
def test_is_left_alone(what: str, tmp_path: Path) -> None:
    document = clean()
    CAREFUL[what](document)
    assert slugs(write(tmp_path, document)) == set()


def test_a_finding_says_where_and_what(tmp_path: Path) -> None:
    document = clean()
    runs_file(f"echo ok\nnuke {FREE}\n")(document)
    [found] = found_in(write(tmp_path, document))
    assert (found.code, found.severity, found.step) == ("L201", "error", "Render")
    assert (found.file, found.place) == ("template.json", "$.steps[0].script.embeddedFiles[0].data")
    assert found.what == "Param.Note (STRING) stands in text that bash runs in line 2"


def test_a_circle_is_named_and_the_crash_of_the_library_is_not_reached(tmp_path: Path) -> None:
    document = clean()
    circle(document)
    with pytest.raises(IndexError):
        decode_job_template(template=document, supported_extensions=["TASK_CHUNKING"])
    [found] = [one for one in found_in(write(tmp_path, document)) if one.code == "L104"]
    assert found.what == "steps wait for each other: A -> B -> C -> A"


def test_the_words_of_the_library_are_one_line(tmp_path: Path) -> None:
    document = {**clean(), "colour": "red", "name": ""}
    [found] = [one for one in found_in(write(tmp_path, document)) if one.slug == "refused"]
    assert found.what.endswith("(and 1 more)")
    assert "\n" not in found.what


def test_names_of_assets_are_absolute(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    names = ["plates/a.exr", "/shows/a.exr", r"D:\shows\a.exr"]
    assets = {"assetReferences": {"inputs": {"filenames": names}, "outputs": {"directories": ["./out"]}}}
    write(tmp_path, assets, name="asset_references.json")
    assert [(one.code, one.place) for one in found_in(tmp_path)] == [
        ("L304", "$.assetReferences.inputs.filenames[0]"),
        ("L304", "$.assetReferences.outputs.directories[0]"),
    ]


def test_an_output_of_the_assets_is_an_output(tmp_path: Path) -> None:
    document = clean()
    no_output(document)
    write(tmp_path, {"assetReferences": {"outputs": {"directories": ["/shows/out"]}}}, name="asset_references.json")
    assert slugs(write(tmp_path, document)) == set()


def test_a_folder_that_hosts_share_needs_no_output(tmp_path: Path) -> None:
    document = clean()
    document["parameterDefinitions"][1].update(dataFlow="NONE")
    runs("nuke", "{{RawParam.Out}}")(document)
    assert slugs(write(tmp_path, document)) == set()


def test_assets_may_name_fifty_thousand_frames(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    names = [f"/shows/film/seq010/shot0100/plates/v003/4096x2160/plate_v003.{n:06d}.exr" for n in range(50_000)]
    write(tmp_path, {"assetReferences": {"inputs": {"filenames": names}}}, name="asset_references.json")
    assert slugs(tmp_path) == set()


def test_an_environment_template_is_linted_too(tmp_path: Path) -> None:
    document = clean()
    environment(f"x {FREE}")(document)
    lone = {
        "specificationVersion": "environment-2023-09",
        "parameterDefinitions": document["parameterDefinitions"],
        "environment": document["jobEnvironments"][0],
    }
    assert slugs(write(tmp_path, lone, name="tools.json") / "tools.json") == {"shell-text"}


def test_a_document_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, CLEAN, name="template.yaml")
    assert slugs(write(tmp_path, CLEAN)) == {"two-files"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("template.json", '{"name": "a", "name": "b"}', id="JSON"),
        pytest.param("template.yaml", "name: a\nsteps: []\nname: b\n", id="YAML"),
    ],
)
def test_a_repeated_key_is_found(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert "key 'name' is there twice" in {one.what for one in found_in(tmp_path)}


def test_every_rule_is_tried_here() -> None:
    elsewhere = {"unreadable", "two-files", "repeated-key", "relative-asset", "secret"}
    assert {slug for slug, _spoil in SPOILED.values()} | elsewhere == {rule.slug for rule in RULES}


def test_rules_have_codes_of_their_own_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len({rule.slug for rule in RULES}) == len(RULES)
