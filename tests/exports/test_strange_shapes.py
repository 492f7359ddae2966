"""What nobody draws on purpose: hostile names, holes in nothing, empty objects, limits of programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from read_fusion import evaluate, read_fusion
from read_fxs import read_fxs
from read_jsx import read_jsx
from read_lottie import read_lottie, render
from read_nk import read_nk
from read_nukepy import read_nukepy, run_in_nuke
from shape_documents import LABEL, document, oval, shape

from shotmill.pipeline.exports import export_names, find_export
from shotmill.schema.errors import NameRuleError, ParamsError
from shotmill.schema.shapes import RotoShapes, ShapeMode, ShapesDocument

# Each would do something where it is read as code: in Python, JavaScript, Lua, Tcl and XML.
HOSTILE = [
    "'''+__import__('os').system('touch hit')+r'''",
    '"); throw new Error("hit"); ("',
    "\u2028throw new Error('hit')//",
    '" .. os.execute("touch hit") .. "',
    "]] error('hit') [[",
    "[exec touch hit]",
    "} [exec touch hit] {",
    "$env(HOME)\\",
    '"/><Object type="Shape" label="hit"/>',
    "--> <hit/> <!--",
    "</script><script>throw new Error('hit')</script>",
    "line\nend\r\ttab\\",
    "__proto__",
    "end",
]


def hostile(text: str) -> ShapesDocument:
    """A document that no schema has looked at, with one text in all places."""
    plate = document(60, 40)
    item = plate.objects[0]
    shapes = tuple(each.model_copy(update={"name": f"{text}{at}"}) for at, each in enumerate(item.shapes))
    return plate.model_copy(
        update={"objects": (item.model_copy(update={"name": text, "label": text, "shapes": shapes}),)}
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_only_ever_names(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluated by a real JavaScript engine, real Lua, a real Python and a real XML parser; nothing of it runs."""
    monkeypatch.chdir(tmp_path)
    plate = hostile(text)
    names = [each.name for each in plate.objects[0].shapes]

    comp = read_jsx(find_export("aftereffects").write(plate), 1001, 24)
    assert (list(comp.objects), comp.raw["all"][0]["comment"]) == ([text], text)
    (polygons,) = read_fusion(find_export("fusion").write(plate), (60, 40)).values()
    assert [each.name for each in polygons[0]] == names
    evaluate(find_export("fusioncomp").write(plate))
    assert list(read_lottie(find_export("lottie").write(plate), 1001)) == [text]
    (node,) = run_in_nuke(find_export("nukepy").write(plate), tmp_path)
    assert (node["layer"], [each["name"] for each in node["shapes"]]) == (text, names)
    (layer,) = read_fxs(find_export("silhouette").write(plate)).values()
    assert [each.name for each in layer[0]] == names
    assert not list(tmp_path.rglob("hit"))


@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "end"])
def test_a_name_that_tcl_could_run_is_refused(text: str) -> None:
    """In a Nuke script a name stands bare; the schema lets none through, and the writer looks once more."""
    with pytest.raises(NameRuleError, match="shape"):
        find_export("nuke").write(hostile(text))


def test_labels_may_hold_any_text() -> None:
    """Through the schema, too; the label's text is in each file that people read, and in no Nuke script."""
    plate = document()
    assert plate.objects[0].label == LABEL
    read_nk(find_export("nuke").write(plate))
    assert list(read_fxs(find_export("silhouette").write(plate))) == [f"hero: {LABEL}", "crowd-2.b"]


