"""doctor, config, db, task and new: this machine and what it runs."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Shotmill, run_process

from shotmill.schema.errors import EXIT_UNAVAILABLE, error_kinds
from shotmill.submitters.cli.checks import fits
from shotmill.submitters.cli.commands.task import openjd_line
from shotmill.submitters.cli.commands.watch import parse_duration
from shotmill.submitters.cli.verdicts import MENDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"


def test_doctor_finds_everything_here(shotmill: Shotmill) -> None:
    ran = shotmill("doctor")
    assert (ran.exit_code, ran.out.splitlines()[-1]) == (0, "everything that is needed is there")


def broken_names(ran_json: object) -> list[str]:
    assert isinstance(ran_json, dict)
    assert ran_json["ok"] is False
    return [check["name"] for check in ran_json["checks"] if check["needed"] and not check["ok"] and check["mend"]]


@pytest.mark.parametrize(
    ("variable", "value", "broken"),
    [
        ("OCIO", "/no/such/config.ocio", ["ocio config"]),
        ("SHOTMILL_DISPLAY", "no such display", ["ocio config"]),
        ("SHOTMILL_PROJECTS_ROOT", "/proc/projects", ["projects folder"]),
        ("SHOTMILL_JOBS_ROOT", "/dev/null/jobs", ["jobs folder"]),
        ("SHOTMILL_DATABASE", "postgresql://127.0.0.1:1/none", ["database"]),
        ("SHOTMILL_DATABASE", "mysql://127.0.0.1/none", ["database"]),
    ],
)
def test_doctor_names_what_is_broken_and_its_mend(
    variable: str, value: str, broken: list[str], monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    monkeypatch.setenv(variable, value)
    ran = shotmill("doctor", "--json")
    assert (ran.exit_code, broken_names(ran.json)) == (69, broken)
    assert "must be mended" in shotmill("doctor").out


def test_doctor_finds_a_damaged_database(home: Path, shotmill: Shotmill) -> None:
    shotmill("jobs")
    with sqlite3.connect(home / "shotmill.db") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DROP TABLE delivery")
    connection.close()
    ran = shotmill("db", "check", "--json")
    assert (ran.exit_code, set(broken_names(ran.json))) == (69, {"database"})


@pytest.mark.parametrize(("start", "words"), [(0, "file is not a database"), (4096, "malformed")])
@pytest.mark.parametrize("command", [("db", "check"), ("jobs",)])
def test_a_database_with_damaged_pages_is_to_be_replaced_by_a_backup(
    start: int, words: str, command: tuple[str, ...], home: Path, shotmill: Shotmill
) -> None:
    shotmill("jobs")
    content = (home / "shotmill.db").read_bytes()
    (home / "shotmill.db").write_bytes(content[:start] + b"\xff" * (len(content) - start))
    ran = shotmill(*command)
    (home / "shotmill.db").unlink()
    assert ran.exit_code == EXIT_UNAVAILABLE  # and not the 75 that asks a script to try again
    assert words in ran.out + ran.err
    assert f"what to do: move {home / 'shotmill.db'} away, with its -wal and -shm, and put a" in ran.out + ran.err


@pytest.mark.parametrize(
    ("there", "bounds", "fit"),
    [
        ("2.1.9", ">=2.1,<2.2", True),
        ("2.2.0", ">=2.1,<2.2", False),
        ("0.14", ">=0.13,<0.15", True),
        ("0.15", ">=0.13,<0.15", False),
        ("3.1.0.2rc1", ">=3.1", True),
        ("2.0", "==2.0.0", True),
        ("1.8.9", ">=1.8.12", False),
        ("1.0", "", True),
    ],
)
def test_versions_are_compared_number_by_number(there: str, bounds: str, fit: bool) -> None:
    assert fits(there, bounds) is fit


def test_config_says_which_layer_decided(home: Path, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill) -> None:
    home.mkdir(parents=True)
    (home / "shotmill.toml").write_text('project = "film"\nuser = "ann"\n', encoding="utf-8")
    monkeypatch.setenv("SHOTMILL_USER", "bob")
    layers = {
        one["name"]: (one["value"], one["layer"]) for one in shotmill("config", "list", "--json").json["settings"]
    }
    assert layers["project"] == ("film", f"file {home / 'shotmill.toml'}")
    assert layers["user"] == ("bob", "environment SHOTMILL_USER")
    assert layers["engine"] == ("local", "default")
    assert shotmill("config", "explain", "project").out.startswith("project = 'film', from file ")


def test_config_lists_its_files(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    site = tmp_path / "site.toml"
    site.write_text("", encoding="utf-8")
    monkeypatch.setenv("SHOTMILL_CONFIG", str(site))
    assert shotmill("config", "path").out == f"{site}\n{home / 'shotmill.toml'}  (not there)\n"


@pytest.mark.parametrize("command", [("config", "list"), ("config", "explain", "database")])
def test_config_never_shows_a_password(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    monkeypatch.setenv("SHOTMILL_DATABASE", "postgresql://ann:sesame@db/shotmill")
    ran = shotmill(*command)
    assert ("sesame" in ran.out, "ann:***@db" in ran.out) == (False, True)


def test_a_password_is_not_in_the_error_either(monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill) -> None:
    monkeypatch.setenv("SHOTMILL_DATABASE", "postgresql://ann:sesame@127.0.0.1:1/none")
    ran = shotmill("jobs")
    assert (ran.exit_code, ran.err[:4], "sesame" in ran.err) == (75, "E302", False)


@pytest.mark.parametrize(
    ("variable", "value", "exit_code", "code"),
    [
        ("SHOTMILL_HOME", "/proc/nowhere", 69, "E110"),
        ("SHOTMILL_TYPO", "1", 69, "E110"),
        ("SHOTMILL_CPU_SLOTS", "many", 69, "E110"),
        ("SHOTMILL_CONFIG", "/no/such/file.toml", 69, "E110"),
    ],
)
def test_wrong_settings_name_their_layer(
    variable: str, value: str, exit_code: int, code: str, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    monkeypatch.setenv(variable, value)
    ran = shotmill("jobs")
    assert (ran.exit_code, ran.err[:4]) == (exit_code, code)
    assert value in ran.err or variable in ran.err
    assert "what to do: " in ran.err


@pytest.fixture
def broken_settings(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name in the site file, a file of home that is no TOML, and a variable that is no number."""
    home.mkdir(parents=True)
    (tmp_path / "site.toml").write_text('projekt = "x"\nproject = "film"\n', encoding="utf-8")
    (home / "shotmill.toml").write_text("project = ", encoding="utf-8")
    monkeypatch.setenv("SHOTMILL_CONFIG", str(tmp_path / "site.toml"))
    monkeypatch.setenv("SHOTMILL_GRACE_S", "abc")


