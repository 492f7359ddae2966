"""Jobs that use shot colour: what the submitter fills in, what decides their key, and hosts that have other files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from show_colour import write_lut, write_show
from sqlalchemy import event
from timelines import clip, movie, timeline, track, write

import shotmill.farm_plugins.submission
from shotmill.farm_plugins.again import changed_colour
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.images import write_image
from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.colours import ColourPlace, change_colour
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.colour import Cdl, ColourSetup, Grade
from shotmill.schema.errors import ColourError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, JobType, Step
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.shot_colour import ColouredParams

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


class TintParams(ColouredParams):
    """An artist may overrule the look."""

    look: str = ""
    colourspace: str = ""


def grades(params: TintParams) -> Sequence[Grade]:
    return [params.colour_of(clip).to_display(clip.colourspace or "") for clip in params.clips if not clip.offline]


TINT = JobType(
    name="tint",
    summary="Tint",
    params=TintParams,
    steps=lambda params: [Step(name="tint", task="tint", frames=FrameSet.span(1, len(params.clips)))],
    tasks="none",
    shows_offline=True,
    grades=grades,
)


class Show:
    """A project whose config has LUTs, and a plate of its first shot."""

    def __init__(self, folder: Path, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config = write_show(folder / "show")
        self.settings = settings.model_copy(update={"project": "demo"})
        self.database, self.folder = database, folder
        self.plate = folder / "plate.exr"
        write_image(self.plate, np.full((4, 4, 3), 0.5, np.float32))
        self.ingest("main", saturation=0.75)
        monkeypatch.setattr(shotmill.farm_plugins.submission, "find_job_type", lambda *_args, **_more: TINT)
        self.say(ColourPlace("demo"), config=str(self.config), cdl_space="half")

    def ingest(self, cut: str, *, saturation: float, shots: int = 2) -> None:
        """A cut of shots; the first has a CDL, as an EDL's comments become metadata."""
        cdl = {"asc_sop": {"slope": [1.25, 1, 1]}, "asc_sat": saturation}
        media = movie(f"file://{self.plate}", (0, 1))
        clips = [clip("sq010_sh010", (0, 1), media, metadata={"cdl": cdl})]
        clips += [clip(f"sq010_sh{number:02d}0", (0, 1), media) for number in range(2, shots + 1)]
        path = write(self.folder / f"{cut}.otio", timeline(track(*clips), start=None))
        ingest(self.database, path, project="demo", cut=cut)

    def say(self, place: ColourPlace, **parts: Any) -> None:
        change_colour(self.database, place, lambda old: old.model_copy(update=parts), by="sue")

    def plan(self, *, owner: EntityRef | None = SHOT, **params: Any) -> JobSpec:
        given = {"colourspace": "lin", **params}
        request = SubmitRequest("tint", params=given, plates=[str(self.plate)], project="demo", owner=owner)
        return plan(request, self.settings, self.database).spec

    def of_cut(self, cut: str = "main", **params: Any) -> JobSpec:
        request = SubmitRequest("tint", params={"colourspace": "lin", **params}, cut=cut, project="demo")
        return plan(request, self.settings, self.database).spec

    def statements_of(self, cut: str) -> list[str]:
        """What the database is asked while a job of a cut is planned."""
        asked: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", hear)
        try:
            self.of_cut(cut)
        finally:
            event.remove(self.database.engine, "before_cursor_execute", hear)
        return asked

    @property
    def lut(self) -> Path:
        return self.config.parent / "luts/cool.spi1d"