@pytest.mark.parametrize("name", export_names())
def test_equal_documents_give_equal_bytes(name: str, tmp_path: Path) -> None:
    """In another process, with another seed of hashes."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from shape_documents import document;"
        "from shotmill.pipeline.exports import find_export;"
        "sys.stdout.buffer.write(find_export(sys.argv[1]).write(document()))"
    )
    support = Path(__file__).resolve().parents[1] / "support"
    ran = subprocess.run(
        [sys.executable, "-c", code, name, support],
        cwd=tmp_path,
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert ran.stdout == find_export(name).write(document())


def test_what_takes_away_from_nothing_is_left_out(tmp_path: Path) -> None:
    """After Effects inverts a layer whose first mask takes away."""
    hole = shape("early", {1001: oval((20, 20), (9, 9))}, ShapeMode.SUBTRACT)
    body = shape("body", {1001: oval((20, 20), (15, 15)), 1010: oval((25, 20), (15, 15))})
    plate = document(60, 40)
    plate = plate.model_copy(update={"objects": (RotoShapes(name="hero", shapes=(hole, body)),)})
    found = {
        "nk": read_nk(find_export("nuke").write(plate))[0].item,
        "nukepy": read_nukepy(run_in_nuke(find_export("nukepy").write(plate), tmp_path))["hero"],
        "jsx": read_jsx(find_export("aftereffects").write(plate), 1001, 24).objects["hero"],
        "fxs": read_fxs(find_export("silhouette").write(plate))["hero"],
        "setting": read_fusion(find_export("fusion").write(plate), (60, 40))["Roto_hero"],
        "lottie": read_lottie(find_export("lottie").write(plate), 1001)["hero"],
    }
    for name, item in found.items():
        assert [each.name for each in item[0]] == ["body"], name


@pytest.mark.parametrize(
    "shapes", [pytest.param((RotoShapes(name="hero"),), id="no shapes"), pytest.param((), id="nothing")]
)
def test_documents_without_shapes_are_whole_files(shapes: tuple[RotoShapes, ...], tmp_path: Path) -> None:
    plate = document(60, 40).model_copy(update={"objects": shapes})
    assert len(read_nk(find_export("nuke").write(plate))) == len(shapes)
    assert len(run_in_nuke(find_export("nukepy").write(plate), tmp_path)) == len(shapes)
    layers = read_jsx(find_export("aftereffects").write(plate), 1001, 24).raw["all"]
    assert [layer["enabled"] for layer in layers] == [False] * len(shapes)  # a bare solid would cover all
    assert len(read_fxs(find_export("silhouette").write(plate))) == len(shapes)
    assert render(find_export("lottie").write(plate), 0).sum() == 0
    tools = evaluate(find_export("fusion").write(plate))["Tools"]
    assert [tool["Inputs"]["TopLeftAlpha"]["Value"] for tool in tools.values()] == [0] * len(shapes)


def test_names_that_differ_in_a_sign_stay_two() -> None:
    names = ("a.b", "a-b", "A_b", "a")
    ovals = tuple(shape(name, {1001: oval((20, 20), (9, 9))}) for name in ("b", "bLevel", "c"))
    plate = document(60, 40).model_copy(
        update={"objects": tuple(RotoShapes(name=name, shapes=ovals) for name in names)}
    )
    assert len({node.name.lower() for node in read_nk(find_export("nuke").write(plate))}) == 4
    found = read_fusion(find_export("fusion").write(plate), (60, 40))
    assert [[each.name for each in item[0]] for item in found.values()] == [["b", "bLevel", "c"]] * 4


@pytest.mark.parametrize(
    ("plate", "word"),
    [
        pytest.param(document(97, 3), "each side 4 to 30000", id="too low"),
        pytest.param(document(rate="120"), "frames per second", id="too fast"),
        pytest.param(document().model_copy(update={"last": 400000}), "seconds", id="too long"),
        pytest.param(document(first=3000000), "start at frame 3000000", id="too late"),
    ],
)
def test_what_after_effects_cannot_hold_is_said_before(plate: ShapesDocument, word: str) -> None:
    """Limits: Adobe's scripting guide, ``CompItem``."""
    with pytest.raises(ParamsError, match=word) as refused:
        find_export("aftereffects").write(plate)
    assert "leave aftereffects out" in refused.value.hint


def test_an_unknown_export_names_its_neighbour() -> None:
    with pytest.raises(ParamsError, match="did you mean 'lottie'"):
        find_export("lotty")
    with pytest.raises(ParamsError, match="known: aftereffects, fusion"):
        find_export("zzz")


def test_exports_say_what_they_are() -> None:
    found = {name: find_export(name) for name in export_names()}
    assert {name: each.extension for name, each in found.items()} == {
        "aftereffects": "jsx",
        "fusion": "setting",
        "fusioncomp": "comp",
        "lottie": "json",
        "nuke": "nk",
        "nukepy": "py",
        "shapes": "json",
        "silhouette": "fxs",
    }
    assert all(each.summary and each.representation == name for name, each in found.items())


def test_exports_need_no_picture_library(tmp_path: Path) -> None:
    code = (
        "import sys, shotmill.pipeline.exports; "
        "print({'numpy', 'cv2', 'OpenImageIO', 'av', 'PyOpenColorIO'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_files_say_where_the_stored_pixels_lie() -> None:
    """A data window that is not the display window: shapes stay on the display window, and the file says so."""
    for name in ("aftereffects", "fusion", "fusioncomp", "lottie", "nuke", "nukepy", "silhouette"):
        assert b"105 x 65 pixels from x -4, y -2" in find_export(name).write(document()), name