PROBLEMS = [
    ("settings file HOME/shotmill.toml cannot be read: ", "mend HOME/shotmill.toml"),
    (
        "setting 'projekt' from site file SITE: there is no such setting; did you mean: project",
        "mend 'projekt' in SITE",
    ),
    ("setting 'grace_s' from environment SHOTMILL_GRACE_S: ", "mend the variable SHOTMILL_GRACE_S, or unset it"),
]


@pytest.mark.usefixtures("broken_settings")
@pytest.mark.parametrize("words", [("list",), ("explain", "grace_s"), ("path",)])
def test_config_works_with_broken_settings_and_says_what_is_broken(
    words: tuple[str, ...], home: Path, tmp_path: Path, shotmill: Shotmill
) -> None:
    ran = shotmill("config", *words)
    assert (ran.exit_code, bool(ran.out)) == (69, True)
    for message, mend in PROBLEMS:
        for text in (message, f"what to do: {mend}\n"):
            assert text.replace("HOME", str(home)).replace("SITE", str(tmp_path / "site.toml")) in ran.err


@pytest.mark.usefixtures("broken_settings")
def test_what_is_broken_is_left_out_of_the_settings(shotmill: Shotmill) -> None:
    found = shotmill("config", "list", "--json").json
    values = {one["name"]: one["value"] for one in found["settings"]}
    assert (values["project"], values["grace_s"], len(found["problems"])) == ("film", 5.0, 3)


@pytest.mark.usefixtures("broken_settings")
def test_doctor_works_with_broken_settings(shotmill: Shotmill) -> None:
    found = shotmill("doctor", "--json").json
    assert [check["mend"].split()[0] for check in found["checks"] if check["name"] == "settings"] == ["mend"] * 3
    assert shotmill("jobs").exit_code == 69


def test_home_is_a_flag_too(tmp_path: Path, shotmill: Shotmill) -> None:
    assert shotmill("--home", tmp_path / "other", "jobs").exit_code == 0
    assert (tmp_path / "other" / "shotmill.db").is_file()


def test_the_database_goes_down_and_up_again(tmp_path: Path, home: Path, shotmill: Shotmill) -> None:
    shotmill("jobs")
    assert shotmill("db", "backup", tmp_path / "copy.db").out == f"{tmp_path / 'copy.db'}\n"
    refused = shotmill("db", "downgrade")
    assert (refused.exit_code, "say --yes" in refused.err) == (64, True)
    assert shotmill("db", "downgrade", "--yes").out.startswith("took back 00")
    for _look in range(2):  # and looking changes nothing
        assert (shotmill("db", "check").exit_code, "shotmill db upgrade" in shotmill("db", "check").out) == (69, True)
    assert shotmill("db", "upgrade").out.startswith("applied 00")
    assert (home / "shotmill.db").is_file()


