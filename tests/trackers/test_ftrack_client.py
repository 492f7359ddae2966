"""The client is an extra; and the server that the tests give it reads queries as ftrack's documentation has them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ftrack_server import USER, RefusedError, demo_show
from ftrack_studio import keyring_of

from shotmill.pipeline.trackers.ftrack import FtrackSection, make
from shotmill.pipeline.trackers.ftrack.section import ShotAttributes
from shotmill.schema.errors import MissingExtraError

PAGE = Path(__file__).resolve().parents[2] / "docs/trackers/ftrack.md"
SECTION = {"server": "http://127.0.0.1:9", "user": USER, "key": "env:FTRACK"}


def test_the_client_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, shotmill.pipeline.trackers.ftrack; sys.exit('ftrack_api' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ftrack_api", None)
    monkeypatch.delitem(sys.modules, "shotmill.pipeline.trackers.ftrack.session", raising=False)
    with pytest.raises(MissingExtraError, match="needs ftrack_api") as missing:
        make("ftrack", SECTION, keyring_of("key"), 1.0).check()
    assert missing.value.hint == "pip install 'shotmill[ftrack]'"


def test_the_section_in_the_documentation_is_one() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    section = FtrackSection.model_validate(tomllib.loads(shown)["ftrack"])
    assert section.attributes == ShotAttributes()
    assert set(tomllib.loads(shown)["ftrack"]) | {"type"} == set(FtrackSection.model_fields)


def asked(query: str) -> list[str]:
    """Names of what a query finds."""
    action = {"action": "query", "expression": f"select name from {query}"}  # noqa: S608 - ftrack's language
    return [row["name"] for row in demo_show().run([action])[0]["data"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param('Status where name is "Approved"', "Approved", id="is"),
        pytest.param('Status where name is "aPPROVED"', "Approved", id="case does not count"),
        pytest.param('Status where name like "%ev%" and name is_not "Revise"', "Pending Review", id="like and is_not"),
        pytest.param('Status where name in ("Approved", "Revise") order by name desc', "Revise, Approved", id="in"),
        pytest.param('Status where not (name like "%i%") or name = "Revise"', "Approved, Not started, Revise", id="or"),
        pytest.param("Status order by name offset 1 limit 2", "In progress, Not started", id="order and page"),
        pytest.param("Status where sort >= 1 and sort < 3", "In progress, Pending Review", id="numbers"),
        pytest.param('Shot where parent.project.name is "demo"', "sh010", id="dotted path"),
        pytest.param('TypedContext where assignments any (resource.username is "maya")', "comp", id="any"),
        pytest.param('Task where parent has (name is "sh010")', "comp", id="has"),
        pytest.param("Shot where description is None", "sh010", id="none"),
    ],
)
def test_a_query_finds(query: str, names: str) -> None:
    found = asked(query)
    assert ", ".join(found if "order by" in query else sorted(found)) == names


@pytest.mark.parametrize("query", ["Shot where nme is 1", "Sot", "Shot where name", "Shot where name near 1", "Shot ;"])
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(RefusedError):
        asked(query)
