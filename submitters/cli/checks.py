"""What this machine needs, whether it is there, and how to mend it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from ...pipeline.settings import Loaded, Settings
from ...schema.errors import ConfigError, ShotmillError
from ...schema.machine import CheckOut

PYTHONS = ((3, 11), (3, 14))
MIN_FREE_MIB = 500
MIB = 1024 * 1024
MAX_SKEW_S = 2.0
ENCODER_TIMEOUT_S = 20.0
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)\s*(?P<bounds>[^;]*)(?:;\s*(?P<marker>.*))?")
_BOUND = re.compile(r"(>=|<|==)\s*([\d.]+)")


def all_checks(settings: Settings) -> list[CheckOut]:
    """Everything, in the order in which it should be mended."""
    return [
        python(),
        *packages(),
        colour(settings),
        labels(),
        decoder(),
        encoder(),
        *folders(settings),
        one_disk(settings),
        *database_checks(settings),
        clock(settings),
        hooks(settings),
        engine(settings),
        running(settings),
        told(settings),
        gpu(settings),
    ]


def problems_of(loaded: Loaded) -> list[CheckOut]:
    """What is wrong with the settings, and was left out by the other checks."""
    return [
        CheckOut(name="settings", ok=False, found=problem.message, mend=problem.hint) for problem in loaded.problems
    ]


def _guarded(name: str, look: Callable[[], str], *, needed: bool = True, mend: str = "") -> CheckOut:
    """One check: what was found, or the error with its mend."""
    try:
        return CheckOut(name=name, ok=True, needed=needed, found=look())
    except ShotmillError as error:
        return CheckOut(name=name, ok=False, needed=needed, found=error.message, mend=error.hint or mend)
    except ImportError as error:
        again = "pip install --force-reinstall shotmill"
        return CheckOut(name=name, ok=False, needed=needed, found=f"does not import: {error}", mend=again)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return CheckOut(name=name, ok=False, needed=needed, found=str(error), mend=mend)


def python() -> CheckOut:
    """The interpreter."""
    found = sys.version.split()[0]
    ok = PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]
    return CheckOut(name="python", ok=ok, found=found, mend="install Python 3.11, 3.12 or 3.13")


def packages() -> list[CheckOut]:
    """Every package of the base install, against the bounds that ours asks for."""
    checks = []
    for line in requires("shotmill") or ():
        found = _REQUIREMENT.match(line)
        if found is None or "extra ==" in (found["marker"] or ""):
            continue
        checks.append(_package(found["name"], found["bounds"].strip()))
    return checks


def _package(name: str, bounds: str) -> CheckOut:
    mend = f"pip install '{name}{bounds}'"
    try:
        there = version(name)
    except PackageNotFoundError:
        return CheckOut(name=name, ok=False, found="not installed", mend=mend)
    ok = fits(there, bounds)
    return CheckOut(name=name, ok=ok, found=there if ok else f"{there}, but {bounds} is needed", mend=mend)


def fits(there: str, bounds: str) -> bool:
    """Whether a version lies within bounds such as ``>=2.1,<2.2``; what follows the numbers does not count."""
    have = _numbers(there)
    for sign, text in _BOUND.findall(bounds):
        wanted = _numbers(text)
        width = max(len(have), len(wanted))
        left, right = have + (0,) * (width - len(have)), wanted + (0,) * (width - len(wanted))
        if not {">=": left >= right, "<": left < right, "==": left == right}[sign]:
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def colour(settings: Settings) -> CheckOut:
    """The OCIO config loads, and has the display and the view."""

    def look() -> str:
        from ...pipeline.colour import Colour

        found = Colour(settings.ocio)
        display = found.display(settings.display)
        return f"{found.name}: {display}, {found.view(display, settings.view)}"

    return _guarded("ocio config", look, mend="set OCIO or the setting 'ocio' to a config.ocio, or to ocio://default")


def labels() -> CheckOut:
    """OpenImageIO can draw text."""

    def look() -> str:
        from ...pipeline.images import FONTS, text_mask

        widths = [text_mask("shot", 20, font=font).shape[1] for font in FONTS]
        return f"draws text ({', '.join(map(str, widths))} pixels for 'shot')"

    return _guarded("labels", look)


def decoder() -> CheckOut:
    """PyAV imports and knows the codecs of plates."""

    def look() -> str:
        from ...pipeline.movies import PLATE_CODECS, missing_codecs

        missing = missing_codecs()
        if missing:
            raise RuntimeError(f"PyAV has no decoder for {', '.join(missing)}")
        return f"decodes {', '.join(PLATE_CODECS)}"

    return _guarded("movie decoder", look, mend="pip install --force-reinstall av")


def encoder() -> CheckOut:
    """The ffmpeg program that comes with imageio-ffmpeg runs."""

    def look() -> str:
        from ...pipeline.movies import encoder_program

        program = encoder_program()
        ran = subprocess.run(
            [program, "-version"], capture_output=True, text=True, check=True, timeout=ENCODER_TIMEOUT_S
        )
        return f"{' '.join(ran.stdout.split()[:3])}, {program}"

    return _guarded("ffmpeg", look, mend="pip install --force-reinstall imageio-ffmpeg")


def folders(settings: Settings) -> list[CheckOut]:
    """The folders can be written, and have room."""
    named = [
        ("home", settings.home),
        ("jobs folder", settings.jobs_folder),
        ("projects folder", settings.projects_folder),
    ]
    return [_folder(name, path) for name, path in named]


def _nearest(path: Path) -> Path:
    """The path, or the nearest of its parents that is there."""
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _folder(name: str, path: Path) -> CheckOut:
    there = _nearest(path)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        mend = f"make {there} a folder that this user may write, or set another one"
        return CheckOut(name=name, ok=False, found=f"{path} cannot be written", mend=mend)
    free = shutil.disk_usage(there).free // MIB
    if free < MIN_FREE_MIB:
        found = f"{path} has {free} MiB free, {MIN_FREE_MIB} are the least"
        return CheckOut(name=name, ok=False, found=found, mend="make space")
    return CheckOut(name=name, ok=True, found=f"{path} ({free} MiB free)")


def one_disk(settings: Settings) -> CheckOut:
    """Projects and jobs on one file system: then nothing but the publish itself copies between disks."""
    jobs, projects = _nearest(settings.jobs_folder), _nearest(settings.projects_folder)
    same = jobs.stat().st_dev == projects.stat().st_dev
    found = "jobs and projects share one" if same else f"{jobs} and {projects} lie on two: publishing copies across"
    return CheckOut(name="file system", ok=same, needed=False, found=found, mend="set jobs_root beside projects_root")


def database_checks(settings: Settings) -> list[CheckOut]:
    """Whether the database can be reached, is current, whole, and in a place that suits it."""
    from .studio import open_database

    try:
        database = open_database(settings)
    except ShotmillError as error:
        return [CheckOut(name="database", ok=False, found=error.message, mend=error.hint)]
    from ...pipeline.store.health import check_database

    if database.is_sqlite and not Path(str(database.url.database)).is_file():
        return [CheckOut(name="database", ok=True, found=f"{database.place}: made by the first command that needs it")]
    try:
        report = check_database(database)
    except ShotmillError as error:
        return [CheckOut(name="database", ok=False, found=error.message, mend=error.hint)]
    finally:
        database.dispose()
    facts = f"{report.place}, {report.server}, revision {report.revision}, {report.size_bytes // 1024} KiB"
    checks = [_problem("database", problem, needed=True) for problem in report.problems]
    checks = checks or [CheckOut(name="database", ok=True, found=facts)]
    return [*checks, *(_problem("database disk", warning, needed=False) for warning in report.warnings)]


def _problem(name: str, text: str, *, needed: bool) -> CheckOut:
    """A sentence that ends in what to do, taken apart."""
    found, _, mend = text.rpartition("; ")
    return CheckOut(name=name, ok=False, needed=needed, found=found or text, mend=mend if found else "")


def clock(settings: Settings) -> CheckOut:
    """This machine's clock against that of the disk: leases and sorting by time need them near each other."""
    before = time.time()
    try:
        with tempfile.NamedTemporaryFile(dir=_nearest(settings.projects_folder)) as probe:
            skew = Path(probe.name).stat().st_mtime - before
    except OSError as error:
        mend = "mend the projects folder first"
        return CheckOut(name="clock", ok=False, needed=False, found=f"cannot be compared: {error.strerror}", mend=mend)
    ok = abs(skew) < MAX_SKEW_S
    found = f"{skew:+.1f} s to the disk's" if not ok else "agrees with the disk's"
    return CheckOut(name="clock", ok=ok, found=found, mend="let NTP set the clocks of this machine and of the server")