def test_a_backup_is_put_back_and_what_was_there_is_kept(tmp_path: Path, home: Path, shotmill: Shotmill) -> None:
    shotmill("jobs")
    shotmill("db", "backup", tmp_path / "copy.db")
    refused = shotmill("db", "restore", tmp_path / "copy.db")
    assert (refused.exit_code, "say --yes" in refused.err) == (64, True)
    ran = shotmill("db", "restore", tmp_path / "copy.db", "--yes")
    [kept] = home.glob("shotmill.db.before-*")
    first, second, _ = ran.out.splitlines()
    assert first == f"what was there is kept as {kept}"
    assert second.startswith(f"restored from {tmp_path / 'copy.db'}; what waits to be told may have been told since")
    assert shotmill("db", "restored").out.startswith("what waits to be told")
    assert [row["verb"] for row in shotmill("audit", "database", "--json").json["events"]][-2:] == [
        "database-restored",
        "database-restored",
    ]


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be read as the head of one"])
def test_what_is_no_backup_is_not_put_back(
    content: bytes | None, tmp_path: Path, home: Path, shotmill: Shotmill
) -> None:
    shotmill("jobs")
    if content is not None:
        (tmp_path / "copy.db").write_bytes(content)
    ran = shotmill("db", "restore", tmp_path / "copy.db", "--yes")
    assert (ran.exit_code, "nothing was changed" in ran.err) == (64, True)
    assert not list(home.glob("*.before-*"))


def test_a_task_speaks_openjd(plate: Path, tmp_path: Path, shotmill: Shotmill) -> None:
    shotmill("compile", "thumbnail", plate, "--out", tmp_path / "job")
    ran = run_process(
        "task", "--bundle", tmp_path / "job" / "bundle", "--step", "render", "--frames", "1", home=tmp_path / "home"
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "openjd_status: frames 1, 1 file")
    assert "openjd_progress: " in ran.stdout


def test_a_task_that_fails_says_so_in_openjds_words(broken_plate: Path, tmp_path: Path, shotmill: Shotmill) -> None:
    shotmill("compile", "thumbnail", broken_plate, "--out", tmp_path / "job")
    ran = shotmill("task", "--bundle", tmp_path / "job" / "bundle", "--step", "render", "--frames", "1", "--attempt", 3)
    assert (ran.exit_code, ran.out.splitlines()[-1].split()[:3]) == (65, ["openjd_fail:", "SHOTMILL", "E205"])
    assert " attempt=3 " in ran.out


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028"])
def test_no_words_of_a_task_are_a_command(end: str) -> None:
    assert openjd_line("status", f"frame 1{end}openjd_fail: no") == "openjd_status: frame 1 openjd_fail: no"


def test_a_task_of_no_bundle_is_refused(tmp_path: Path, shotmill: Shotmill) -> None:
    ran = shotmill("task", "--bundle", tmp_path, "--step", "render", "--frames", "1")
    assert (ran.exit_code, "E204" in ran.out) == (65, True)


def test_new_writes_a_job_type(tmp_path: Path, shotmill: Shotmill) -> None:
    ran = shotmill("new", "denoise", "--folder", tmp_path / "wheel")
    assert ran.out.splitlines()[-1].startswith("next: pip install -e ")
    assert (tmp_path / "wheel" / "pyproject.toml").is_file()
    assert shotmill("new", "denoise", "--folder", tmp_path / "wheel").exit_code == 64


def test_every_code_has_a_mend_and_the_docs_say_the_same() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| E")]
    shown = {row[0].removeprefix("| ")[:4]: row[2].removesuffix(" |").replace("`", "") for row in rows}
    assert shown == MENDS
    assert set(MENDS) == set(error_kinds())


def test_exit_codes_of_errors_are_those_that_scripts_may_trust() -> None:
    assert {kind.exit_code for kind in error_kinds().values()} == {1, 64, 65, 69, 75}


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30min", 1800), ("2h", 7200), ("7d", 604_800)])
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


def test_a_fault_of_our_own_ends_in_one_line_and_a_file(
    shotmill: Shotmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shotmill.submitters.cli.commands.watch.parse_duration", lambda _text: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = shotmill("failures")
    [log] = tmp_path.glob("shotmill-fault-*.log")
    assert (ran.exit_code, ran.err.splitlines()) == (
        70,
        ["E100 a fault of Shotmill itself: ZeroDivisionError: division by zero", f"what to do: report it with {log}"],
    )
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_ctrl_c_while_a_library_is_imported_is_no_fault(shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch) -> None:
    """What PyOpenColorIO's bindings make of it."""

    def imported(_text: str) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr("shotmill.submitters.cli.commands.watch.parse_duration", imported)
    ran = shotmill("failures")
    assert (ran.exit_code, ran.err) == (130, "interrupted\n")


def test_names_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    name = b"plate.\xff.mov"
    (Path(tmp_path) / name.decode(errors="surrogateescape")).touch()
    command = [sys.executable.encode(), b"-m", b"shotmill", b"probe", str(tmp_path).encode() + b"/" + name]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr[:4]) == (64, "E202")
