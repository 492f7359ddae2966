"""Settings: read once, at the edge, into one typed value that is passed down.

Layers, weakest first: built-in defaults, the site file, the file in ``home``, environment variables, flags.
The site file is named by ``SHOTMILL_CONFIG``; the other is ``<home>/shotmill.toml``. Both are flat TOML.
Nothing below this module reads the environment.
"""

from __future__ import annotations

import difflib
import getpass
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, ValidationError

from ..schema.base import Document
from ..schema.errors import ConfigError
from ..schema.job import WeightsRef
from ..schema.media import as_value_error
from ..schema.names import check_name, check_text
from ..schema.roles import Role

ENV_PREFIX = "SHOTMILL_"
# Variables of our own prefix that are not settings.
FOR_TESTS = "SHOTMILL_TEST_"
NOT_SETTINGS = frozenset(
    {
        "SHOTMILL_CONFIG",
        "SHOTMILL_ATTEMPT",
        "SHOTMILL_ATTEMPT_NUMBER",
        "SHOTMILL_JOB",
        "SHOTMILL_KEEPER",
        "SHOTMILL_PYTHON",
    },
)

_LISTS = frozenset(
    {
        "hooks",
        "job_types",
        "opencue_hosts",
        "opencue_limits",
        "opencue_tags",
        "pass_environment",
        "path_map",
        "publish_plugins",
        "targets",
    },
)

_TABLES = frozenset({"weights"})


def _check_home(value: Path) -> Path:
    if "?" in str(value):
        raise ValueError(f"{str(value)[:200]!r} holds a '?', behind which a database URL ends; choose another folder")
    as_value_error(check_text, str(value), field="home")
    return value


def _absolute(value: str) -> str:
    """A path that means the same in every process; a name such as ``ocio://default`` stays."""
    return str(Path(value).absolute()) if value and "://" not in value else value


def _check_pair(value: str) -> str:
    old, sign, new = value.partition("=")
    if not sign or not old.strip("/\\ ") or not new.startswith("/"):
        raise ValueError(f"{value[:200]!r} is no pair; write FROM=TO, such as P:/shows=/mnt/shows")
    return value


_Place = Annotated[str, AfterValidator(_absolute)]


