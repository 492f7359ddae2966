"""Which walks a roto is made of, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from shotmill.jobs.roto.params import RotoParams
from shotmill.jobs.roto.steps import part_name, part_of, steps
from shotmill.jobs.roto.walks import walks_of
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, EntityKind, EntityRef

OWNER = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


def params(*objects: str, frames: str = "1001-1010", media: str = "/p/a.####.png", **more: Any) -> RotoParams:
    clip = Clip(name="a", media=media, frames=FrameSet.parse(frames), entity=OWNER)
    given = {"segment": "stub", "propagate": "stub", **more}
    return RotoParams.model_validate({"clips": [clip], "objects": objects, **given})


def ways(found: RotoParams) -> list[tuple[int, int]]:
    return [(walk.start, walk.end) for walk in walks_of(found)]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        pytest.param("forward", [(1004, 1010)], id="forward"),
        pytest.param("backward", [(1004, 1001)], id="backward"),
        pytest.param("both", [(1004, 1010), (1004, 1001)], id="both"),
    ],
)
def test_one_prompt_is_followed_the_way_that_was_asked_for(direction: str, expected: list[tuple[int, int]]) -> None:
    assert ways(params("a @1004 +1,2", direction=direction)) == expected


def test_between_two_prompts_both_are_followed_up_to_the_other() -> None:
    assert ways(params("a @1001 +1,2 @1006 +3,4")) == [(1001, 1005), (1006, 1010), (1006, 1002)]


@pytest.mark.parametrize(
    ("objects", "direction", "expected"),
    [
        pytest.param("a @1001 +1,2 @1006 fix -3,4", "both", [(1006, 1002)], id="backwards, to where it began"),
        pytest.param("a @1010 +1,2 @1004 fix -3,4", "both", [(1004, 1009)], id="forwards, to where it began"),
        pytest.param(
            "a @1001 +1,2 @1004 fix -3,4 @1008 fix -3,4",
            "both",
            [(1004, 1002), (1008, 1005)],
            id="to the correction before it",
        ),
        pytest.param("a @1001 +1,2 @1002 fix -3,4", "both", [], id="nothing lies between"),
        pytest.param("a @1001 +1,2 @1005 fix -3,4 @1009 +1,2", "both", [], id="both walks pass it already"),
        pytest.param("a @1001 +1,2 @1006 fix -3,4", "forward", [], id="forward only"),
        pytest.param("a @1010 +1,2 @1006 fix -3,4", "backward", [], id="backward goes back anyway"),
    ],
)
def test_a_correction_is_followed_back_to_what_was_said_before(
    objects: str, direction: str, expected: list[tuple[int, int]]
) -> None:
    found = walks_of(params(objects, direction=direction))
    assert [(walk.start, walk.end) for walk in found if walk.goes_back] == expected


def test_objects_corrected_on_one_frame_go_back_together_as_far_as_both_go() -> None:
    three = ("a @1001 +1,2 @1006 fix +1,1", "b @1001 +3,4 @1006 fix +1,1", "c @1001 +5,6 @1003 fix +1,1 @1006 fix +1,1")
    found = [walk for walk in walks_of(params(*three, objects_per_task=4)) if walk.goes_back]
    assert [(walk.objects, walk.start, walk.end) for walk in found] == [
        (("c",), 1003, 1002),
        (("a", "b"), 1006, 1002),
        (("c",), 1006, 1004),
    ]


def test_a_walk_knows_how_long_ago_it_was_told_anything() -> None:
    there, back = walks_of(params("a @1001 +1,2 @1006 fix -3,4"))
    assert [there.away(frame, [1006]) for frame in (1001, 1005, 1006, 1009)] == [0, 4, 0, 3]
    assert [back.away(frame, [1006]) for frame in (1006, 1002)] == [0, 4]


def test_walks_back_are_steps_of_their_own_after_all_that_go_there() -> None:
    made = steps(params("a @1001 +1,2 @1006 fix +1,1", chunk_frames=4))
    chain = [(step.name, str(step.frames), step.after[2:]) for step in made if step.task == "propagate"]
    there = ("propagate", "propagate-002", "propagate-003")
    assert chain[3:] == [("propagate-back", "2", there), ("propagate-back-002", "2", (*there, "propagate-back"))]
    assert set(there) < set(next(step for step in made if step.name == "matte").after)


def test_objects_told_on_the_same_frames_share_a_walk_where_that_is_asked_for() -> None:
    two = ("a @1001 +1,2", "b @1001 +3,4", "c @1002 +5,6")
    assert [walk.objects for walk in walks_of(params(*two, direction="forward", objects_per_task=4))] == [
        ("a", "b"),
        ("c",),
    ]
    assert [walk.objects for walk in walks_of(params(*two, direction="forward"))] == [("a",), ("b",), ("c",)]


def test_chunks_of_a_walk_are_a_chain_of_steps() -> None:
    made = steps(params("a @1001 +1,2", "b @1008 +1,2", direction="forward", chunk_frames=4))
    chain = [(step.name, str(step.frames), step.after) for step in made if step.task == "propagate"]
    assert chain == [
        ("propagate", "1-2", ("prepare", "segment")),
        ("propagate-002", "1", ("prepare", "segment", "propagate")),
        ("propagate-003", "1", ("prepare", "segment", "propagate-002")),
    ]
    assert [part_of(part_name(part, goes_back=back)) for part in range(3) for back in (False, True)] == [
        0,
        0,
        1,
        1,
        2,
        2,
    ]


def test_no_step_asks_for_a_gpu_where_no_backend_needs_one() -> None:
    assert {step.needs.gpu for step in steps(params("a @1001 +1,2"))} == {0}


@pytest.mark.parametrize(
    ("objects", "more", "words"),
    [
        pytest.param((), {}, "no object", id="no object"),
        pytest.param(("a @1011 +1,2",), {}, "prompt on frame 1011", id="outside of the range"),
        pytest.param(("a @1004 +1,2 @1002 fix -3,4",), {"direction": "forward"}, "nothing comes", id="unreachable"),
        pytest.param(("a @1001 +1,2",), {"frames": "1001-1010x3"}, "have gaps", id="every third frame"),
        pytest.param(("a @1001 text dog",), {}, "no backend detects", id="a text without a detector"),
    ],
)
def test_what_does_not_fit_together_is_refused(objects: tuple[str, ...], more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        steps(params(*objects, **more))


def test_a_movie_says_its_frames_or_is_told_them() -> None:
    clip = Clip(name="m", media="/p/m.mov", entity=OWNER)
    given: dict[str, Any] = {"clips": [clip], "objects": ["a @0 +1,2"], "segment": "stub", "propagate": "stub"}
    with pytest.raises(ValueError, match="name them with --frames"):
        steps(RotoParams.model_validate(given))
    assert steps(RotoParams.model_validate({**given, "frames": "0-9"}))[0].name == "prepare"
