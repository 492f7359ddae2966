"""Runs pyblish the way a farm needs it.

Left to itself, pyblish drops plug-ins that do not import, goes on after a failed collector or extractor, returns no
status, lets ``sys.exit`` escape, and prints errors to standard output. Here the list of plug-ins is explicit and
checked, the run stops at the first error, and the result is a report.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import logging
import shutil
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...schema.errors import NothingPublishedError, PluginFailedError, PluginLoadError, ShotmillError
from ...schema.failure import one_line
from ...schema.job import JobSpec
from ...schema.names import plain_text
from ...schema.publishing import PluginResult, PublishedVersion, PublishReport
from ..files import write_whole
from ..folders import JobFolder
from ..paths import load_templates, templates_of
from ..settings import Settings
from ..store import Database
from ..store.runs import record_run
from .draft import Draft
from .faults import fault
from .lineage import Lineage
from .page import try_page
from .register import Origin, Place
from .stage import Staged
from .studio import VISIBLE, call_after, hooks_plugin, not_run, studio_plugins

log = logging.getLogger(__name__)

PACKAGES = ("shotmill", "pyblish-base", "SQLAlchemy", "OpenEXR", "OpenImageIO", "opencolorio")
MAX_RECORDS = 200
MAX_TEXT = 4000
Report = Callable[[float, str], None]


@dataclass
class Run:
    """What the plug-ins of one run share, as ``context.data["shotmill"]``.

    Attributes:
        own: plug-ins of the studio's.
    """

    folder: JobFolder
    spec: JobSpec
    place: Place
    lineage: Lineage
    settings: Settings
    progress: Report | None = None
    versions: list[PublishedVersion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    results: list[PluginResult] = field(default_factory=list)
    staged: list[Staged] = field(default_factory=list)
    own: tuple[type, ...] = ()

    def origin(self, draft: Draft) -> Origin:
        """Who publishes a draft, and from what."""
        spec = self.spec
        return Origin(uuid.UUID(spec.id), spec.user, spec.comment, self.lineage.of(draft))

    def tell(self, message: str) -> None:
        """Report how far the run is."""
        if self.progress is not None:
            self.progress(0.0, message)

    def clean(self) -> None:
        """Remove what was staged and did not become a version."""
        for staged in self.staged:
            shutil.rmtree(staged.folder, ignore_errors=True)


def run_publish(
    folder: JobFolder,
    spec: JobSpec,
    settings: Settings,
    database: Database,
    *,
    progress: Report | None = None,
    plugins: Sequence[type] | None = None,
) -> PublishReport:
    """Publish what a job wrote; run again, it finds what is published and says so.

    One publish, one process: pyblish keeps its state in module globals.

    Args:
        folder: of the job.
        spec: the job.
        settings: of this machine; where to publish stands in the job.
        database: whose schema is current.
        progress: told how far it is.
        plugins: None: the built-in ones.

    Raises:
        PublishError: it was refused. The report is written first, and lists what is visible.
        StorageError: the disk or the database failed; run it again.
    """
    place = _place(folder, spec, settings, database)
    run = Run(folder, spec, place, Lineage(folder, spec, place), settings, progress)
    started = datetime.now(UTC)
    try:
        _run_plugins(run, plugins)
    except ShotmillError as error:
        _call_after(run, failure=error.line())
        _keep_report(run, _report(run, started, failure=error.line()), database)
        raise
    _call_after(run)
    return _keep_report(run, _report(run, started), database)


def _call_after(run: Run, failure: str = "") -> None:
    run.notes += call_after(run.folder, run.spec, run.versions, outcome=_outcome(run, failure), failure=failure)


def _place(folder: JobFolder, spec: JobSpec, settings: Settings, database: Database) -> Place:
    """Where the job is published: as it was submitted, whoever's settings the publish runs under."""
    given = spec.destination
    if given is None:  # a job of an earlier version
        return Place(database, settings.projects_folder, load_templates(settings.paths), settings.targets)
    return Place(database, Path(given.projects), templates_of(given.templates, folder.job), given.targets)


def _run_plugins(run: Run, plugins: Sequence[type] | None) -> None:
    import pyblish.api  # noqa: PLC0415 - heavy, and its state is global
    import pyblish.util  # noqa: PLC0415 - same

    if plugins is None:
        from .plugins import BUILT_IN  # noqa: PLC0415 - loads image libraries

        plugins = [*BUILT_IN, *_studio(run)]
    chosen = checked_plugins(plugins)
    context = pyblish.api.Context()
    context.data["shotmill"] = run
    with _captured_stdout():
        results = pyblish.util.publish_iter(context, plugins=chosen, targets=["default", "farm"])
        try:
            _visit(run, results, context)
        except ShotmillError:
            raise
        except SystemExit as error:
            raise PluginFailedError(
                f"a publish plug-in ended the process with code {error.code}; it must not"
            ) from error
        except Exception as error:
            log.info("%s", traceback.format_exc())
            raise PluginFailedError(
                plain_text(f"a publish plug-in could not be run: {type(error).__name__}: {error}")
            ) from error
        finally:
            run.clean()
    run.notes += not_run(run.own, {result.plugin for result in run.results})
    if not run.versions:
        raise NothingPublishedError(
            f"job {run.spec.name} has a publish step, but nothing was published; see the report in {run.folder.root}"
        )


def _studio(run: Run) -> list[type]:
    """The studio's own plug-ins, and one that calls its hooks."""
    any_version = run.settings.hooks_any_version
    plugins, notes = studio_plugins(run.spec, any_version=any_version)
    asking, more = hooks_plugin(run.folder, run.spec, any_version=any_version)
    run.notes += [*notes, *more]
    run.own = tuple(plugins)
    return [*plugins, *asking]