class Settings(Document):
    """Everything that a studio may set. Relative paths mean the folder that the command was typed in.

    Attributes:
        home: folder of the embedded database, the jobs and, by default, the projects.
        database: SQLAlchemy URL; empty: SQLite in ``home``. ``postgresql://`` means psycopg2.
        jobs_root: folder of job folders; empty: ``<home>/jobs``. Farm hosts must see it.
        projects_root: folder of published projects; empty: ``<home>/projects``.
        project: project of a job that names none.
        user: who submits and publishes; empty: the login name.
        role: ``viewer``, ``artist``, ``supervisor``, ``admin``; empty: all on SQLite, the login's on PostgreSQL.
        ocio: OCIO config: a path or ``ocio://`` name.
        display, view: what pictures are made for; empty: the config's sRGB display and its default view.
        font: path of a .ttf, .otf or .ttc file for letters on dailies that the built-in font lacks; empty: none.
        engine: engine of a job that names none.
        submit_later: whether submitting does not wait for a farm: jobs are kept, and handed over in the background.
        cpu_slots, memory_mib, gpus: what the local engine may use; 0 or -1: what the machine has.
        lease_s: seconds after which work of a silent engine is taken over.
        grace_s: seconds that a cancelled task has to stop by itself.
        idle_s: seconds that a detached engine waits for more work.
        pass_environment: names of further environment variables that tasks see, such as those of licence servers.
        job_types: names of job types from other wheels that may be used; ``*`` allows all installed ones.
        targets: who is told of each published version, by their names in the targets file.
        targets_file: path of the file that says how targets are reached; empty: ``<home>/targets.toml``.
        publish_plugins: publish plug-ins of the studio's own, as ``module:Class`` or by the name of an entry point;
            ``*`` means all that installed wheels offer.
        hooks: hooks of installed wheels that are called, as ``EVENT.NAME``; ``*`` means all.
        hooks_file: file of hooks and plug-ins by job type and project; empty: ``<home>/hooks.toml``, if it is there.
        hook_timeout_s: seconds that one hook may take.
        hooks_any_version: whether a publish may run other versions of plug-ins and hooks than its job was submitted
            with; its report says so.
        max_pixels, max_file_mib, max_image_mib: limits of one image, against decompression bombs: its pixels, its
            file, and the channels that are read at once, decoded.
        paths: path of a ``paths.toml`` of the studio's own; empty: the built-in one.
        cost_per_cpu_hour, cost_per_gpu_hour, currency: what an hour of a core and of a GPU costs, for ``plan``.
        path_map: where folders of other machines are on this one, as ``FROM=TO``, such as ``P:/shows=/mnt/shows``:
            for what hosts and cuts of Windows machines name.
        path_rules: file of OpenJD path mapping rules; a farm whose hosts get their files by job attachments sets it.
        opencue_hosts: Cuebots, as ``host`` or ``host:port``; the first that answers is used.
        opencue_show, opencue_facility: where jobs go on OpenCue; an empty facility: Cuebot's default.
        opencue_user: whom RQD runs frames as; empty: whoever submits. Cuebot launches nothing as root.
        opencue_service: OpenCue's service of work layers; it decides what a job leaves open, such as tags.
        opencue_tags, opencue_limits: of hosts that may run work, and limits such as licences that it counts against.
        opencue_command: how OpenCue's hosts call Shotmill: RQD's own PATH is short.
        opencue_timeout_s: seconds that one call to Cuebot may take.
        keeper_idle_s: seconds that a process on an OpenCue host keeps a model for the next task; 0: each task loads its
            own.
        deadline_farm, deadline_queue: ids of the Deadline Cloud farm and queue; empty: as ``deadline config`` says.
        deadline_command: how Deadline Cloud's hosts call Shotmill.
        deadline_timeout_s: seconds that Deadline Cloud may stay silent before it counts as unreachable.
        deadline_attachments: whether plates and outputs travel as job attachments, and jobs are published here; if not,
            hosts see the same disks.
        weights: checkpoints of roto backends: a table by name, each with the ``path`` of a file and its ``sha256``.
        blender: Blender's program, or a Python with the package ``bpy`` whose name begins with ``python``; a path, or
            a name that is found on PATH. Each host that renders scenes has its own.
        cache_root: folder of what roto tasks keep for the next one; empty: ``<home>/cache/roto``.
        cache_mib: how large it may grow; 0: nothing is kept.
    """

    home: Annotated[Path, AfterValidator(_check_home)]
    database: str = ""
    jobs_root: _Place = ""
    projects_root: _Place = ""
    project: Annotated[str, AfterValidator(lambda v: as_value_error(check_name, v, field="project"))] = "local"
    user: str = ""
    role: Role | Literal[""] = ""
    ocio: _Place = "ocio://default"
    display: str = ""
    view: str = ""
    font: _Place = ""
    engine: str = "local"
    submit_later: bool = False
    cpu_slots: int = Field(default=0, ge=0)
    memory_mib: int = Field(default=0, ge=0)
    gpus: int = Field(default=-1, ge=-1)
    lease_s: float = Field(default=30.0, gt=0)
    grace_s: float = Field(default=5.0, ge=0, le=600)
    idle_s: float = Field(default=20.0, ge=0)
    pass_environment: tuple[str, ...] = ()
    job_types: tuple[str, ...] = ("*",)
    targets: tuple[str, ...] = ()
    targets_file: _Place = ""
    publish_plugins: tuple[str, ...] = ("*",)
    hooks: tuple[str, ...] = ("*",)
    hooks_file: _Place = ""
    hook_timeout_s: float = Field(default=30.0, gt=0, le=600)
    hooks_any_version: bool = False
    max_pixels: int = Field(default=32_768 * 16_384, gt=0)
    max_file_mib: int = Field(default=4096, gt=0)
    max_image_mib: int = Field(default=1024, gt=0)
    paths: _Place = ""
    cost_per_cpu_hour: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    cost_per_gpu_hour: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    currency: str = Field(default="", max_length=8)
    path_map: tuple[Annotated[str, AfterValidator(_check_pair)], ...] = ()
    path_rules: _Place = ""
    opencue_hosts: tuple[str, ...] = ("localhost",)
    opencue_show: str = "testing"
    opencue_facility: str = ""
    opencue_user: str = ""
    opencue_service: str = "default"
    opencue_tags: tuple[str, ...] = ()
    opencue_limits: tuple[str, ...] = ()
    opencue_command: str = "shotmill"
    opencue_timeout_s: float = Field(default=20.0, gt=0, le=600)
    keeper_idle_s: float = Field(default=120.0, ge=0, le=86_400)
    deadline_farm: str = Field(default="", pattern=r"^(farm-[0-9a-f]{32})?$")
    deadline_queue: str = Field(default="", pattern=r"^(queue-[0-9a-f]{32})?$")
    deadline_command: str = Field(default="shotmill", min_length=1, max_length=1024)
    deadline_timeout_s: float = Field(default=60.0, gt=0, le=3600)
    deadline_attachments: bool = False
    weights: dict[str, WeightsRef] = Field(default_factory=dict)
    blender: str = ""
    cache_root: _Place = ""
    cache_mib: int = Field(default=20_480, ge=0)

    @property
    def database_url(self) -> str:
        """The URL that SQLAlchemy gets: the driver is always named."""
        if not self.database:
            return f"sqlite:///{self.home / 'shotmill.db'}"
        for plain in ("postgresql://", "postgres://"):
            if self.database.startswith(plain):
                # SQLAlchemy 2.1 reads plain postgresql:// as psycopg 3.
                return "postgresql+psycopg2://" + self.database.removeprefix(plain)
        return self.database

    @property
    def jobs_folder(self) -> Path:
        """Where job folders lie."""
        return Path(self.jobs_root) if self.jobs_root else self.home / "jobs"

    @property
    def projects_folder(self) -> Path:
        """Where projects are published."""
        return Path(self.projects_root) if self.projects_root else self.home / "projects"

    @property
    def cache_folder(self) -> Path:
        """Where roto tasks keep what the next one may need."""
        return Path(self.cache_root) if self.cache_root else self.home / "cache" / "roto"

    @property
    def targets_path(self) -> Path:
        """Where the targets file lies."""
        return Path(self.targets_file) if self.targets_file else self.home / "targets.toml"

    @property
    def login(self) -> str:
        """Who submits."""
        return self.user or getpass.getuser()


