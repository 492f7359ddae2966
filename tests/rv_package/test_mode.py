"""The mode in the tests' RV, in Qt without a screen: menus, marks, versions, notes, cuts."""

from __future__ import annotations

import builtins
import socket
from pathlib import Path
from typing import Any

import pytest
from rv_host import Event, Parrot, Rv
from rv_sessions import connected, node, session_text, source
from rv_versions import PLATE, matte_of, media_of, version

from shotmill.schema.frames import FrameSet
from shotmill.schema.media import MediaInfo, MediaKind
from shotmill.schema.roto import RotoObject
from shotmill.submitters.rv.session import read_session

GREEN = [0.0, 1.0, 0.0, 1.0]
HALF = 8 / 9  # of the width of 16:9, in heights


def test_rv_facts_9_the_menu_has_rvs_shape_and_everything_in_it(rv: Rv) -> None:
    """The tests' RV checks tuples as RV reads them while the menu is defined."""
    assert list(rv.session.menus) == ["shotmill"]
    [(title, items)] = rv.session.menus["shotmill"]
    assert title == "Shotmill"
    labels = {one[0] for one in rv.items()}
    assert {"Current Source", "Marked Range", "Whole Sequence", "Up", "Down", "Latest", "Browse...", "Send Note...",
            "Open Cut...", "Write Cut Back...", "Jobs", "Stack Mattes as They Arrive"} <= labels  # fmt: skip
    submit = dict(one[:2] for one in dict(one[:2] for one in items)["Submit"])
    assert list(submit)[:5] == ["Thumbnail", "Roto", "Bake", "Dailies", "Publish"]


