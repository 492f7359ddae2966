"""Notes of a review: on the version that is seen, with what is drawn and written on it, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shotmill_marks import frame_notes

from . import host, results
from .desk import Desk
from .windows import Windows


class Notes:
    """Sends notes.

    Args:
        desk: that asks Shotmill.
        windows: that ask the artist.
        say: shows a sentence in RV.
    """

    def __init__(self, desk: Desk, windows: Windows, say: Callable[[str], None]) -> None:
        self._desk = desk
        self._windows = windows
        self._say = say

    def send(self, _event: Any) -> None:
        """Write a note on the version that is seen; what is drawn and written on the plate is proposed.

        Where Shotmill did not open what is seen, it is asked whose file that is; else the newest version is proposed
        that was made from it. What is seen now gets the note, whatever is shown when it is written.
        """
        plate, shown = host.current_plate(), results.shown_version(host.seen_source())
        if plate is None:
            self._say("No source is seen here")
            return
        found = frame_notes(plate.picture, host.frame_marks(plate))
        text = "\n".join(f"{note.frame}: {note.text}" for note in found)
        if shown is not None and shown.get("address"):
            self._ask(shown, text)
            return
        key, media = "note of which", plate.media
        self._desk.ask("versions", {"path": media}, lambda value: self._on_its_own(value, media, text), key=key)

    def _on_its_own(self, value: dict[str, Any], media: str, text: str) -> None:
        if value["versions"]:
            self._ask(value["versions"][0], text)
            return
        asked = {"source": media, "latest": True}
        self._desk.ask("versions", asked, lambda found: self._on_latest(found, text), key="note of which")

    def _on_latest(self, value: dict[str, Any], text: str) -> None:
        if not value["versions"]:
            self._say("Nothing was published of this source, so there is nothing to write a note on")
            return
        self._ask(value["versions"][0], text)

    def _ask(self, version: dict[str, Any], text: str) -> None:
        label = f"Note on {results.label_of(version)}; a line that begins with a frame and a colon is about that frame:"
        self._windows.ask_text("Shotmill: note", label, text, lambda said: self._send(version, said))

    def _send(self, version: dict[str, Any], said: str) -> None:
        address = str(version["address"])
        for number, line in enumerate(line for line in said.splitlines() if line.strip()):
            head, colon, rest = line.partition(":")
            about = {"frame": int(head)} if colon and head.strip().lstrip("-").isdigit() else {}
            text = rest.strip() if about else line.strip()
            asked = {"version": address, "text": text, **about}
            self._desk.ask("note", asked, lambda _value: self._say("Noted"), key=f"note {address} {number}")