class Origin(NamedTuple):
    """One setting, its value, and the layer that decided it."""

    name: str
    value: Any
    layer: str


class Loaded(NamedTuple):
    """Settings with the layer each one came from, and what was wrong and left out."""

    settings: Settings
    layers: Mapping[str, str]
    problems: tuple[ConfigError, ...] = ()

    def explain(self, name: str) -> Origin:
        """Say which layer decided a setting.

        Raises:
            ConfigError: there is no such setting; the message lists those that are.
        """
        if name not in Settings.model_fields:
            known = ", ".join(sorted(Settings.model_fields))
            raise ConfigError(f"there is no setting {name!r}; known: {known}", hint="shotmill config list")
        return Origin(name, getattr(self.settings, name), self.layers.get(name, "default"))


def load_settings(
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Loaded:
    """Read all layers.

    Args:
        environ: the environment; None: this process's own.
        flags: settings given on the command line; None values are not given.

    Raises:
        ConfigError: a file cannot be read, or a setting has an unknown name or a wrong value; says which layer.
    """
    found = read_settings(environ=environ, flags=flags)
    if found.problems:
        raise found.problems[0]
    return found


def read_settings(
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Loaded:
    """Read all layers, as ``load_settings`` does, and leave out what is wrong: there a weaker layer decides.

    Raises:
        ConfigError: ``home`` is wrong, for which there is nothing else.
    """
    env = os.environ if environ is None else environ
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    home = Path(str(given.get("home") or env.get("SHOTMILL_HOME") or _default_home(env))).expanduser().absolute()
    problems: list[ConfigError] = []
    decided: dict[str, list[tuple[str, Any]]] = {}  # of each setting: layers and their values, weakest first
    for layer, values in _layers(env, given, home, problems):
        for name, value in values.items():
            place = f"environment {ENV_PREFIX}{name.upper()}" if layer == "environment" else layer
            decided.setdefault(name, []).append((place, value))
    while True:
        merged = {name: layers[-1][1] for name, layers in decided.items() if layers}
        origin = {name: layers[-1][0] for name, layers in decided.items() if layers}
        try:
            return Loaded(Settings.model_validate({**merged, "home": home}), origin, tuple(problems))
        except ValidationError as error:
            problem = _settings_error(error, origin)
            name = problem.fields["setting"]
            if name == "home" or not decided.get(name):
                raise problem from error
            problems.append(problem)
            decided[name].pop()


def _layers(
    env: Mapping[str, str], flags: Mapping[str, object], home: Path, problems: list[ConfigError]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each layer and what stands in it, weakest first; what cannot be read goes to the problems."""
    site = env.get("SHOTMILL_CONFIG")
    if site:
        yield f"site file {site}", _read_toml(Path(site), problems)
    own = home / "shotmill.toml"
    if own.is_file():
        yield f"file {own}", _read_toml(own, problems)
    if ocio := env.get("OCIO"):
        yield "environment OCIO", {"ocio": ocio}
    yield "environment", _from_environment(env, problems)
    yield "flag", flags


def _settings_error(error: ValidationError, origin: Mapping[str, str]) -> ConfigError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    layer = origin.get(name, "default")
    what = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Settings.model_fields, n=3)
        what = "there is no such setting" + (f"; did you mean: {', '.join(near)}" if near else "")
    return ConfigError(f"setting {name!r} from {layer}: {what}", hint=_mend(name, layer), setting=name)


def _mend(name: str, layer: str) -> str:
    """Where a setting that is wrong is mended."""
    for kind in ("site file ", "file "):
        if layer.startswith(kind):
            return f"mend {name!r} in {layer.removeprefix(kind)}"
    if layer.startswith("environment "):
        return f"mend the variable {layer.removeprefix('environment ')}, or unset it"
    return f"mend --{name}"


def _default_home(env: Mapping[str, str]) -> str:
    data = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "~")).expanduser() / ".local" / "share")
    return str(Path(data) / "shotmill")


def _read_toml(path: Path, problems: list[ConfigError]) -> dict[str, Any]:
    """What a settings file says; nothing where it cannot be read."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"settings file {path}, named by SHOTMILL_CONFIG, is not there"
        problems.append(ConfigError(message, hint="mend SHOTMILL_CONFIG", path=path))
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(ConfigError(f"settings file {path} cannot be read: {error}", hint=f"mend {path}", path=path))
        return {}
    if "home" in found:
        del found["home"]
        message = f"'home' stands in the file {path}; set it by SHOTMILL_HOME or --home instead"
        problems.append(ConfigError(message, hint=f"take 'home' out of {path}", setting="home"))
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _table(text: str) -> Any:
    """A table as JSON; what is none is told when the settings are checked."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _from_environment(env: Mapping[str, str], problems: list[ConfigError]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in env.items():
        if not name.startswith(ENV_PREFIX) or name in NOT_SETTINGS or name.startswith(FOR_TESTS):
            continue
        key = name.removeprefix(ENV_PREFIX).lower()
        if key in Settings.model_fields:
            found[key] = _listed(text) if key in _LISTS else _table(text) if key in _TABLES else text
            continue
        near = difflib.get_close_matches(key, Settings.model_fields, n=1)
        meant = f"; did you mean {ENV_PREFIX}{near[0].upper()}" if near else ""
        message = f"environment variable {name} is no setting of Shotmill{meant}"
        problems.append(ConfigError(message, hint=f"mend its name, or unset {name}; see shotmill config list"))
    return found
