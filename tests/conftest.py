"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alone import set_apart
from cut_short import remove_cut_short
from disks import write_in_memory
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from postgres import own_postgres
from sqlalchemy import create_engine, text

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import upgrade

_NUMBERS = itertools.count(1)
COLLECT_AFTER = 100_000  # new objects; Python's 700 walks thousands of tests again and again while they are found
CORE = ("data", "outbox", "publish")  # folders of the tests that have to take every branch of publishing and telling
MEASURES = "COVERAGE_PROCESS_CONFIG"  # how coverage tells the processes that a test starts what to do
FIRST = "gw0"  # xdist's name of its first process
_MEASURING: dict[str, str] = {}
# Where a red run lands nothing, the same examples are drawn each time, and no clock has a say.
hypothesis_settings.register_profile(
    "landing", derandomize=True, deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("landing" if "CI" in os.environ else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Write in memory; compile for all processes, where the whole suite is spread over several."""
    write_in_memory()
    gc.set_threshold(COLLECT_AFTER)
    spreads = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if spreads and config.args == config.getini("testpaths"):
        from compiled import compile_all  # noqa: PLC0415 - a run of a few tests does without

        compile_all(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spare most hostile and drawn examples the measuring: they do again what other tests do, a hundred times."""
    set_apart(items)
    for item in items:
        again = item.get_closest_marker("hostile") or getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if again and item.path.parent.name not in CORE:
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Measure what importing all tests runs in the first of several processes alone: each one runs the same."""
    measuring: Any = getattr(session.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if measuring is None or getattr(session.config, "workerinput", {}).get("workerid", FIRST) == FIRST:
        return (yield)
    measuring.pause()
    found = yield
    measuring.resume()
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Spare processes the measuring, but those of tests that are marked."""
    if given := os.environ.pop(MEASURES, None):
        _MEASURING[MEASURES] = given
    if item.get_closest_marker("measured"):
        os.environ.update(_MEASURING)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Keep tests that share something dear in one process, where the tests are spread over several."""
    if config.getoption("dist") != "loadgroup":
        return None
    from whole_files import WholeFiles  # noqa: PLC0415 - needs xdist, which a plain run does without

    return WholeFiles(config, log)


@pytest.hookimpl(wrapper=True, trylast=True)  # inside of pytest-cov's, which combines what lies there
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Leave out what processes that were killed had begun to write of their coverage."""
    found = yield
    if not hasattr(session.config, "workerinput"):
        remove_cut_short(session.config.rootpath)
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured, such as decibels beside their floors."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    told = [str(value) for report in reports for name, value in report.user_properties if name == "measured"]
    if told:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(sorted(told)))


@pytest.fixture(autouse=True)
def _clean_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test, and none of its files lands in the user's home."""
    for name in list(os.environ):
        if name.startswith("SHOTMILL_") or name == "OCIO":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHOTMILL_HOME", str(tmp_path / "home"))
    if request.node.get_closest_marker("measured"):  # with the engines and workers of its processes
        monkeypatch.setenv("SHOTMILL_PASS_ENVIRONMENT", MEASURES)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Embedded defaults in a folder of the test's own."""
    return Settings(home=tmp_path / "home", user="artist", idle_s=1.0)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL server; SHOTMILL_TEST_POSTGRES names one, else one is started from pip's package."""
    given = os.environ.get("SHOTMILL_TEST_POSTGRES")
    if given:
        yield given
        return
    with own_postgres() as url:
        yield url


@contextmanager
def _new_postgres(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database on the PostgreSQL server."""
    name = f"shotmill_{os.getpid()}_{next(_NUMBERS)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    base, _, query = server.partition("?")
    yield base.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database on the PostgreSQL server."""
    with _new_postgres(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a database at the newest revision, to be copied: migrating for each test would cost more."""
    with _new_postgres(postgres_server) as url:
        made = Database(url)
        upgrade(made)
        made.dispose()  # what is copied must have no visitors
        yield str(made.url.database)


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    """Opens databases by URL; closes them when the test ends."""
    found: list[Database] = []

    def open_one(url: str) -> Database:
        found.append(Database(url))
        return found[-1]

    yield open_one
    for one in found:
        one.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    copied = "database" in request.fixturenames  # which is one that is migrated already
    template = request.getfixturevalue("_migrated_postgres") if copied else "template1"
    with _new_postgres(request.getfixturevalue("postgres_server"), template) as url:
        yield url


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed SQLite file at the newest revision, to be copied: migrating for each test would cost more."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    made = Database(f"sqlite:///{path}")
    upgrade(made)
    made.dispose()
    return path


@pytest.fixture
def database(database_url: str, _migrated_sqlite: Path) -> Iterator[Database]:
    """A database as the migrations make it, on both kinds."""
    found = Database(database_url)
    if found.is_sqlite:
        shutil.copyfile(_migrated_sqlite, str(found.url.database))
    yield found
    found.dispose()


@pytest.fixture
def sqlite_database(settings: Settings, _migrated_sqlite: Path) -> Iterator[Database]:
    """The embedded database of ``settings``, as the migrations make it."""
    found = Database(settings.database_url)
    shutil.copyfile(_migrated_sqlite, str(found.url.database))
    yield found
    found.dispose()
