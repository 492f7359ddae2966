"""Path templates: written and read back, and no two products in one folder."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path, PosixPath, PurePosixPath
from typing import Self

import pytest
from done_jobs import SHOT, done_job, job_spec, output_spec, visible
from hypothesis import example, given
from hypothesis import strategies as st

from shotmill.pipeline.paths import BUILT_IN as PATHS
from shotmill.pipeline.paths import PathTemplates, PublishedPath, load_templates, refuse_twins
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ConfigError, NameRuleError, PathJailError, PluginFailedError, ShotmillError
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.names import RESERVED

BUILT_IN = load_templates()
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}(\.[A-Za-z0-9_-]{1,8}){0,2}", fullmatch=True).filter(
    lambda name: name.split(".")[0].lower() not in RESERVED
)
NUMBERS = st.integers(-99_999, 999_999)
ENTITIES = st.one_of(
    st.builds(EntityRef, project=st.just("demo"), kind=st.just(EntityKind.SHOT), parent=NAMES, name=NAMES),
    st.builds(EntityRef, project=st.just("demo"), kind=st.just(EntityKind.ASSET), parent=NAMES, name=NAMES),
    st.builds(EntityRef, project=st.just("demo"), kind=st.just(EntityKind.SEQUENCE), name=NAMES),
)
EXTENSIONS = st.sampled_from(["exr", "jpg", "tar.gz", "EXR", "3dm"])


def shot(sequence: str, name: str) -> EntityRef:
    return EntityRef(project="demo", kind=EntityKind.SHOT, parent=sequence, name=name)


def templates(tmp_path: Path, *, version: str = "", frame: str = "") -> PathTemplates:
    """The built-in templates with that of shots, or of frames, changed."""
    text = PATHS.read_text()
    if version:
        text = re.sub(r"(?m)^shot = .*$", lambda _: f'shot = "{version}"', text)
    if frame:
        text = re.sub(r"(?m)^frame = .*$", lambda _: f'frame = "{frame}"', text)
    (tmp_path / "paths.toml").write_text(text)
    return load_templates(str(tmp_path / "paths.toml"))


@given(ENTITIES, NAMES, NUMBERS)
@example(shot("sq.010", "sh-010_a"), "comp.main", 1000)
def test_a_version_folder_is_read_back(entity: EntityRef, product: str, version: int) -> None:
    folder = BUILT_IN.version_folder(entity, product, version)
    assert BUILT_IN.parse(str(folder), project="demo") == PublishedPath(entity, product, version)


@given(ENTITIES, NAMES, NUMBERS, st.none() | NUMBERS, EXTENSIONS)
def test_a_file_is_read_back(entity: EntityRef, product: str, version: int, frame: int | None, extension: str) -> None:
    name = BUILT_IN.file_name(entity, product, version, frame=frame, extension=extension)
    path = f"{BUILT_IN.version_folder(entity, product, version)}/{name}"
    assert BUILT_IN.parse(path, project="demo") == PublishedPath(entity, product, version, frame, extension)


@given(st.text(max_size=80) | st.from_regex(r"(shots|assets)/[^\n]{1,9}/[^\n]{1,9}/publish/[^\n]{1,9}/v\d{1,5}"))
@example("shots/sq/con/publish/comp/v001")
@example("shots/sq/../publish/comp/v001")
@example("shots/sq/sh/publish/comp/v0001")
@example("shots/sq/sh/publish/comp/v٣٣٣")
@example("shots/sq/sh/publish/a..b/v001")
@example("shots/sq/sh/publish/comp/v" + "9" * 5000)
@example("shots/sq/sh/publish/comp/v001\n")
@example("shots/sq/sh/publish/comp/v001/sh_other_v001.1001.exr")
def test_any_text_is_a_path_of_the_templates_or_refused(text: str) -> None:
    try:
        found = BUILT_IN.parse(text, project="demo")
    except (PathJailError, NameRuleError):
        return
    folder = str(BUILT_IN.version_folder(found.entity, found.product, found.version))
    assert text == folder or text.startswith(f"{folder}/")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../x", "con", "NUL.txt", "a..b", "a.", "-a", ".hidden", "a b", "a\n", "é", "a" * 65, "a\0"],
)
def test_a_hostile_name_makes_no_path(name: str) -> None:
    with pytest.raises(NameRuleError):
        BUILT_IN.version_folder(SHOT, name, 1)
    with pytest.raises(NameRuleError):
        BUILT_IN.file_name(SHOT, "comp", 1, frame=None, extension=name)


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("{sequence}{shot}/{product}/v{version}", id="fields side by side"),
        pytest.param("{sequence}_{shot}/{product}/v{version}", id="a separator that names may hold"),
        pytest.param("{sequence}/{shot}/{product}{version}", id="a number behind a name"),
    ],
)
@given(data=st.data())
def test_no_two_products_share_a_folder(
    version: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = templates(tmp_path_factory.mktemp("paths"), version=version)
    short = st.sampled_from(["a", "a_a", "a1", "1", "11", "a_1"])
    seen: dict[str, object] = {}
    for entity, product, number in data.draw(
        st.lists(st.tuples(st.builds(shot, short, short), short, st.integers(1, 111)), max_size=30)
    ):
        try:
            folder = str(made.version_folder(entity, product, number))
        except NameRuleError:
            continue
        assert seen.setdefault(folder, (entity, product, number)) == (entity, product, number)


@pytest.mark.parametrize(
    ("version", "frame", "wrong"),
    [
        pytest.param("shots/{shot}/{product}/v{version}", "", "lacks", id="field left out"),
        pytest.param("{studio}/{sequence}/{shot}/{product}/v{version}", "", "unknown", id="unknown field"),
        pytest.param("/{sequence}/{shot}/{product}/v{version}", "", "below", id="absolute"),
        pytest.param("../{sequence}/{shot}/{product}/v{version}", "", "below", id="climbs"),
        pytest.param("C:/{sequence}/{shot}/{product}/v{version}", "", "below", id="drive"),
        pytest.param("", "{entity}.{ext}", "lacks", id="frame left out"),
    ],
)
def test_a_template_that_cannot_work_is_refused(version: str, frame: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ShotmillError, match=wrong):
        templates(tmp_path, version=version, frame=frame)


@pytest.mark.parametrize("content", [b"", b"[version", b"\xff\xfe", b"version = 1", b"[version]\nshot = 1"])
def test_a_templates_file_that_cannot_be_read_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "paths.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"paths\.toml"):
        load_templates(str(tmp_path / "paths.toml"))


def test_templates_of_a_studio_decide_where_versions_lie(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    templates(tmp_path, version="{sequence}/{shot}/{product}/{version:04}", frame="{product}.{frame:06}.{ext}")
    spec = job_spec()
    own = settings.model_copy(update={"paths": str(tmp_path / "paths.toml")})
    report = run_publish(done_job(tmp_path / "job", spec), spec, own, sqlite_database)
    folder = Path(report.versions[0].folder)
    assert folder == settings.projects_folder / "demo/sq010/sh010/comp/0001"
    assert min(path.name for path in folder.iterdir()) == "comp.001001.bin"


def test_names_that_differ_only_in_capitals_are_refused(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    first, second = job_spec(), job_spec(output_spec(product="COMP"))
    run_publish(done_job(tmp_path / "one", first), first, settings, sqlite_database)
    with pytest.raises(NameRuleError, match=r"'COMP' and 'comp'.* capitals"):
        run_publish(done_job(tmp_path / "two", second), second, settings, sqlite_database)
    assert visible(settings.projects_folder) == ["v001"]


def test_forms_whose_files_would_share_a_name_are_refused(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    [step, publish] = spec.steps
    twin = step.outputs[0].model_copy(update={"representation": "raw"})
    both = spec.model_copy(update={"steps": (step.model_copy(update={"outputs": (*step.outputs, twin)}), publish)})
    folder = done_job(tmp_path / "job", both)
    [receipt] = read_receipts(folder, "render")
    outputs = (*receipt.outputs, receipt.outputs[0].model_copy(update={"representation": "raw"}))
    folder.receipts("render")[0].write_text(receipt.model_copy(update={"outputs": outputs}).model_dump_json())
    with pytest.raises(PluginFailedError, match=r"'bin' and 'raw' would both write \.bin files"):
        run_publish(folder, both, settings, sqlite_database)


class Meanwhile(PosixPath):
    """A folder where another publish makes ``shots`` between a look for it and a look around."""

    def iterdir(self) -> Generator[Self, None, None]:
        (self / "shots").mkdir()
        return super().iterdir()


def test_a_folder_that_another_publish_makes_meanwhile_is_no_twin_of_itself(tmp_path: Path) -> None:
    refuse_twins(Meanwhile(tmp_path), PurePosixPath("shots"))
    with pytest.raises(NameRuleError, match="'SHOTS' and 'shots'"):
        refuse_twins(Meanwhile(tmp_path / "shots"), PurePosixPath("SHOTS"))
