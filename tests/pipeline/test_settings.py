"""Settings: which layer wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from shotmill.pipeline.settings import Settings, load_settings
from shotmill.schema.errors import ConfigError


def test_nothing_set_gives_embedded_defaults(tmp_path: Path) -> None:
    settings = load_settings(environ={"HOME": str(tmp_path)}).settings
    assert settings.home == tmp_path / ".local/share/shotmill"
    assert settings.database_url == f"sqlite:///{settings.home}/shotmill.db"
    assert settings.jobs_folder == settings.home / "jobs"
    assert settings.projects_folder == settings.home / "projects"


def test_each_layer_beats_the_one_before(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('project = "site"\nengine = "site"\nview = "site"\nuser = "site"\n')
    (tmp_path / "shotmill.toml").write_text('engine = "home"\nview = "home"\nuser = "home"\n')
    env = {"SHOTMILL_CONFIG": str(site), "SHOTMILL_HOME": str(tmp_path), "SHOTMILL_VIEW": "env", "SHOTMILL_USER": "env"}
    loaded = load_settings(environ=env, flags={"user": "flag", "comment": None})
    found = [(loaded.explain(name).value, loaded.explain(name).layer) for name in ("project", "engine", "view", "user")]
    assert found == [
        ("site", f"site file {site}"),
        ("home", f"file {tmp_path / 'shotmill.toml'}"),
        ("env", "environment SHOTMILL_VIEW"),
        ("flag", "flag"),
    ]
    assert loaded.explain("display").layer == "default"


def test_the_field_s_own_ocio_variable_is_honoured() -> None:
    loaded = load_settings(environ={"HOME": "/nowhere", "OCIO": "/show/config.ocio"})
    assert loaded.explain("ocio").layer == "environment OCIO"


def test_relative_paths_mean_the_folder_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = {
        "HOME": "/nowhere",
        "OCIO": "show.ocio",
        "SHOTMILL_PROJECTS_ROOT": "shows",
        "SHOTMILL_PATHS": "/a/paths.toml",
    }
    found = load_settings(environ=env).settings
    assert (found.ocio, found.projects_root) == (str(tmp_path / "show.ocio"), str(tmp_path / "shows"))
    assert (found.paths, found.jobs_root, Settings(home=tmp_path).ocio) == ("/a/paths.toml", "", "ocio://default")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://db/farm", "postgresql+psycopg2://db/farm"),
        ("postgres://db/farm", "postgresql+psycopg2://db/farm"),
        ("postgresql+psycopg2://db/farm", "postgresql+psycopg2://db/farm"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_plain_postgresql_means_psycopg2(given: str, meant: str) -> None:
    assert Settings(home=Path("/h"), database=given).database_url == meant


@pytest.mark.parametrize(
    ("env", "words"),
    [
        pytest.param({"SHOTMILL_PROJEKT": "x"}, "SHOTMILL_PROJEKT", id="misspelt variable"),
        pytest.param({"SHOTMILL_GRACE_S": "soon"}, "environment SHOTMILL_GRACE_S", id="wrong type"),
        pytest.param({"SHOTMILL_PROJECT": "../up"}, "project", id="bad name"),
        pytest.param({"SHOTMILL_CONFIG": "/nowhere.toml"}, "SHOTMILL_CONFIG", id="site file gone"),
    ],
)
def test_a_wrong_setting_is_named_with_its_layer(env: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_settings(environ={"HOME": "/nowhere", **env})


@pytest.mark.parametrize("text", ["project = ", "home = '/x'", "unknown = 1", "\udcff"])
def test_a_broken_settings_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "shotmill.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=str(tmp_path) if "project" in text else ".+"):
        load_settings(environ={"SHOTMILL_HOME": str(tmp_path)})


def test_an_unknown_setting_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="database"):
        load_settings(environ={"HOME": "/nowhere"}).explain("databse")


def test_lists_in_variables_are_split_at_commas() -> None:
    env = {"HOME": "/nowhere", "SHOTMILL_JOB_TYPES": "denoise,grade"}
    assert load_settings(environ=env).settings.job_types == ("denoise", "grade")