@pytest.mark.parametrize("is_open", [False, True])
def test_rv_facts_9_states_of_the_menu_open_nothing(rv: Rv, is_open: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_open:
        rv.open(PLATE)

    def refuse(*_args: Any, **_more: Any) -> Any:
        raise AssertionError("a state of the menu opened something")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("os.open", refuse)
    states = {rv.commands.NeutralMenuState, rv.commands.DisabledMenuState, rv.commands.CheckedMenuState,
              rv.commands.UncheckedMenuState}  # fmt: skip
    for label, _action, _key, state in rv.items():
        found = state() if state else rv.commands.NeutralMenuState
        assert found in states
        assert (found == rv.commands.DisabledMenuState) <= (not is_open or label == "Write Cut Back...")


def facts(rv: Rv, job_type: str = "roto", scope: str = "current") -> Any:
    from shotmill_rv import host  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    return rv.mode.facts(host.current_plate(), job_type, scope)


def draw(rv: Rv, paint: str, component: str, low: tuple[float, float], high: tuple[float, float]) -> None:
    rv.paint(paint, component, min=list(low), max=list(high), borderColor=GREEN, softDeleted=[0])


def test_rv_facts_10_what_is_painted_fills_the_form_in_exact_pixels(rv: Rv) -> None:
    """Half of the width of 1920x1080 from the left, half of its height from below: 0,540 to 960,1080."""
    rv.open(PLATE)
    draw(rv, "sourceGroup000000_paint", "ellipse:1:1010:ada.lovelace:x", (-HALF, -0.5), (0.0, 0.0))
    draw(rv, "sourceGroup000000_paint", "rect:2:1010:ada", (-0.1, -0.1), (0.1, 0.1))
    rv.session.properties["sourceGroup000000_paint.frame:1010.order"].values.remove("rect:2:1010:ada")  # undone
    found = facts(rv)
    assert found.plates == ("/show/sq010/plate.####.exr",)
    [one] = found.params["objects"]
    RotoObject.model_validate(one)
    assert one["prompts"] == [
        {"frame": 1010, "box": {"left": 0.0, "top": 540.0, "right": 960.0, "bottom": 1080.0}}
    ]  # fmt: skip
    assert found.notes["objects"] == "1 drawn in RV; red says what is not it"


def test_rv_facts_10_pixel_aspect_is_the_files_or_the_lens(rv: Rv) -> None:
    rv.open(PLATE, width=1000, height=1000, uncropWidth=1000, uncropHeight=1000, pixelAspect=2.0)
    draw(rv, "sourceGroup000000_paint", "rect:1:1001:ada", (-0.1, -0.1), (0.1, 0.1))
    lefts = [facts(rv).params["objects"][0]["prompts"][0]["box"]["left"]]
    rv.commands.setFloatProperty("sourceGroup000000_lensWarp.warp.pixelAspectRatio", [1.0])
    lefts.append(facts(rv).params["objects"][0]["prompts"][0]["box"]["left"])
    assert lefts == [450.0, 400.0]


def test_rv_facts_10_paint_of_a_sequence_and_above_it_is_the_sources(rv: Rv) -> None:
    first, second = rv.open("/a.1001-1048#.exr"), rv.open("/b.1001-1048#.exr")
    rv.sequence((first, 1005, 1014), (second, 1020, 1039))
    draw(rv, "defaultSequence_p_sourceGroup000001", "rect:1:1025:ada", (-0.1, -0.1), (0.1, 0.1))
    above = rv.commands.newNode("RVStackGroup", "above")
    rv.commands.setNodeInputs(above, ["defaultSequence"])
    draw(rv, "above_paint", "rect:1:3:ada", (-0.1, -0.1), (0.1, 0.1))
    drawn = []
    for frame in (1, 16):
        rv.session.frame = frame
        drawn.append([prompt["frame"] for one in facts(rv).params["objects"] for prompt in one["prompts"]])
    assert drawn == [[1007], [1025]]


def test_rv_facts_11_rv_and_its_session_file_say_the_same(rv: Rv, tmp_path: Path) -> None:
    plate = str(tmp_path / "plate.1001-1048#.exr")
    rv.open(plate)
    marks: dict[str, dict[str, list[Any]]] = {
        "rect:1:1003:ada.l": {"min": [-0.3, -0.2], "max": [0.1, 0.25], "borderColor": GREEN},
        "pen:2:1003:ada.l": {"points": [-0.5, 0.0, 0.0, 0.1, 0.5, 0.0], "color": [0.0, 0.0, 1.0, 1.0], "mode": [0]},
        "pen:3:1009:ada.l": {"points": [0.3, 0.3], "color": [1.0, 0.0, 0.0, 1.0], "mode": [0]},
        "text:4:1003:ada.l": {"position": [-0.2, -0.1], "text": ["hero"], "color": GREEN},
    }
    for component, values in marks.items():
        rv.paint("sourceGroup000000_paint", component, **values)
    held = rv.session.properties.items()
    paint = {full.partition("_paint.")[2]: one.values for full, one in held if "_paint." in full}
    path = tmp_path / "shot.rv"
    path.write_text(session_text(source(0, plate), node("sourceGroup000000_paint", "RVPaint", paint), connected()))

    def probe(media: str) -> MediaInfo:
        given: dict[str, Any] = {
            "container": "",
            "codec": "",
            "width": 1920,
            "height": 1080,
            "frames": FrameSet.parse("1001-1048"),
        }
        more: dict[str, Any] = {
            "channels": ("R",),
            "bits": 8,
            "sample": "uint",
            "size_bytes": 1,
            "kind": MediaKind.SEQUENCE,
        }
        return MediaInfo(path=media, **given, **more)

    told = read_session(path, probe).plates[0].objects
    assert [RotoObject.model_validate(one) for one in facts(rv).params["objects"]] == list(told)
    assert [one.name for one in told] == ["hero", "object1"]


def test_a_turned_plate_says_so_in_the_form(rv: Rv) -> None:
    rv.session.attributes[rv.open(PLATE)] = [("QT/Rotation", "90")]
    draw(rv, "sourceGroup000000_paint", "rect:1:1001:ada", (-0.1, -0.1), (0.1, 0.1))
    found = facts(rv)
    assert "objects" not in found.params
    assert "stored turned" in found.notes["objects"]


def test_scopes_are_the_source_the_marked_frames_or_the_sequence(rv: Rv) -> None:
    first, second = rv.open("/a.1001-1048#.exr"), rv.open("/b.mov")
    rv.sequence((first, 1005, 1014), (second, 11, 30))
    rv.session.marked = [12, 15]
    rv.session.frame = 13
    assert facts(rv, "thumbnail").plates == ("/b.mov",)
    assert facts(rv, "thumbnail", "whole").plates == ("/a.####.exr", "/b.mov")
    marked = facts(rv, "roto", "marked")
    assert marked.params["frames"] == "11-14"  # RV's 12 of a movie that begins at 1 is frame 11, counted from 0


def test_a_shift_in_rv_does_not_move_frames_of_the_plate(rv: Rv) -> None:
    plate = rv.open("/a.1001-1048#.exr")
    rv.commands.setIntProperty(f"{plate}.group.rangeOffset", [-1000])
    rv.session.frame, rv.session.marked = 5, [5, 8]
    draw(rv, "sourceGroup000000_paint", "rect:1:5:ada", (-0.1, -0.1), (0.1, 0.1))
    found = facts(rv, "roto", "marked")
    assert (found.params["frames"], found.params["objects"][0]["prompts"][0]["frame"]) == ("1005-1008", 1005)


@pytest.mark.parametrize(
    ("media", "offset", "starts"),
    [
        pytest.param("/show/sq010/plate.1001-1048#.exr", 0, 0, id="a sequence: frame on frame"),
        pytest.param("/show/sq010/plate.1001-1048#.exr", -1000, -1000, id="a sequence that is moved"),
    ],
)
def test_a_matte_that_arrives_lies_over_its_plate_at_its_frames(rv: Rv, media: str, offset: int, starts: int) -> None:
    plate = rv.open(media)
    rv.commands.setIntProperty(f"{plate}.group.rangeOffset", [offset])
    rv.mode._arrived(version(1))
    matte = matte_of(rv)
    assert media_of(rv, matte) == "/show/publish/roto/v001/roto.1001-1010@@@@.exr"
    assert rv.commands.getIntProperty(f"{matte}.group.rangeOffset") == [starts]
    over = rv.session.nodes[rv.session.view]
    assert (over.kind, over.inputs) == ("RVStackGroup", ["sourceGroup000001", "sourceGroup000000"])
    assert rv.commands.getIntProperty(f"{rv.session.view}_stack.mode.strictFrameRanges") == [1]
    seen = rv.session.seen(rv.session.view, 1005 + offset)
    frames = [info["frame"] for info in seen if info["nodeType"] == "RVFileSource"]
    assert frames == [1005 + offset, 1005 + offset]
    assert rv.session.said[-1] == "Published: sq010/sh010/roto v001"


def test_a_movies_matte_begins_where_the_movie_does(rv: Rv) -> None:
    rv.open("/show/plate.mov")
    forms = [{"name": "exr", "path": "/p/roto.####.exr", "frames": "0-9"}]
    rv.mode._arrived(version(1, source="/show/plate.mov", representations=forms))
    matte = matte_of(rv)
    assert media_of(rv, matte) == "/p/roto.0-9@@@@.exr"
    assert rv.commands.getIntProperty(f"{matte}.group.rangeOffset") == [1]


def test_the_next_version_takes_the_place_of_the_last_and_others_join(rv: Rv) -> None:
    rv.open(PLATE)
    for one in (version(1), version(2), version(1, product="rim")):
        rv.mode._arrived(one)
    paths = [media_of(rv, one) for one in rv.commands.nodesOfType("RVFileSource")]
    assert [path.rpartition("/publish/")[2] for path in paths[1:]] == [
        "roto/v002/roto.1001-1010@@@@.exr", "roto/v001/roto.1001-1010@@@@.exr"
    ]  # fmt: skip
    assert len(rv.commands.nodesOfType("RVStackGroup")) == 1


def test_all_that_one_job_published_is_told_together(rv: Rv) -> None:
    rv.open(PLATE)
    for one in (version(1, job="J-A"), version(1, job="J-A", product="rim"), version(2, job="J-B")):
        rv.mode._arrived(one)
    assert rv.session.said[-3:] == [
        "Published: sq010/sh010/roto v001",
        "Published: sq010/sh010/roto v001 and 1 more",
        "Published: sq010/sh010/roto v002",
    ]


def test_mattes_are_not_stacked_when_that_is_off_or_the_plate_is_not_open(rv: Rv) -> None:
    rv.open(PLATE)
    rv.mode._arrived(version(1, source="/other.####.exr"))
    rv.press("Shotmill", "Stack Mattes as They Arrive")
    rv.mode._arrived(version(1))
    assert rv.commands.nodesOfType("RVStackGroup") == []


def test_versions_are_swapped_up_down_and_to_the_latest(rv: Rv, parrot: Parrot) -> None:
    rv.open(PLATE)
    parrot.answer(versions={"versions": [version(4), version(2), version(1), version(9, product="other")]})
    rv.mode._arrived(version(2))
    matte, shown = matte_of(rv), []
    for way in ("Down", "Down", "Up", "Latest", "Latest"):
        rv.press("Shotmill", "Published Versions", way)
        rv.wait(lambda: rv.mode.desk.waiting == 0)
        shown.append(media_of(rv, matte).split("/")[4])
    assert shown == ["v001", "v001", "v002", "v004", "v004"]
    assert "nothing further down" in " ".join(rv.session.said)
    assert parrot.asked[0]["args"] == {"project": "demo", "shot": "sq010/sh010", "product": "roto"}


def test_what_shotmill_did_not_open_is_not_swapped(rv: Rv) -> None:
    rv.open(PLATE)
    rv.press("Shotmill", "Published Versions", "Up")
    assert "not opened by Shotmill" in rv.session.said[-1]
    assert media_of(rv, "sourceGroup000000_source") == PLATE


def test_asking_waits_while_rv_plays(rv: Rv) -> None:
    pauses = [rv.mode._tick()]
    for event in ("play-start", "play-stop"):
        given = Event()
        rv.session.bindings[event](given)
        assert given.rejected  # others bind it, too
        pauses.append(rv.mode._tick())
    assert pauses == [40, 500, 40]


def test_rv_facts_6_a_missing_shotmill_is_one_sentence(
    rv: Rv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each item of the menu is tried; none raises, prints or blocks."""
    monkeypatch.setenv("SHOTMILL_PYTHON", str(tmp_path / "gone"))
    rv.open(PLATE)
    for _label, action, _key, _state in rv.items():
        action(Event())
    told = {said for said in rv.session.said if said.startswith("Shotmill: ")}
    [sentence] = told
    assert "gone" in sentence
    assert "shotmill install" in sentence
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_shotmill_that_is_removed_while_rv_runs_is_told_at_the_next_submit_and_works_once_mended(
    rv: Rv, parrot: Parrot, capsys: pytest.CaptureFixture[str]
) -> None:
    rv.open(PLATE)
    parrot.answer(describe={"job_types": []})
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    rv.wait(lambda: parrot.asked)
    moved = parrot.python.rename(parrot.python.with_name("elsewhere"))
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    rv.wait(lambda: any("is not there (any more)" in said for said in rv.session.said))
    assert "shotmill install" in rv.session.said[-1]
    told = rv.mode.windows._kept[-1].extra.label.text()
    assert "is not there (any more). What to do: run 'shotmill install'" in told
    assert "Traceback" not in "".join(capsys.readouterr())
    moved.rename(parrot.python)
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    rv.wait(lambda: [one["op"] for one in parrot.asked] == ["describe", "describe"])


@pytest.mark.parametrize(
    "name", ["a b'c\"d.exr", "ünïcode-日本.mov", "$(id);rm.mov", "%s{0}%.mov", "<b>x</b>.mov", "\u202etxt.mov"]
)
def test_hostile_names_are_names(rv: Rv, name: str) -> None:
    rv.open(f"/show/{name}")
    rv.paint("sourceGroup000000_paint", "text:1:1:ada", text=[name], position=[0.0, 0.0])
    draw(rv, "sourceGroup000000_paint", "rect:2:1:ada", (-0.1, -0.1), (0.1, 0.1))
    found = facts(rv)
    [one] = found.params["objects"]
    RotoObject.model_validate(one)
    assert found.plates == (f"/show/{name}",)
    rv.mode._arrived(version(1, owner=name, source=f"/show/{name}"))
