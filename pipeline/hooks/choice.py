"""Which hooks and publish plug-ins a job gets: from the hooks file, the settings, and the wheels that are installed."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field, ValidationError

from ...schema.base import Document
from ...schema.errors import ConfigError
from ...schema.hooks import CALL, MAX_HOOK_S, HookEvent, HookName, HookRef, PluginRef
from ..entrypoints import offered, owner
from ..settings import Settings
from .loading import version_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGIN_GROUP = "shotmill.publish_plugins"
HOOK_GROUP = "shotmill.hooks"
EVERYTHING = "*"
OWN_FILE = "hooks.toml"
Points = Mapping[str, "Sequence[EntryPoint]"]


class _Scope(Document):
    """Which jobs it is for; empty lists: all."""

    use: str = Field(min_length=1, max_length=256)
    job_types: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


class _HookEntry(_Scope):
    on: HookEvent
    name: HookName
    timeout_s: float | None = Field(default=None, gt=0, le=MAX_HOOK_S)


class _HooksFile(Document):
    plugin: tuple[_Scope, ...] = ()
    hook: tuple[_HookEntry, ...] = ()


class Offer(NamedTuple):
    """One hook or plug-in that some jobs get.

    Attributes:
        code: where it is; its version is the one here, empty if it is not here.
        source: who says so, for people.
    """

    code: PluginRef | HookRef
    source: str
    job_types: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """Its name for messages."""
        if isinstance(self.code, HookRef):
            return f"hook {self.code.name!r} ({self.code.event})"
        return f"publish plug-in {self.code.name}"

    def is_for(self, job_type: str, project: str) -> bool:
        """Whether a job gets it."""
        fits_type = not self.job_types or job_type in self.job_types
        return fits_type and (not self.projects or project in self.projects)


class Chosen(NamedTuple):
    """What one job gets."""

    plugins: tuple[PluginRef, ...]
    hooks: tuple[HookRef, ...]

    def on(self, *events: HookEvent) -> tuple[HookRef, ...]:
        """The hooks of these events."""
        return tuple(hook for hook in self.hooks if hook.event in events)


def choose(settings: Settings, job_type: str, project: str) -> Chosen:
    """The hooks and plug-ins of a job, in the order in which they run.

    Raises:
        ConfigError: the hooks file is wrong, something is not on this machine, or two of one name are for the job.
    """
    mine = [offer for offer in offers(settings) if offer.is_for(job_type, project)]
    for offer in mine:
        if not offer.code.version:
            raise ConfigError(
                f"{offer.what} cannot be found on this machine: {offer.code.call}, of {offer.source}",
                hint="install it or put it on PYTHONPATH, or take it out; shotmill config hooks",
            )
    _refuse_twins(mine)
    return Chosen(
        tuple(offer.code for offer in mine if isinstance(offer.code, PluginRef)),
        tuple(offer.code for offer in mine if isinstance(offer.code, HookRef)),
    )


def _refuse_twins(mine: Iterable[Offer]) -> None:
    seen: dict[str, Offer] = {}
    for offer in mine:
        twin = seen.setdefault(offer.what, offer)
        if twin is not offer:
            raise ConfigError(
                f"{offer.what} is there twice: {twin.code.call} of {twin.source} and {offer.code.call} of "
                f"{offer.source}",
                hint="rename one, or take it out",
            )


def offers(settings: Settings) -> list[Offer]:
    """All that is set or installed, whichever jobs it is for.

    Raises:
        ConfigError: the hooks file or a setting is wrong; names the entry.
    """
    return [*_plugins(settings), *_hooks(settings)]


def _plugins(settings: Settings) -> Iterator[Offer]:
    points = offered(PLUGIN_GROUP)
    found, source = _file(settings)
    placed = {entry.use for entry in found.plugin}  # the file says for which jobs
    for use in settings.publish_plugins:
        for name in [one for one in sorted(points) if one not in placed] if use == EVERYTHING else [use]:
            yield Offer(_plugin(name, points, "the setting publish_plugins"), _says(use, "publish_plugins"))
    for entry in found.plugin:
        yield Offer(_plugin(entry.use, points, source), source, entry.job_types, entry.projects)


def _plugin(use: str, points: Points, source: str) -> PluginRef:
    call, wheel, known = _resolved(use, points, PLUGIN_GROUP, source)
    return PluginRef(call=call, wheel=wheel, version=known)


def _hooks(settings: Settings) -> Iterator[Offer]:
    points = offered(HOOK_GROUP)
    found, source = _file(settings)
    placed = {entry.use for entry in found.hook}
    for use in settings.hooks:
        for key in [one for one in sorted(points) if one not in placed] if use == EVERYTHING else [use]:
            yield Offer(_hook(key, points, settings), _says(use, "hooks"))
    for entry in found.hook:
        call, wheel, known = _resolved(entry.use, points, HOOK_GROUP, source)
        timeout_s = entry.timeout_s or settings.hook_timeout_s
        code = HookRef(event=entry.on, name=entry.name, call=call, wheel=wheel, version=known, timeout_s=timeout_s)
        yield Offer(code, source, entry.job_types, entry.projects)


def _says(use: str, setting: str) -> str:
    return "an installed wheel" if use == EVERYTHING else f"the setting {setting}"


def _hook(key: str, points: Points, settings: Settings) -> HookRef:
    """A hook of a wheel, whose entry point is called ``EVENT.NAME``."""
    call, wheel, known = _resolved(key, points, HOOK_GROUP, "the setting hooks")
    event, _, name = key.partition(".")
    given = {"event": event, "name": name, "call": call, "wheel": wheel, "version": known}
    try:
        return HookRef.model_validate({**given, "timeout_s": settings.hook_timeout_s})
    except ValidationError as error:
        raise ConfigError(
            f"{wheel or 'a wheel'} offers the hook {key!r}; an entry point of {HOOK_GROUP} is called EVENT.NAME, and "
            f"events are {', '.join(HookEvent)}",
            hint=f"pip uninstall {wheel}" if wheel else "",
        ) from error


def _resolved(use: str, points: Points, group: str, source: str) -> tuple[str, str, str]:
    """Where something is, the wheel that brings it, and its version here."""
    if ":" in use:
        if not re.match(CALL, use):
            raise ConfigError(
                f"{use[:80]!r}, which {source} names, is no module:name", hint="such as studio.checks:Slate"
            )
        return use, "", version_of(use) or ""
    claims = points.get(use, [])
    if len(claims) > 1:
        raise ConfigError(
            f"{use!r} of {group} is claimed by {' and '.join(map(owner, claims))}", hint="pip uninstall one of them"
        )
    if not claims:
        near = difflib.get_close_matches(use, points, n=3)
        known = f"did you mean: {', '.join(near)}" if near else f"installed: {', '.join(sorted(points)) or 'none'}"
        raise ConfigError(f"{use!r}, which {source} names, is no module:name and no entry point of {group}; {known}")
    [point] = claims
    wheel = point.dist.name if point.dist else ""
    return point.value.replace(" ", ""), wheel, version_of(point.value, wheel) or ""


def _file(settings: Settings) -> tuple[_HooksFile, str]:
    """The hooks file and its name; nothing where there is none."""
    path = Path(settings.hooks_file) if settings.hooks_file else settings.home / OWN_FILE
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if settings.hooks_file:
            raise ConfigError(
                f"the hooks file {path} is not there", hint="mend the setting hooks_file", path=path
            ) from None
        return _HooksFile(), str(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the hooks file {path} cannot be read: {error}", hint=f"mend {path}", path=path) from error
    try:
        return _HooksFile.model_validate(given), str(path)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        what = "there is no such key" if first["type"] == "extra_forbidden" else str(first["msg"])
        raise ConfigError(
            f"the hooks file {path}: {place}: {what.removeprefix('Value error, ')}", hint=f"mend {path}", path=path
        ) from error
