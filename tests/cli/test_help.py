"""Help, versions, and what starting up costs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command_line import Shotmill

import shotmill as package
from shotmill.submitters.cli.main import run
from shotmill.submitters.cli.table import COMMANDS, root_help

HEAVY = (
    "torch", "cv2", "boto3", "grpc", "sqlalchemy", "opentimelineio", "pydantic", "numpy", "OpenEXR", "OpenImageIO",
    "PyOpenColorIO", "av", "rich", "alembic", "openjd", "pyblish", "fileseq", "psutil",
)  # fmt: skip
GROUPS = {
    "config": ["list", "explain", "path"],
    "db": ["upgrade", "downgrade", "backup", "restore", "restored", "check"],
}
GROUPS["timeline"] = ["diff", "update"]
GROUPS["engine"] = ["run", "status", "stop"]
JOB_TYPES = ("thumbnail", "contactsheet", "dailies", "filmstrip", "probe", "proxy", "publish", "qc")
PAGES = [
    *([name] for name in COMMANDS),
    *([group, name] for group, names in GROUPS.items() for name in names),
    *([verb, name] for verb in ("submit", "plan", "compile") for name in JOB_TYPES),
]


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_every_command_has_help(page: list[str], shotmill: Shotmill) -> None:
    ran = shotmill(*page, "--help")
    assert ran.exit_code == 0
    assert ran.out.startswith(f"Usage: shotmill {' '.join(page)}")


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (["submit", "dailies", "plate.mov", "--slate"], "submit dailies"),
        (["colour", "sett"], "colour"),
        (["--home"], ""),
    ],
)
def test_what_was_typed_wrongly_names_the_help_of_its_command(words: list[str], page: str, shotmill: Shotmill) -> None:
    ran = shotmill(*words)
    assert ran.exit_code == 64
    assert ran.err.endswith(f"what to do: {' '.join(['shotmill', *page.split()])} --help\n")


def loaded_by(code: str) -> set[str]:
    shown = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import shotmill", id="import"),
        pytest.param(
            "from shotmill.submitters.cli.main import run\ntry: run(['--help'])\nexcept SystemExit: pass", id="help"
        ),
        pytest.param(
            "from shotmill.submitters.cli.main import run\ntry: run(['--version'])\nexcept SystemExit: pass",
            id="version",
        ),
    ],
)
def test_starting_up_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & {*HEAVY, "click"} == set()


def test_the_root_of_click_loads_nothing_heavy_but_pydantic() -> None:
    assert loaded_by("import shotmill.submitters.cli.root") & set(HEAVY) <= {"pydantic"}


def test_help_is_the_same_with_and_without_click(shotmill: Shotmill) -> None:
    assert shotmill("--home", "somewhere", "--help").out.strip() == root_help()


@pytest.mark.parametrize("given", [[], ["--help"], ["-h"], ["help"]], ids=str)
def test_root_help_is_answered_at_once(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(given)
    assert (ended.value.code, capsys.readouterr().out.strip()) == (0, root_help())


def test_the_help_lists_every_command_once() -> None:
    listed = [line.split()[0] for line in root_help().splitlines() if line.startswith("  ") and line[2:3].islower()]
    assert listed == list(COMMANDS)


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["--version"])
    assert capsys.readouterr().out == f"shotmill {package.__version__}\n"


def test_a_module_run_is_the_same_program() -> None:
    ran = subprocess.run([sys.executable, "-m", "shotmill", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"shotmill {package.__version__}\n"


def test_flags_come_from_the_parameters_of_the_job_type(shotmill: Shotmill) -> None:
    text = " ".join(shotmill("submit", "thumbnail", "--help").out.split())
    assert "--width INTEGER width in square pixels; the height follows; 16 to 4096; default: 512" in text
    assert "--format [jpg|png]" in text


def test_a_shell_may_ask_what_comes_next() -> None:
    environment = {"_SHOTMILL_COMPLETE": "bash_complete", "COMP_WORDS": "shotmill line", "COMP_CWORD": "1", "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "shotmill"], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "plain,lineage\n"
