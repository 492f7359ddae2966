"""The targets file, secrets and kinds of targets: what is refused, and that no secret is ever repeated."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
from wire_tracker import install_wire

from shotmill.pipeline.notify.webhook import WebhookSection
from shotmill.pipeline.outbox.registry import kind_names, make_target
from shotmill.pipeline.outbox.secrets import Secrets
from shotmill.pipeline.outbox.sections import read_section
from shotmill.pipeline.outbox.targetsfile import TargetsFile, read_targets
from shotmill.pipeline.settings import Settings, load_settings
from shotmill.schema.errors import ConfigError, MissingExtraError, SecretMissingError

CANARY = "canary-4711-file"


def read(settings: Settings, text: str) -> TargetsFile:
    settings.home.mkdir(exist_ok=True)
    settings.targets_path.write_text(text)
    return read_targets(settings)


def test_a_section_says_its_kind_its_pace_and_what_the_kind_reads(settings: Settings) -> None:
    text = '[tasks]\nthumbnail = "comp"\n[chat]\ntype = "slack"\ncalls_per_s = 1\ntries = 9\nchannel = "#vfx"\n'
    found = read(settings, text)
    entry = found.entry("chat")
    assert found.tasks == {"thumbnail": "comp"}
    assert (entry.kind, entry.section) == ("slack", {"type": "slack", "channel": "#vfx"})
    assert (entry.pace.calls_per_s, entry.pace.tries, entry.pace.timeout_s) == (1, 9, 60)


def test_a_file_that_is_not_there_has_no_targets(settings: Settings) -> None:
    found = read_targets(settings)
    assert found.targets == {}
    with pytest.raises(ConfigError, match=r"no section in .*targets\.toml; the file is not there"):
        found.entry("slack")


def test_the_setting_says_where_the_file_is(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "studio.toml"
    path.write_text("[slack]\n")
    elsewhere = settings.model_copy(update={"targets_file": str(path)})
    assert read_targets(elsewhere).entry("slack").kind == "slack"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[slack\n", "cannot be read", id="no TOML"),
        pytest.param('slack = "x"\n', "stands outside of any section", id="key outside"),
        pytest.param("[tasks]\nthumbnail = 3\n", "table of task codes", id="tasks"),
        pytest.param("[slack]\ntries = 0\n", "tries: ", id="no tries"),
        pytest.param('["../slack"]\n', "a target's name", id="name"),
        pytest.param(f'[slack]\ntoken = "{CANARY}"\n', "token: a secret never stands", id="token"),
        pytest.param(f'[kitsu]\npassword = "{CANARY}"\n', "password: a secret never stands", id="password"),
        pytest.param(f'[x]\n[x.more]\napi_key = "{CANARY}"\n', "api_key: a secret never stands", id="deep"),
        pytest.param(f'[x]\nall = [{{Secret = "{CANARY}"}}]\n', "Secret: a secret never stands", id="listed"),
        pytest.param(f'[x]\nserver = "https://me:{CANARY}@host/"\n', "server: a secret never stands", id="URL"),
    ],
)
def test_what_must_not_stand_in_the_file_is_named_and_not_repeated(text: str, said: str, settings: Settings) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read(settings, text)
    assert CANARY not in f"{caught.value.message}{caught.value.hint}{caught.value.fields}"


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["no UTF-8", "a folder"])
def test_a_file_that_cannot_be_read_says_so(content: bytes | None, settings: Settings) -> None:
    settings.targets_path.parent.mkdir(parents=True)
    if content is None:
        settings.targets_path.mkdir()
    else:
        settings.targets_path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_targets(settings)


def test_a_target_without_section_is_told_of_the_others(settings: Settings) -> None:
    found = read(settings, "[slack]\n[kitsu]\n")
    with pytest.raises(ConfigError, match="it has kitsu, slack"):
        found.entry("ftrack")
    with pytest.raises(ConfigError, match="it has none"):
        read(settings, "").entry("ftrack")


def test_a_secret_comes_from_the_environment() -> None:
    assert Secrets({"TOKEN": CANARY})("env:TOKEN") == CANARY


def test_a_missing_secret_names_the_reference() -> None:
    with pytest.raises(SecretMissingError, match="secret env:TOKEN: the variable TOKEN is not set") as caught:
        Secrets({})("env:TOKEN")
    assert caught.value.code == "E604"


@pytest.mark.parametrize("text", [CANARY, "env:", "keyring:nobody", f"file:{CANARY}"])
def test_what_is_no_reference_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Secrets({})(text)
    assert CANARY not in str(caught.value)


def test_texts_are_told_without_secrets() -> None:
    secrets = Secrets({"A": CANARY, "B": "ab"})
    assert secrets("env:A") + secrets("env:B") == f"{CANARY}ab"
    assert secrets.hide(f"401 for {CANARY}, about") == "401 for [secret], about"


class Keyring(types.ModuleType):
    """As the package is, of an artist who has one password in it."""

    def __init__(self, *, opens: bool = True) -> None:
        super().__init__("keyring")
        self.errors = types.ModuleType("keyring.errors")
        self.refusal = type("KeyringLocked", (Exception,), {})
        self.errors.KeyringError = self.refusal  # type: ignore[attr-defined]
        self.opens = opens

    def get_password(self, service: str, user: str) -> str | None:
        if not self.opens:
            raise self.refusal(CANARY)
        return CANARY if (service, user) == ("studio/ftrack", "robot") else None


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", made)
    monkeypatch.setitem(sys.modules, "keyring.errors", made.errors)
    return made


def test_a_secret_comes_from_the_keyring(keyring: Keyring) -> None:
    assert keyring.opens
    assert Secrets({})("keyring:studio/ftrack/robot") == CANARY
    with pytest.raises(SecretMissingError, match="secret keyring:ftrack/me: the keyring does not have it") as caught:
        Secrets({})("keyring:ftrack/me")
    assert caught.value.hint == "keyring set ftrack me"


def test_a_keyring_that_does_not_open_says_nothing_of_what_is_in_it(keyring: Keyring) -> None:
    keyring.opens = False
    with pytest.raises(SecretMissingError, match=r"does not open \(KeyringLocked\)") as caught:
        Secrets({})("keyring:ftrack/me")
    assert CANARY not in caught.value.message


def test_without_the_package_a_keyring_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtraError, match="needs keyring"):
        Secrets({})("keyring:ftrack/me")


def test_an_unknown_kind_says_which_are_meant(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="there is no kind 'slak'; did you mean: slack"):
        make_target(read(settings, '[chat]\ntype = "slak"\n').entry("chat"), Secrets({}))
    with pytest.raises(ConfigError, match="there is no kind 'xyz'; known: ftrack, kitsu"):
        make_target(read(settings, "[xyz]\n").entry("xyz"), Secrets({}))


def test_a_kind_that_two_wheels_claim_names_both(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(install_wire(tmp_path / "a", wheel="first"))
    monkeypatch.syspath_prepend(install_wire(tmp_path / "b", wheel="second", make="second:make"))
    monkeypatch.syspath_prepend(install_wire(tmp_path / "c", name="slack", wheel="third"))
    with pytest.raises(ConfigError, match=r"claimed by .*(first|second) 1.0 .* and .*(first|second) 1.0"):
        make_target(read(settings, "[wire]\n").entry("wire"), Secrets({}))
    with pytest.raises(ConfigError, match=r"claimed by Shotmill itself and third 1\.0"):
        make_target(read(settings, "[slack]\n").entry("slack"), Secrets({}))
    assert "wire" in kind_names()


@pytest.mark.parametrize(
    ("kind", "module", "hint"),
    [("slack", "slack_sdk", "pip install 'shotmill[chat]'"), ("wire", "wire_target", "pip install wire_target")],
)
def test_a_client_that_is_not_installed_is_named(
    kind: str, module: str, hint: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(install_wire(tmp_path / "site"))
    monkeypatch.setitem(sys.modules, module, None)
    for loaded in ("slack", "slack_calls"):
        monkeypatch.delitem(sys.modules, f"shotmill.pipeline.notify.{loaded}", raising=False)
    entry = read(settings, f'[{kind}]\ntoken = "env:T"\nchannel = "#vfx"\n').entry(kind)
    with pytest.raises(MissingExtraError, match="which is not installed") as caught:
        make_target(entry, Secrets({"T": "xoxb"}))
    assert caught.value.hint == hint


def test_a_key_that_is_misspelt_is_named_rather_than_the_one_that_is_missing() -> None:
    with pytest.raises(ConfigError, match=r"'wall': secrt: there is no such key; did you mean: secret"):
        read_section(WebhookSection, "wall", {"url": "https://wall.studio", "secrt": "env:X"})


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        pytest.param("", (), id="empty"),
        pytest.param("wall, slack", ("wall", "slack"), id="blanks"),
        pytest.param("wall,,slack,", ("wall", "slack"), id="commas too many"),
    ],
)
def test_targets_of_the_environment_are_names_alone(text: str, targets: tuple[str, ...], tmp_path: Path) -> None:
    environ = {"SHOTMILL_HOME": str(tmp_path), "SHOTMILL_TARGETS": text}
    assert load_settings(environ=environ).settings.targets == targets
