"""Sessions without RV: the same prompts as in RV, through sequences, stacks and retimes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rv_sessions import Properties, connected, node, session_text, source

from shotmill.schema.errors import BadRequestError, InputMissingError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import MediaInfo, MediaKind
from shotmill.schema.rv import RvSession
from shotmill.submitters.rv.gto import parse_gto, read_gto
from shotmill.submitters.rv.session import marked_plate, read_session

A, B = "sourceGroup000000", "sourceGroup000001"
GREEN = [0.0, 1.0, 0.0, 1.0]


def info(path: str, **more: Any) -> MediaInfo:
    frames = "0-47" if path.endswith(".mov") else "1001-1048"
    kind = MediaKind.MOVIE if path.endswith(".mov") else MediaKind.SEQUENCE
    given = {"container": "", "codec": "", "width": 1000, "height": 1000, "frames": FrameSet.parse(frames)}
    given |= {"channels": ("R",), "bits": 8, "sample": "uint", "size_bytes": 1, "path": path, "kind": kind}
    return MediaInfo(**{**given, **more})


def rect(*frames: int, user: str = "ada.l") -> Properties:
    """A green rectangle in the middle on each frame."""
    found: dict[str, Any] = {"paint.nextId": [2]}
    for frame in frames:
        name = f"rect:1:{frame}:{user}"
        found |= {f"{name}.min": [-0.1, -0.1], f"{name}.max": [0.1, 0.1], f"{name}.borderColor": GREEN}
        found[f"frame:{frame}.order"] = [name]
    return found


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., RvSession]:
    def read(*nodes: str, probe: Callable[[str], MediaInfo] = info) -> RvSession:
        path = tmp_path / "shot.rv"
        path.write_text(session_text(*nodes), encoding="utf-8")
        return read_session(path, probe)

    return read


def frames_of(session: RvSession) -> list[list[int]]:
    return [sorted(prompt.frame for one in plate.objects for prompt in one.prompts) for plate in session.plates]


Read = Callable[..., RvSession]


def test_rv_facts_11_prompts_come_out_of_a_session_without_rv(read: Read, tmp_path: Path) -> None:
    found = read(source(0, "plate.1001-1048#.exr"), node(f"{A}_paint", "RVPaint", rect(1010)))
    [plate] = found.plates
    assert plate.path == f"{tmp_path}/plate.####.exr"
    [one] = plate.objects
    assert (one.name, one.prompts[0].frame) == ("object1", 1010)
    box = one.prompts[0].box
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == (400.0, 400.0, 600.0, 600.0)
    assert [(note.frame, note.text) for note in plate.notes] == [(1010, "1 box at 400,400 to 600,600")]


@pytest.mark.parametrize(
    ("media", "group", "painted", "own"),
    [
        pytest.param("/p.#.exr", {}, 1010, 1010, id="a sequence"),
        pytest.param("/p.#.exr", {"group.rangeOffset": [-1000]}, 10, 1010, id="a sequence that is moved"),
        pytest.param("/p.#.exr", {"group.rangeStart": [1]}, 10, 1010, id="a sequence that begins at 1"),
        pytest.param("/p.mov", {}, 10, 9, id="a movie"),
        pytest.param("/p.mov", {"group.rangeOffset": [100]}, 110, 9, id="a movie that is moved"),
    ],
)
def test_frames_become_the_plates_own(
    read: Read, media: str, group: dict[str, list[int]], painted: int, own: int
) -> None:
    found = read(source(0, media, group), node(f"{A}_paint", "RVPaint", rect(painted)))
    assert frames_of(found) == [[own]]


SEQUENCE = [
    node("defaultSequence", "RVSequenceGroup", {"ui.name": ["Default Sequence"], "timing.retimeInputs": [0]}),
    node(
        "defaultSequence_sequence",
        "RVSequence",
        {"edl.frame": [1, 11, 31], "edl.source": [0, 1, 0], "edl.in": [1005, 1020, 0], "edl.out": [1014, 1039, 0]},
    ),
    connected((A, "defaultSequence"), (B, "defaultSequence")),
]


def test_rv_facts_10_paint_of_a_sequence_goes_to_its_sources(read: Read) -> None:
    """In a sequence, RV paints before an input's retime: the frame is the source's own."""
    paint = node(f"defaultSequence_p_{B}", "RVPaint", rect(1025))
    assert frames_of(read(source(0, "/a.#.exr"), source(1, "/b.#.exr"), *SEQUENCE, paint)) == [[], [1025]]


def test_rv_facts_10_paint_above_a_sequence_is_mapped_through_its_cuts(read: Read) -> None:
    """A stack over the sequence: frame 16 is the sixth of the second cut, 1020 + 5."""
    ways = [(A, "defaultSequence"), (B, "defaultSequence"), ("defaultSequence", "stackGroup")]
    stack = node("stackGroup", "RVStackGroup", {"ui.name": ["Stack"]})
    paint = node("stackGroup_paint", "RVPaint", rect(3, 16))
    sources = source(0, "/a.#.exr"), source(1, "/b.#.exr")
    assert frames_of(read(*sources, *SEQUENCE[:2], stack, paint, connected(*ways))) == [[1007], [1025]]


@pytest.mark.parametrize(
    ("retime", "painted", "own"),
    [
        pytest.param({"visual.scale": [2.0], "visual.offset": [0.0]}, 1009, 1005, id="slowed down to half"),
        pytest.param({"visual.scale": [0.5], "visual.offset": [0.0]}, 1005, 1009, id="twice as fast"),
        pytest.param({"visual.scale": [1.0], "visual.offset": [4.0]}, 1009, 1005, id="moved"),
        pytest.param(
            {"explicit.active": [1], "explicit.firstOutputFrame": [1], "explicit.inputFrames": [1001, 1030, 1002]},
            2, 1030, id="listed",
        ),
    ],
)  # fmt: skip
def test_rv_facts_10_a_retimed_sources_frames_are_its_own(
    read: Read, retime: Properties, painted: int, own: int
) -> None:
    """RV: out of frame f comes in frame (f - start) / scale + start - offset."""
    nodes = [
        node("retimeGroup", "RVRetimeGroup", {"ui.name": ["Retime"]}),
        node("retimeGroup_retime", "RVRetime", retime),
        node("retimeGroup_paint", "RVPaint", rect(painted)),
    ]
    assert frames_of(read(source(0, "/a.#.exr"), *nodes, connected((A, "retimeGroup")))) == [[own]]


def test_a_stack_begins_at_1(read: Read) -> None:
    nodes = [node("defaultStack", "RVStackGroup", {"ui.name": ["S"]}), node("defaultStack_paint", "RVPaint", rect(5))]
    assert frames_of(read(source(0, "/a.#.exr"), *nodes, connected((A, "defaultStack")))) == [[1005]]


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        pytest.param([node("layout_paint", "RVPaint", rect(5)), node("layout", "RVLayoutGroup", {"a.b": [1]}),
                      connected((A, "layout"))], "is a RVLayoutGroup", id="a layout"),
        pytest.param([node("defaultSequence_paint", "RVPaint", rect(-4)), *SEQUENCE[:2],
                      connected((A, "defaultSequence"))],
                     "shows nothing on frame -4", id="before a sequence"),
        pytest.param([node("gone_paint", "RVPaint", rect(5))], "not in the session", id="a source that is gone"),
        pytest.param([node("r", "RVRetimeGroup", {"a.b": [1]}), node("r_retime", "RVRetime", {"warp.active": [1]}),
                      node("r_paint", "RVPaint", rect(5)), connected((A, "r"))], "warps the time", id="a warp"),
        pytest.param([node("a", "RVStackGroup", {"a.b": [1]}), node("a_paint", "RVPaint", rect(5)),
                      connected(("a", "a"))], "more than 64 groups", id="a ring"),
    ],
)  # fmt: skip
def test_marks_that_no_frame_can_be_told_for_are_named(read: Read, nodes: list[str], said: str) -> None:
    found = read(source(0, "/a.#.exr"), *nodes)
    assert frames_of(found) == [[]]
    assert said in found.problems[0]


def test_pixel_aspect_comes_from_the_file_or_from_rvs_lens(read: Read) -> None:
    lens = node(f"{A}_lensWarp", "RVLensWarp", {"warp.pixelAspectRatio": [2.0]})
    paint = node(f"{A}_paint", "RVPaint", rect(1001))
    lefts = []
    for nodes, pixel_aspect in [((paint,), 2.0), ((paint, lens), 1.0), ((paint,), 1.0)]:
        found = read(source(0, "/a.#.exr"), *nodes, probe=lambda path, p=pixel_aspect: info(path, pixel_aspect=p))
        box = found.plates[0].objects[0].prompts[0].box
        lefts.append(box and box.left)
    assert lefts == [450.0, 450.0, 400.0]


def test_cuts_of_a_source_are_its_frames(read: Read) -> None:
    cut = {"cut.in": [1005], "cut.out": [1010]}
    assert str(read(source(0, "/a.#.exr", cut)).plates[0].frames) == "1005-1010"
    assert read(source(0, "/a.#.exr", {"cut.in": [-(2**31) + 1], "cut.out": [2**31 - 1]})).plates[0].frames is None


def test_a_plate_that_is_gone_is_a_problem_of_that_plate_alone(read: Read) -> None:
    def probe(path: str) -> MediaInfo:
        if "gone" in path:
            raise InputMissingError(f"{path} is not there")
        return info(path)

    paints = [node(f"{group}_paint", "RVPaint", rect(1001)) for group in (A, B)]
    found = read(source(0, "/gone.#.exr"), source(1, "/b.#.exr"), *paints, probe=probe)
    assert frames_of(found) == [[], [1001]]
    assert found.plates[0].problems == ("/gone.####.exr is not there",)


def test_a_turned_plates_marks_are_refused(read: Read) -> None:
    found = read(source(0, "/a.mov"), node(f"{A}_paint", "RVPaint", rect(1)), probe=lambda p: info(p, rotation=90))
    assert frames_of(found) == [[]]
    assert "turned by 90 degrees" in found.plates[0].problems[0]


def test_the_plate_to_cut_out_of_is_the_one_with_marks_or_the_named_one(read: Read) -> None:
    paints = [node(f"{group}_paint", "RVPaint", rect(1001)) for group in (A, B)]
    one = read(source(0, "/a.#.exr"), source(1, "/b.#.exr"), paints[1])
    both = read(source(0, "/a.#.exr"), source(1, "/b.#.exr"), *paints)
    assert marked_plate(one).path == "/b.####.exr"
    assert marked_plate(both, ["/a.%04d.exr"]).path == "/a.####.exr"
    for session, plates, said in [(both, (), "name one"), (both, ("/c.#.exr",), "does not hold"),
                                  (read(source(0, "/a.#.exr")), (), "nothing to cut out")]:  # fmt: skip
        with pytest.raises(BadRequestError, match=said):
            marked_plate(session, plates)


def test_text_of_gto_is_read_as_rvs_manual_says() -> None:
    """The examples of the manual's chapter on the text form, and what RV escapes."""
    text = r"""GTOa (4)
    # this is a comment
    "four dimensional time-cube" : polygon (2)
    {
        points { float[3] position = [ [ -2.5 2.5 .5 ] [ 1 2e3 -1.5E-2 ] ] float mass = [ 1 1 ] }
        more as "as" { int "int" as "as" = 1  int foo = [] int[1][4] same = [ 7 ... ] float[2][2] two = [ [1 2] ... ]
                       deep { string s = [ "a\"b\\c\n" x é ] int hex = 0x1F } }
    }
    plain { }
    """.replace(" é", ' "é"')
    found = parse_gto(text)
    assert list(found) == ["four dimensional time-cube", "plain"]
    assert found["four dimensional time-cube"].properties == {
        "points.position": [-2.5, 2.5, 0.5, 1, 2000.0, -0.015],
        "points.mass": [1, 1],
        "more.int": [1],
        "more.foo": [],
        "more.same": [7, 7, 7, 7],
        "more.two": [1, 2, 1, 2],
        "more.deep.s": ['a"b\\c\n', "x", "é"],
        "more.deep.hex": [31],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("GTOa (4)\na : b {\n c { int x = ", "line 3: the end is missing", id="cut off"),
        pytest.param('GTOa\na { b { int x = [ 1 "y" ] } }', "values that are not int", id="mixed values"),
        pytest.param("GTOa\na { b { int[1][999999999] x = [ 1 ... ] } }", "repeated", id="a bomb"),
        pytest.param("GTOa\n" + "a { " * 40, "deep", id="deep"),
        pytest.param("GTOa\na $ b", "belongs nowhere", id="a strange sign"),
        pytest.param("GTOa\na { b { int[x] y = 1 } }", "is no size", id="no size"),
        pytest.param("GTOa\n7 { }", "stands where a name belongs", id="a number for a name"),
    ],
)  # fmt: skip
def test_broken_text_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_gto(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\x1f\x8b123", "no session in text form", id="compressed"),
        pytest.param(b"\x9f\x02\0\0", "no session in text form", id="binary"),
        pytest.param(b"GTOa (4)\n{", "is broken: line 2", id="broken"),
        pytest.param(b"GTOa (4)\n", "holds no source", id="empty"),
    ],
)
def test_what_is_no_session_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "shot.rv"
    path.write_bytes(content)
    with pytest.raises(BadRequestError, match=said):
        read_session(path, info)


def test_a_session_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="No such file"):
        read_gto(tmp_path / "gone.rv")
