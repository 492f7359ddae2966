"""``doctor``: what this machine needs, whether it is there, and how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from ....pipeline.settings import Settings
from ....schema.errors import EXIT_UNAVAILABLE, ShotmillError
from ....schema.output import CheckOut, DoctorOut
from ..output import json_option, print_json
from ..studio import studio

PACKAGES = (
    "pydantic", "SQLAlchemy", "alembic", "fileseq", "opencolorio", "OpenImageIO", "av", "imageio-ffmpeg",
    "opentimelineio", "openjd-model", "openjd-sessions", "pyblish-base",
)  # fmt: skip
MIN_FREE_MIB = 500
MIB = 1024 * 1024


@click.command(
    "doctor", help="Check everything this machine needs, and say how to mend it; exit 69 when something is broken."
)
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Check the machine."""
    settings = studio(ctx).settings
    checks = [_python(), *_packages(), _colour(settings), _text(), _encoder(), *_folders(settings)]
    checks += [*database_checks(settings), _engine(settings), _gpu(settings)]
    show_checks(checks, as_json=as_json)
    return 0 if all(check.ok or not check.needed for check in checks) else EXIT_UNAVAILABLE


def show_checks(checks: list[CheckOut], *, as_json: bool) -> None:
    """Print what was checked."""
    ok = all(check.ok or not check.needed for check in checks)
    if as_json:
        print_json(DoctorOut(ok=ok, checks=tuple(checks)))
        return
    for check in checks:
        sign = "ok  " if check.ok else "FAIL" if check.needed else "note"
        print(f"{sign}  {check.name:<18} {check.found}")
        if not check.ok and check.mend:
            print(f"      what to do: {check.mend}")
    broken = sum(not check.ok and check.needed for check in checks)
    print("everything that is needed is there" if ok else f"{broken} things must be mended")


def _guarded(name: str, look: Callable[[], str], *, needed: bool = True) -> CheckOut:
    """One check: what was found, or the error with its mend."""
    try:
        return CheckOut(name=name, ok=True, needed=needed, found=look())
    except ShotmillError as error:
        return CheckOut(name=name, ok=False, needed=needed, found=error.message, mend=error.hint)
    except ImportError as error:
        mend = "pip install --force-reinstall shotmill"
        return CheckOut(name=name, ok=False, needed=needed, found=f"does not import: {error}", mend=mend)


def _python() -> CheckOut:
    found = sys.version.split()[0]
    ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return CheckOut(name="python", ok=ok, found=found, mend="install Python 3.11, 3.12 or 3.13")


def _packages() -> list[CheckOut]:
    checks = []
    for name in PACKAGES:
        try:
            checks.append(CheckOut(name=name, ok=True, found=version(name)))
        except PackageNotFoundError:
            checks.append(CheckOut(name=name, ok=False, found="not installed", mend=f"pip install {name}"))
    return checks


def _colour(settings: Settings) -> CheckOut:
    def look() -> str:
        from ....pipeline.colour import Colour

        colour = Colour(settings.ocio)
        display = colour.display(settings.display)
        return f"{colour.name}: {display}, {colour.view(display, settings.view)}"

    return _guarded("ocio config", look)


def _text() -> CheckOut:
    def look() -> str:
        from ....pipeline.images import text_width

        return f"draws text ({text_width('shot', 20)} pixels for 'shot')"

    return _guarded("labels", look)


def _encoder() -> CheckOut:
    try:
        import imageio_ffmpeg

        program = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        return CheckOut(name="ffmpeg", ok=False, found=str(error), mend="pip install imageio-ffmpeg")
    return CheckOut(name="ffmpeg", ok=True, found=program)


def _folders(settings: Settings) -> list[CheckOut]:
    named = [
        ("home", settings.home),
        ("jobs folder", settings.jobs_folder),
        ("projects folder", settings.projects_folder),
    ]
    return [_folder(name, path) for name, path in named]


def _folder(name: str, path: Path) -> CheckOut:
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(there, os.W_OK):
        mend = f"make {there} writable for this user, or set another folder"
        return CheckOut(name=name, ok=False, found=f"{path} cannot be written", mend=mend)
    free = shutil.disk_usage(there).free // MIB
    if free < MIN_FREE_MIB:
        return CheckOut(name=name, ok=False, found=f"{path} has {free} MiB free", mend="make space")
    return CheckOut(name=name, ok=True, found=f"{path} ({free} MiB free)")


def database_checks(settings: Settings) -> list[CheckOut]:
    """Whether the database can be reached, is current and whole."""

    def look() -> str:
        from ....pipeline.store import Database
        from ....pipeline.store.migrate import ensure_schema, revision

        database = Database(settings.database_url)
        try:
            ensure_schema(database)
            whole = ""
            if database.is_sqlite:
                with database.read() as connection:
                    whole = f", integrity {connection.exec_driver_sql('PRAGMA integrity_check').scalar()}"
            return f"{database.place}, revision {revision(database)}{whole}"
        finally:
            database.dispose()

    checks = [_guarded("database", look)]
    if settings.database_url.startswith("sqlite"):
        checks.append(_not_on_network(settings.home))
    return checks


def _not_on_network(home: Path) -> CheckOut:
    """SQLite's write-ahead log does not work across a network."""
    kind = filesystem_of(home)
    ok = kind not in {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"}
    mend = "keep the embedded database on a local disk, or use PostgreSQL: SHOTMILL_DATABASE=postgresql://..."
    return CheckOut(name="database disk", ok=ok, found=f"{home} lies on {kind}", mend=mend)


def filesystem_of(path: Path) -> str:
    """The kind of file system a path lies on, by the longest mount point; ``unknown`` where nothing tells."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    resolved = path.resolve()
    fitting = [(len(fields[1]), fields[2]) for fields in mounts if resolved.is_relative_to(fields[1])]
    return max(fitting, default=(0, "unknown"))[1]


def _engine(settings: Settings) -> CheckOut:
    def look() -> str:
        from ....farm_plugins.local.cold import program
        from ....farm_plugins.local.slots import capacity_of

        capacity = capacity_of(settings)
        return f"{capacity.cpu} cores, {capacity.memory_mib} MiB, {len(capacity.gpus)} GPUs; tasks run {program()}"

    return _guarded("local engine", look)


def _gpu(settings: Settings) -> CheckOut:
    from ....farm_plugins.local.slots import capacity_of

    count = len(capacity_of(settings).gpus)
    return CheckOut(
        name="gpu", ok=count > 0, needed=False, found=f"{count} GPUs", mend="none is needed for what is here"
    )