def _visit(run: Run, results: Iterable[Mapping[str, Any]], context: Sequence[object]) -> None:
    products: int | None = None
    for result in results:
        run.results.append(_plugin_result(result))
        if result["error"] is not None:
            error = _as_ours(result)
            if result["plugin"] not in run.own or result["plugin"].order < VISIBLE:
                raise error
            run.notes.append(f"after the publish, and without changing it: {error}")
        if products is None:  # what the receipts hold
            products = len(context)
        elif len(context) != products and result["plugin"] in run.own:
            name = result["plugin"].__name__
            raise PluginFailedError(
                f"publish plug-in {name} made or took away products; they come from receipts alone", plugin=name
            )


def checked_plugins(plugins: Sequence[object]) -> list[type]:
    """Plug-ins in the order they will run, each fit to run.

    Raises:
        PluginLoadError: two share a name, or one is no plug-in of pyblish, or its ``process`` has another argument than
            pyblish knows.
    """
    from pyblish.api import ContextPlugin, InstancePlugin  # noqa: PLC0415 - heavy, and its state is global

    seen: dict[str, type] = {}
    for plugin in plugins:
        if not isinstance(plugin, type) or not issubclass(plugin, (ContextPlugin, InstancePlugin)):
            raise PluginLoadError(
                f"{plugin!r} is no publish plug-in; give a class made from pyblish's ContextPlugin or InstancePlugin"
            )
        if plugin.__name__ in seen:
            raise PluginLoadError(
                f"two publish plug-ins are called {plugin.__name__} ({seen[plugin.__name__].__module__} and "
                f"{plugin.__module__}); rename one, since the second would be left out",
            )
        seen[plugin.__name__] = plugin
        process = getattr(plugin, "process", None)
        names = set(inspect.signature(process).parameters) - {"self"} if callable(process) else set()
        if names not in ({"instance"}, {"context"}):
            raise PluginLoadError(
                f"publish plug-in {plugin.__name__} needs process(self, instance) or process(self, context); "
                f"it has arguments {sorted(names)}",
            )
    return sorted(seen.values(), key=lambda plugin: float(plugin.order))  # type: ignore[attr-defined]


def _plugin_result(result: Mapping[str, Any]) -> PluginResult:
    error = result["error"]
    instance = result["instance"]
    return PluginResult(
        plugin=result["plugin"].__name__,
        order=float(result["plugin"].order),
        instance=None if instance is None else str(instance.name),
        ok=error is None,
        duration_s=round(float(result["duration"] or 0) / 1000, 6),
        error=None if error is None else plain_text(f"{type(error).__name__}: {error}"),
        traceback=None if error is None else plain_text("".join(traceback.format_exception(error))[-MAX_TEXT:]),
        records=tuple(plain_text(_said(record)[:MAX_TEXT]) for record in result["records"][:MAX_RECORDS]),
    )


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - its arguments do not fit its words, or cannot be printed
        return str(record.msg)


def _as_ours(result: Mapping[str, Any]) -> ShotmillError:
    error = result["error"]
    log.info("%s", "".join(traceback.format_exception(error)))
    if isinstance(error, ShotmillError):
        return error
    name = result["plugin"].__name__
    refused = PluginFailedError(
        plain_text(f"publish plug-in {name} failed: {type(error).__name__}: {error}"), plugin=name
    )
    refused.__cause__ = error
    return refused


@contextlib.contextmanager
def _captured_stdout() -> Iterator[None]:
    """Pyblish prints errors; standard output belongs to the runner's own lines."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            yield
    finally:
        for line in said.getvalue().splitlines():
            log.info("pyblish: %s", line)


def _report(run: Run, started: datetime, *, failure: str | None = None) -> PublishReport:
    spec = run.spec
    studio = {
        f"{ref.name} ({ref.wheel or ref.call})": ref.version for refs in (spec.plugins, spec.hooks) for ref in refs
    }
    return PublishReport(
        job=run.spec.id,
        outcome=_outcome(run, failure),
        versions=tuple(run.versions),
        results=tuple(run.results),
        failure=failure,
        notes=tuple(one_line(note[:MAX_TEXT]) for note in run.notes),
        started=started,
        finished=datetime.now(UTC),
        packages={**_packages(), **studio},
    )


@functools.cache  # read from disk, and the same as long as a process lives
def _packages() -> Mapping[str, str]:
    return {name: version(name) for name in PACKAGES}


def _outcome(run: Run, failure: str | None) -> str:
    new = any(version.is_new for version in run.versions)
    return "refused" if failure else "published" if new else "already published"


def _keep_report(run: Run, report: PublishReport, database: Database) -> PublishReport:
    """Write the report beside the job and into the database, with a page for people.

    A report that cannot be kept never undoes a publish; a page that cannot be made is a note in the report.
    """
    place = run.folder.root / "publish"
    try:
        place.mkdir(parents=True, exist_ok=True)
        number = len(list(place.glob("report-*.json"))) + 1
        path = place / f"report-{number}-{uuid.uuid4().hex[:6]}.json"
        write_whole(path, report.pretty().encode())
        if note := try_page(path.with_suffix(".html"), run.spec, report, run.settings, database):
            report = report.model_copy(update={"notes": (*report.notes, note)})
            write_whole(path, report.pretty().encode())
        record_run(database, report)
    except (OSError, ShotmillError) as error:
        log.warning("the publish report could not be kept: %s", error)
    fault("report:written")
    return report