def engine(settings: Settings) -> CheckOut:
    """What the local engine may use, and that it finds its own program."""

    def look() -> str:
        from ...farm_plugins.local.cold import program
        from ...farm_plugins.local.slots import capacity_of

        capacity = capacity_of(settings)
        return f"{capacity.cpu} cores, {capacity.memory_mib} MiB, {len(capacity.gpus)} GPUs; tasks run {program()}"

    return _guarded("local engine", look)


def farm(settings: Settings, name: str) -> CheckOut:
    """Whether a farm can be reached and used."""

    def look() -> str:
        from ...farm_plugins.engines import farm_named

        return farm_named(name, settings).greet()

    return _guarded(name, look)


def running(settings: Settings) -> CheckOut:
    """Whether an engine runs now; none has to, since the next submit starts one."""

    def look() -> str:
        from ...pipeline.store.engines import live_engines
        from .studio import open_database

        database = open_database(settings)
        try:
            pids = [str(one.pid) for one in live_engines(database)]
        finally:
            database.dispose()
        return f"running as {', '.join(pids)}" if pids else "none runs; the next submit starts one"

    return _guarded("engine", look, needed=False, mend="shotmill db check")


def told(settings: Settings) -> CheckOut:
    """Whether trackers and chats that the settings name have a section, and what waits for them."""

    def look() -> str:
        from ...pipeline.outbox.targetsfile import read_targets

        if not settings.targets:
            return "nobody is told of anything; the setting 'targets' names who shall be"
        file = read_targets(settings)
        kinds = [f"{name} ({file.entry(name).kind})" for name in settings.targets]
        waits, dead = _letters(settings)
        if dead:
            raise ConfigError(f"{dead} letters are dead", hint="shotmill outbox --state dead")
        return f"{', '.join(kinds)}; {waits or 'nothing'} waits to be told"

    return _guarded("outbox", look, needed=False, mend="shotmill tracker check")


