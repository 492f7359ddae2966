"""Nuke: what was published becomes nodes, in one step to undo; a newer version changes them in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nuke_scenes import made_node, nuke
from nuke_versions import form, lut_version, roto_version, told
from shape_documents import document

from shotmill.submitters.nuke.apply import apply
from shotmill.submitters.nuke.paths import PathMap
from shotmill.submitters.nuke.problems import NukeProblem
from shotmill.submitters.nuke.results import load

HERE = PathMap()


@pytest.fixture
def read(world: Any) -> Any:
    """A plate in an open script, with something else that is selected."""
    made = made_node("Read", name="Plate", file="/shows/plate.%04d.exr")
    made.setXYpos(500, 100)
    made_node("Grade", name="Chosen", inputs=[made]).setSelected(True)
    world.undos.steps.clear()
    return made


def picture() -> dict[str, Any]:
    """All nodes with all that they hold; what is the same was not touched."""
    return {
        node.fullName(): (
            {name: knob.toScript() for name, knob in node.knobs().items() if name != "curves"},
            [(shape.name, len(shape)) for layer in shapes_of(node) for shape in layer],
            {index: node.input(index).fullName() for index in range(node.inputs())},
            node.isSelected(),
        )
        for node in nuke.allNodes(recurseGroups=True)
    }


def shapes_of(node: Any) -> Any:
    return node["curves"].rootLayer if node.knob("curves") is not None else []


def test_fact_14_mattes_and_shapes_are_one_step_to_undo(read: Any, tmp_path: Path) -> None:
    """Fact 14: one step, below the source, raw, with the right frames; nothing is selected by it."""
    before = picture()
    applied = apply([load(roto_version(tmp_path, 1, document()), HERE)], read)
    assert applied.made == ("Roto_crowd_2_b", "Roto_hero", "sh010_roto")
    matte = nuke.toNode("sh010_roto")
    assert matte["file"].value() == str(tmp_path / "v001" / "roto.%04d.exr")
    assert [matte[name].value() for name in ("first", "last", "origfirst", "origlast")] == [1001, 1010, 1001, 1010]
    assert matte["raw"].value() is True
    assert matte["label"].value() == "sq010/sh010/roto@v001"
    assert (matte.xpos(), matte.ypos() > read.ypos() + read.screenHeight()) == (500, True)
    hero = nuke.toNode("Roto_hero")
    assert hero.input(0) is read
    assert [shape.name for layer in shapes_of(hero) for shape in layer] == ["outer", "hole", "pupil"]
    assert [node.name() for node in nuke.selectedNodes()] == ["Chosen"]
    assert [name for name, _ in nuke._scene.world().undos.steps] == ["Shotmill results"]
    nuke.undo()
    assert picture() == before


def test_fact_14_a_second_apply_versions_up_the_same_nodes(read: Any, tmp_path: Path) -> None:
    """Fact 14: what the artist did to the nodes since stays, and one undo brings the older version back."""
    apply([load(roto_version(tmp_path, 1, document()), HERE)], read)
    matte, hero = nuke.toNode("sh010_roto"), nuke.toNode("Roto_hero")
    matte.setName("my_matte")
    matte.setXYpos(-7, 8)
    hero.setInput(0, nuke.toNode("Chosen"))
    first = picture()
    applied = apply([load(roto_version(tmp_path, 2, document(first=1101)), HERE)], read)
    assert (applied.made, applied.changed) == ((), ("Roto_crowd_2_b", "Roto_hero", "my_matte"))
    assert matte["file"].value() == str(tmp_path / "v002" / "roto.%04d.exr")
    assert (matte["first"].value(), matte["last"].value(), matte.xpos(), matte.ypos()) == (1101, 1110, -7, 8)
    assert hero.input(0).name() == "Chosen"
    assert next(iter(next(iter(shapes_of(hero))))).name == "outer"
    point = next(iter(next(iter(next(iter(shapes_of(hero)))))))
    assert point.center.getControlPointKeyTimes() == [1101, 1105, 1110]
    assert list(picture()) == list(first)
    nuke.undo()
    assert picture() == first


def test_the_same_version_twice_adds_no_twin(read: Any, tmp_path: Path) -> None:
    result = load(roto_version(tmp_path, 1, document()), HERE)
    apply([result], read)
    names = list(picture())
    assert apply([result], read).made == ()
    assert list(picture()) == names


def test_a_copy_that_the_artist_made_is_brought_up_too(read: Any, tmp_path: Path) -> None:
    apply([load(roto_version(tmp_path, 1, document()), HERE)], read)
    copied = made_node("Read", name="copy")
    for name in ("shotmill_product", "shotmill_version"):
        copied.addKnob(nuke.String_Knob(name, ""))
        copied[name].setValue(nuke.toNode("sh010_roto")[name].value())
    apply([load(roto_version(tmp_path, 2, document()), HERE)], read)
    assert copied["file"].value() == str(tmp_path / "v002" / "roto.%04d.exr")


def test_what_fails_half_way_is_taken_back(read: Any, tmp_path: Path) -> None:
    result = load(roto_version(tmp_path, 1, document()), HERE)
    assert result.roto is not None
    result.roto["objects"][1]["shapes"][0]["keys"] = []
    before = picture()
    with pytest.raises(IndexError):
        apply([result], read)
    assert picture() == before
    assert nuke._scene.world().undos.steps == []
    assert nuke._scene.world().groups == []


def test_results_of_a_plate_in_a_group_stand_in_that_group(world: Any, tmp_path: Path) -> None:
    del world
    group = made_node("Group", name="Precomp")
    group.begin()
    inner = made_node("Read", name="Plate")
    group.end()
    applied = apply([load(roto_version(tmp_path, 1, document()), HERE)], inner)
    assert applied.made == ("Precomp.Roto_crowd_2_b", "Precomp.Roto_hero", "Precomp.sh010_roto")


def test_without_a_script_of_shapes_the_nodes_of_one_frame_are_pasted(read: Any, tmp_path: Path) -> None:
    result = load(roto_version(tmp_path, 1, document(), exports=["nuke"]), HERE)
    assert "one frame" in result.notes[0]
    apply([result], read)
    hero = nuke.toNode("Roto_hero")
    reader = made_node("Grade", name="Reader", inputs=[hero])
    hero.setXYpos(11, 12)
    again = apply([load(roto_version(tmp_path, 2, document(), exports=["nuke"]), HERE)], read)
    fresh = reader.input(0)
    assert fresh is not hero
    assert (fresh.xpos(), fresh.ypos(), fresh.input(0), len(nuke.allNodes("Roto"))) == (11, 12, read, 2)
    assert fresh["label"].value() == "sq010/sh010/roto@v002"
    assert [node.name() for node in nuke.selectedNodes()] == ["Chosen"]
    assert len(again.made) == 2


@pytest.mark.hostile
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Roto {\n onCreate {print(1)}\n name Roto1\n}\n", id="a callback"),
        pytest.param("Roto {\n label [python{print(1)}]\n name Roto1\n}\n", id="a command in brackets"),
        pytest.param("NoOp {\n name NoOp1\n}\n", id="another node"),
        pytest.param("Roto {\n name Roto1\n}\nGroup {\n name G\n}\nend_group\n", id="a node behind"),
    ],
)
def test_text_that_nuke_would_run_is_not_pasted(tmp_path: Path, text: str) -> None:
    version = roto_version(tmp_path, 1, document(), exports=["nuke"])
    Path(version["representations"][2]["path"]).write_text(text)
    with pytest.raises(NukeProblem, match="more than Roto nodes"):
        load(version, HERE)


@pytest.mark.hostile
def test_a_script_that_was_published_is_read_and_never_run(read: Any, tmp_path: Path) -> None:
    version = roto_version(tmp_path, 1, document())
    path = Path(version["representations"][2]["path"])
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n" + path.read_text())
    apply([load(version, HERE)], read)
    assert nuke.toNode("Roto_hero") is not None
    assert not (tmp_path / "ran").exists()
    path.write_text("import os\n")
    with pytest.raises(NukeProblem, match="none of Shotmill's"):
        load(version, HERE)


def test_a_lut_stands_between_the_spaces_that_it_needs(read: Any, tmp_path: Path) -> None:
    applied = apply([load(lut_version(tmp_path / "a", 1), HERE)], read)
    assert applied.made == ("sh010_lut", "sh010_lut_in", "sh010_lut_out")
    lut, before, after = (nuke.toNode(name) for name in applied.made)
    assert (after.input(0), lut.input(0), before.input(0)) == (lut, before, None)
    assert (lut["file"].value(), lut["interpolation"].value()) == (str(tmp_path / "a" / "lut.cube"), "linear")
    assert (before["in_colorspace"].value(), before["out_colorspace"].value()) == ("scene_linear", 'Log "A" [b]')
    assert (after["in_colorspace"].value(), after["out_colorspace"].value()) == ("ACEScg", "scene_linear")
    apply([load(lut_version(tmp_path / "b", 2), HERE)], read)
    assert lut["file"].value() == str(tmp_path / "b" / "lut.cube")
    assert len(nuke.allNodes()) == 5


@pytest.mark.parametrize(
    ("forms", "path", "frames"),
    [
        pytest.param([form("jpg", "/p/thumb.jpg")], "/p/thumb.jpg", (0, 0), id="a still"),
        pytest.param([form("mp4", "/p/a b/dailies.mp4")], "/p/a b/dailies.mp4", (0, 0), id="a movie"),
        pytest.param([form("dpx", "/p/ü/x.#####.dpx", frames="-5--2,7")], "/p/ü/x.%05d.dpx", (-5, 7), id="a sequence"),
        pytest.param(
            [form("jpg", "/p/x.jpg"), form("exr", "/p/#1/x.####.exr", frames="3")],
            "/p/#1/x.%04d.exr",
            (3, 3),
            id="best",
        ),
    ],
)
def test_pictures_become_reads(read: Any, forms: list[Any], path: str, frames: tuple[int, int]) -> None:
    apply([load(told("comp", 3, *forms), HERE)], read)
    made = nuke.toNode("sh010_comp")
    assert made["file"].value() == path
    assert (made["first"].value(), made["last"].value(), made["raw"].value()) == (*frames, False)


def test_on_windows_the_farms_folders_are_drives(read: Any) -> None:
    paths = PathMap((("P:/shows", "/mnt/shows"),))
    apply([load(told("comp", 1, form("exr", "/mnt/shows/x.####.exr", frames="1-2")), paths)], read)
    assert nuke.toNode("sh010_comp")["file"].value() == "P:/shows/x.%04d.exr"


def test_a_version_that_nuke_cannot_show_says_so() -> None:
    with pytest.raises(NukeProblem, match="sq010/sh010/qc@v001 holds nothing that Nuke shows"):
        load(told("qc", 1, form("json", "/p/qc.json")), HERE)


def test_results_of_a_plate_that_is_gone_are_brought_in_all_the_same(world: Any) -> None:
    del world
    assert apply([load(told("comp", 1, form("exr", "/p/x.####.exr", frames="1-2")), HERE)], None).made == (
        "sh010_comp",
    )
