"""Notes from RV: on the version that is seen, frame by frame."""

from __future__ import annotations

from typing import Any

from rv_host import Parrot, Rv
from rv_versions import PLATE, version


def test_a_note_is_what_was_drawn_and_goes_to_the_version_frame_by_frame(rv: Rv, parrot: Parrot) -> None:
    rv.open(PLATE)
    rv.mode._arrived(version(3))
    rv.session.frame = 1001
    rv.paint("sourceGroup000000_paint", "text:1:1010:ada", text=["edge boils"], position=[0.0, 0.0])
    parrot.answer(note={"id": "n"})
    asked: list[Any] = []
    rv.mode.windows.ask_text = lambda *given: asked.append(given)
    rv.press("Shotmill", "Send Note...")
    _title, label, text, accepted = asked[0]
    assert ("sq010/sh010/roto v003" in label, text) == (True, "1010: edge boils")
    accepted(text + "\nlovely otherwise")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    told = sorted((one["args"] for one in parrot.asked), key=lambda args: args.get("frame", 0))
    address = "demo:sq010/sh010/roto@v003"
    assert told == [
        {"version": address, "text": "lovely otherwise"}, {"version": address, "text": "edge boils", "frame": 1010}
    ]  # fmt: skip


def test_a_note_goes_to_the_version_that_is_seen_and_not_to_the_newest(rv: Rv, parrot: Parrot) -> None:
    """However it came into RV: by Shotmill or by hand, and whatever is shown by the time that the note is written."""
    rv.open("/show/publish/roto/v002/roto.1001-1010@@@@.exr")
    asked: list[Any] = []
    rv.mode.windows.ask_text = lambda *given: asked.append(given)
    parrot.answer(versions={"versions": [version(2)]}, note={"id": "n"})
    rv.press("Shotmill", "Send Note...")
    rv.wait(lambda: asked)
    assert parrot.asked[-1]["args"] == {"path": "/show/publish/roto/v002/roto.####.exr"}
    rv.mode.open_version(version(3))
    rv.press("Shotmill", "Send Note...")
    rv.mode.open_version(version(4))
    for *_words, accepted in asked:
        accepted("soft edge")
    rv.wait(lambda: rv.mode.desk.waiting == 0)
    addresses = [one["args"]["version"] for one in parrot.asked if one["op"] == "note"]
    assert sorted(addresses) == ["demo:sq010/sh010/roto@v002", "demo:sq010/sh010/roto@v003"]


def test_a_note_while_a_mask_is_previewed_is_not_about_the_mask(rv: Rv, parrot: Parrot) -> None:
    from shotmill_rv import host  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    rv.open(PLATE)
    rv.mode._show_mask(host.current_plate(), {"path": "/tmp/mask.png", "confidence": 0.9, "reason": ""})
    parrot.answer(versions={"versions": []})
    rv.press("Shotmill", "Send Note...")
    rv.wait(lambda: "so there is nothing to write a note on" in " ".join(rv.session.said))
    plate = "/show/sq010/plate.####.exr"
    assert [one["args"] for one in parrot.asked] == [{"path": plate}, {"source": plate, "latest": True}]