def _letters(settings: Settings) -> tuple[int, int]:
    """How many letters wait, and how many are dead; none in a database that is not there yet."""
    from ...pipeline.store.letters import counts
    from .studio import Studio

    where = Studio(str(settings.home))
    try:
        states = counts(where.known_database).values() if where.known_database is not None else ()
    finally:
        where.close()
    waits = sum(number for one in states for state, number in one.items() if state in {"pending", "sending", "failed"})
    return waits, sum(one.get("dead", 0) for one in states)


def gpu(settings: Settings) -> CheckOut:
    """GPUs; nothing in the base install needs one."""
    from ...farm_plugins.local.slots import capacity_of

    count = len(capacity_of(settings).gpus)
    mend = "none is needed by the job types that come with Shotmill"
    return CheckOut(name="gpu", ok=count > 0, needed=False, found=f"{count} that NVIDIA's driver lists", mend=mend)


def hooks(settings: Settings) -> CheckOut:
    """The studio's own publish plug-ins and hooks: all are there, and import."""
    return _guarded("studio's hooks", lambda: _loaded_hooks(settings), mend="shotmill config hooks")


def _loaded_hooks(settings: Settings) -> str:
    from ...pipeline.hooks import load, offers

    found = offers(settings)
    for offer in found:
        load(offer.code, what=offer.what)
    return ", ".join(offer.what for offer in found) or "none"
