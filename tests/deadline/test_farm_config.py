"""``deadline config`` is read as the ``deadline`` library reads it, and clients go where those of the library go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import RefreshableCredentials
from deadline.client import api
from deadline.client.config import config_file
from deadline_user import FarmUser

from shotmill.farm_plugins.deadline_cloud import config as ours
from shotmill.farm_plugins.deadline_cloud.config import deadline_config, setting
from shotmill.farm_plugins.deadline_cloud.session import open_client, open_session
from shotmill.schema.errors import EngineRefusedError

NAMES = (
    ours.PROFILE, ours.FARM, ours.QUEUE, ours.REGION, ours.STORAGE_PROFILE, ours.PROXY, ours.CA_BUNDLE,
    ours.BUNDLE_HOOKS, ours.ENVIRONMENT_HOOKS,
)  # fmt: skip
PLAIN = """[defaults]
aws_profile_name = film
[profile-film defaults]
farm_id = farm-1
[profile-film farm-1 defaults]
queue_id = queue-1
farm_region = eu-central-1
[profile-film farm-1 settings]
storage_profile_id = sp-1
[profile-film farm-2 defaults]
queue_id = queue-2
[settings]
https_proxy = http://proxy.example:8080
ca_bundle = ~/studio.pem
allow_bundle_hooks = Yes
"""
OTHER = """[profile-(default) defaults]
farm_id = farm-3
[profile-(default)  defaults]
queue_id = of-no-farm
"""
PROFILES = """[default]
region = us-west-2
[profile film]
region = eu-west-1
credential_process = /bin/cat {place}
"""
CREDENTIALS = {
    "Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s", "SessionToken": "t",
    "Expiration": "2999-01-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_sessions() -> Iterator[None]:
    api._session.invalidate_boto3_session_cache()
    yield
    api._session.invalidate_boto3_session_cache()


@pytest.fixture
def place(user: FarmUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the config lies, on a machine with profiles."""
    assert user.farm.name == "deadline"
    (tmp_path / "user" / "credentials.json").write_text(json.dumps(CREDENTIALS))
    (tmp_path / "user" / "aws-config").write_text(PROFILES.format(place=tmp_path / "user" / "credentials.json"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    return tmp_path / "user" / "deadline"


def theirs(**changes: str) -> Any:
    found = config_file.ConfigParser()
    found.read_dict(config_file.read_config())
    for name, value in changes.items():
        config_file.set_setting(f"defaults.{name}_id", value, config=found)
    return found


@pytest.mark.parametrize("text", [PLAIN, OTHER, ""], ids=["all", "other", "empty"])
@pytest.mark.parametrize("changes", [{}, {"farm": "farm-2"}, {"farm": "farm-9", "queue": "queue-9"}], ids=str)
def test_settings_are_what_the_library_reads(place: Path, text: str, changes: dict[str, str]) -> None:
    place.write_text(text)
    wanted = {name: config_file.get_setting(name, config=theirs(**changes)) for name in NAMES}
    found = deadline_config(**changes)
    assert {name: setting(found, name) for name in NAMES} == wanted


def test_a_config_that_is_not_there_is_empty(place: Path) -> None:
    place.unlink()
    assert setting(deadline_config(), ours.PROFILE) == "(default)"


def test_a_config_that_cannot_be_read_is_told(place: Path) -> None:
    place.write_text("no section = 1\n")
    with pytest.raises(EngineRefusedError, match="no section"):
        deadline_config()


def facts(client: Any) -> dict[str, Any]:
    """What decides where a client's requests go, who sends them and over which way."""
    return {
        "endpoint": client.meta.endpoint_url,
        "region": client.meta.region_name,
        "proxies": client.meta.config.proxies,
        "verify": client._endpoint.http_session._verify,
        "key": client._request_signer._credentials.access_key,
    }


@pytest.mark.parametrize("named", ["film", "(default)"])
def test_a_client_goes_where_the_librarys_goes(place: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ENDPOINT_URL_DEADLINE")
    if named == "(default)":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOFTHEENVIRONMENT")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    place.write_text(PLAIN.replace("film", named))
    found = deadline_config()
    ca = str(Path("~/studio.pem").expanduser())
    mine = facts(open_client(open_session(found), "deadline", found, 10.0))
    assert mine == facts(api.get_boto3_client("deadline", config=found))
    assert (mine["region"], mine["verify"]) == ("eu-central-1", ca)


def test_a_monitors_sign_in_is_kept_for_as_long_as_the_library_keeps_it(place: Path) -> None:
    place.write_text(PLAIN)
    made = open_session(deadline_config()).get_credentials()
    kept = api.get_boto3_session(config=deadline_config()).get_credentials()
    assert isinstance(made, RefreshableCredentials)
    wanted = (kept._advisory_refresh_timeout, kept._mandatory_refresh_timeout)
    assert (made._advisory_refresh_timeout, made._mandatory_refresh_timeout) == wanted