@pytest.fixture
def show(tmp_path: Path, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Show:
    return Show(tmp_path, settings, database, monkeypatch)


def colour_of(spec: JobSpec, number: int = 0) -> dict[str, Any]:
    params = TintParams.model_validate(spec.params)
    return params.colour_of(params.clips[number]).model_dump()


def test_a_job_carries_what_its_shot_project_and_cut_say(show: Show) -> None:
    show.say(ColourPlace("demo", "sq010", "sh010"), look="warm")
    spec = show.plan()
    found = colour_of(spec)
    assert (found["look"], found["view"], found["cdl_space"]) == ("warm", "Film", "half")
    assert found["cdl"]["slope"] == (1.25, 1, 1)
    assert found["cdl"]["saturation"] == 0.75
    assert spec.colour_config == str(show.config)
    assert spec.params["clips"][0]["colourspace"] == "lin"


def test_what_the_artist_fills_in_is_nearest(show: Show) -> None:
    show.say(ColourPlace("demo", "sq010", "sh010"), look="warm")
    spec = show.plan(look="cool")
    assert colour_of(spec)["look"] == "cool"
    assert [Path(file.path).name for file in spec.colour_files] == ["cool.spi1d"]


def test_a_shot_s_own_cdl_is_nearer_than_the_cut_s(show: Show) -> None:
    show.say(ColourPlace("demo", "sq010"), cdl=Cdl(saturation=0.1))
    assert colour_of(show.plan())["cdl"]["saturation"] == 0.75
    show.say(ColourPlace("demo", "sq010", "sh010"), cdl=Cdl(saturation=0.2))
    assert colour_of(show.plan())["cdl"]["saturation"] == 0.2


def test_each_shot_of_a_cut_has_its_own_colour(show: Show) -> None:
    show.say(ColourPlace("demo", "sq010"), cdl=Cdl(saturation=0.1))
    spec = show.of_cut()
    assert [colour_of(spec, number)["cdl"]["saturation"] for number in (0, 1)] == [0.75, 0.1]


def test_a_long_cut_asks_the_database_no_oftener_than_a_short_one(show: Show) -> None:
    show.ingest("long", saturation=0.75, shots=40)
    short, long = show.statements_of("main"), show.statements_of("long")
    assert len(long) == len(short)
    assert sum("colour" in one and "setup" in one for one in long) == 1
    assert len(long) < 40


def test_cuts_that_differ_are_not_chosen_from(show: Show) -> None:
    show.ingest("alt", saturation=0.5)
    with pytest.raises(ColourError, match=r"differ \(alt v001, main v001\)"):
        show.plan()
    assert colour_of(show.of_cut())["cdl"]["saturation"] == 0.75
    show.say(ColourPlace("demo", "sq010", "sh010"), cdl=Cdl(saturation=0.2))
    assert colour_of(show.plan())["cdl"]["saturation"] == 0.2


def test_the_key_follows_config_lut_cdl_and_nothing_else(show: Show) -> None:
    with_lut = show.plan(look="cool").key
    write_lut(show.lut, 0.75)
    assert show.plan(look="cool").key != with_lut
    keys = [show.plan().key, show.plan().key]
    show.config.write_text(show.config.read_text() + "# more\n")
    keys.append(show.plan().key)
    show.say(ColourPlace("demo", "sq010", "sh010"), cdl=Cdl(saturation=0.2))
    keys.append(show.plan().key)
    show.say(ColourPlace("demo", "sq010"), cdl=Cdl(saturation=0.3))  # the shot says its own
    keys.append(show.plan().key)
    assert [keys.index(key) for key in keys] == [0, 0, 2, 3, 3]


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ({"look": "wram"}, "look, as shot demo:sq010/sh010 says: look 'wram' .*nearest: warm"),
        ({"view": "Flim"}, "view 'Flim' .*nearest: Film"),
        ({"working_space": "lni"}, "colour space 'lni' .*nearest: lin"),
    ],
)
def test_a_wrong_name_is_refused_before_anything_is_submitted(show: Show, setup: dict[str, str], said: str) -> None:
    show.say(ColourPlace("demo", "sq010", "sh010"), **setup)
    with pytest.raises(ColourError, match=said):
        show.plan()


def test_a_config_whose_lut_is_missing_is_refused_before_anything_is_submitted(show: Show) -> None:
    show.lut.unlink()
    with pytest.raises(ColourError, match=r"cool\.spi1d"):
        show.plan(look="cool")


def test_a_file_that_does_not_say_its_colour_space_is_not_guessed(show: Show) -> None:
    with pytest.raises(ColourError, match=r"nothing says which colour space plate\.exr .* 'lin', .*name it"):
        show.plan(colourspace="")


def test_clips_of_several_configs_are_submitted_apart(show: Show) -> None:
    show.say(ColourPlace("demo", "sq010", "sh020"), config=str(write_show(show.folder / "other")))
    with pytest.raises(ColourError, match=r"sq010/sh020' needs .*other/config\.ocio; a job has one"):
        show.of_cut()


def test_a_host_with_another_lut_refuses_the_work(show: Show) -> None:
    """By hand: the LUT's top goes from 0.25 to 0.75, and the steps after it are linear."""
    spec = show.plan(look="cool")
    [grade] = grades(TintParams.model_validate(spec.params))
    tools = StudioTools(show.settings)
    grey = np.full((1, 1, 3), 0.5, np.float32)
    assert changed_colour(spec) == ""
    before = tools.for_job(spec).grader(grade).floats(grey)
    assert tools.for_job(spec).grader(grade) is tools.for_job(spec).grader(grade)
    write_lut(show.lut, 0.75)
    with pytest.raises(ColourError, match=r"cool\.spi1d.* is not what it was"):
        tools.for_job(spec).grader(grade)
    assert changed_colour(spec) == str(show.lut)
    again = show.plan(look="cool")
    after = tools.for_job(again).grader(grade).floats(grey)
    np.testing.assert_allclose(after, before * 3, rtol=1e-5)


def test_a_grade_that_the_job_did_not_name_reads_no_file_on_a_host(show: Show) -> None:
    spec = show.plan()
    tools = StudioTools(show.settings).for_job(spec)
    tools.grader(Grade(source="lin", look="warm", space="lin"))
    with pytest.raises(ColourError, match=r"cool\.spi1d, which the job was not submitted with"):
        tools.grader(Grade(source="lin", look="cool", space="lin"))


def test_jobs_of_other_types_say_nothing_of_it(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    request = SubmitRequest("thumbnail", plates=[str(show.plate)], project="demo", owner=SHOT)
    spec = plan(request, show.settings, show.database).spec
    assert (spec.colour_files, spec.colour_config) == ((), show.settings.ocio)


def test_an_unread_setup_is_as_it_was_said(show: Show) -> None:
    setup = ColourSetup(cdl=Cdl(offset=(0.1, 0.2, 0.3)), context={"SHOT": "sh010"}, look="")
    place = ColourPlace("demo", "sq010", "sh020")
    assert change_colour(show.database, place, lambda _old: setup, by="sue") == (ColourSetup(), setup)
    assert change_colour(show.database, place, lambda old: old, by="sue") == (setup, setup)
