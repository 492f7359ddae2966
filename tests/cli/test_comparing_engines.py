"""``conformance``: a table for tickets, JSON for programs, and an exit code that says whether anything differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from command_line import Shotmill

from shotmill.farm_plugins.conformance import FORMS, Probe, Untried
from shotmill.pipeline.settings import Settings
from shotmill.submitters.cli.commands.conformance import ENGINES, show_probes


def test_every_engine_is_compared_in_a_line_a_job(shotmill: Shotmill) -> None:
    ran = shotmill("conformance")
    lines = [line.split() for line in ran.out.splitlines()]
    assert ran.exit_code == 0
    assert [line for line in lines if line[1:2] == ["thumbnail"]] == [
        ["openjd", "thumbnail", "12", "ok"],
        ["opencue", "thumbnail", "12", "ok"],
    ]
    assert ran.out.endswith("probes, no differences\n")


def test_one_engine_may_be_named(shotmill: Shotmill) -> None:
    ran = shotmill("conformance", "--engine", "opencue", "--json")
    assert {probe["engine"] for probe in ran.json["probes"]} == {"opencue"}
    assert (ran.exit_code, ran.json["ok"], len(ran.json["probes"]) > 30) == (0, True, True)


def test_an_engine_that_does_otherwise_is_told_in_its_line(
    shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    form = FORMS["opencue"](settings)
    short = replace(form, compile=lambda spec, bundle: form.compile(spec, bundle).replace(b"1-10<", b"1-9<"))
    monkeypatch.setitem(FORMS, "opencue", lambda _settings: short)
    ran = shotmill("conformance", "--engine", "opencue")
    assert ran.exit_code == 65
    assert "frames: work: 1 of 10 frames missing" in ran.out
    assert "refused, as it must be" in ran.out
    assert "no differences" not in ran.out


def test_an_unknown_engine_is_answered_with_those_there_are(shotmill: Shotmill) -> None:
    ran = shotmill("conformance", "--engine", "qube")
    assert ran.exit_code == 64
    assert "openjd" in ran.err


def test_the_command_names_every_engine_there_is() -> None:
    assert tuple(FORMS) == ENGINES


def test_a_job_type_that_was_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code = show_probes(
        [Probe("openjd", "thumbnail", "frames")], [Untried("roto", "text: Field required")], as_json=False
    )
    said = capsys.readouterr().out
    assert "left out: roto: text: Field required" in said
    assert (code, said.splitlines()[-1]) == (0, "1 probe, no differences")
