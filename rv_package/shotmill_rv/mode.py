"""The mode: menus, and what they do. Each handler reads RV, asks, and returns; answers come by a timer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rv.rvtypes
from rv import commands, extra_commands
from shotmill_client import Client, ClientError
from shotmill_marks import make_prompts
from shotmill_qt import Facts

from . import clicks, cuts, host, results
from .arrivals import Arrivals
from .desk import Desk
from .notes import Notes
from .windows import Windows

NAME = "shotmill"
SAY_S, WARN_S = 4.0, 8.0
JOBS = (
    ("Thumbnail", "thumbnail"),
    ("Roto", "roto"),
    ("Bake", "ocio_bake"),
    ("Dailies", "dailies"),
    ("Publish", "publish"),
)
ONE_PLATE = {"roto", "publish"}
CURRENT, MARKED, WHOLE = "current", "marked", "whole"
SCOPES = (("Current Source", CURRENT), ("Marked Range", MARKED), ("Whole Sequence", WHOLE))


class ShotmillMode(rv.rvtypes.MinorMode):
    """Shotmill in RV's menu bar."""

    def __init__(self) -> None:
        rv.rvtypes.MinorMode.__init__(self)
        self.windows = Windows()
        self.desk = Desk(self._client, self._complain)
        self.notes = Notes(self.desk, self.windows, self._say)
        self.arrivals = Arrivals(self._plate_of, lambda: self.stacks)
        self.stacks = True
        self.clicking = False
        self._plates: dict[str, str] = {}  # what was submitted here: the plate of a job
        self._panel: Any = None
        self._browser: Any = None
        self._segmenter: dict[str, Any] | None = None
        self._news: list[dict[str, Any]] = []  # what the job published that was the last to do so
        self._timer = self.windows.timer(self._tick)
        bindings = [
            ("play-start", self._play_started, "Let RV have the machine while it plays"),
            ("play-stop", self._play_stopped, "Go on after playback"),
            ("before-session-deletion", self._session_ends, "End what is asked for this session"),
            ("pointer-1--control--push", self._clicked, "Find the object under the pointer"),
        ]
        self.init(NAME, bindings, None, [("Shotmill", self._entries())])

    def _entries(self) -> list[Any]:
        submit = [
            (label, [(what, self._opens(job_type, scope), None, self._if_open) for what, scope in _scopes(job_type)])
            for label, job_type in JOBS
        ]
        versions = [
            ("Browse...", self.browse, None, self._if_open),
            ("_", None),
            ("Up", lambda _event: self.swap(results.UP), None, self._if_open),
            ("Down", lambda _event: self.swap(results.DOWN), None, self._if_open),
            ("Latest", lambda _event: self.swap(results.LATEST), None, self._if_open),
        ]
        return [
            ("Submit", [*submit, ("_", None), ("Other...", self._opens("", CURRENT), None, self._if_open)]),
            ("Published Versions", versions),
            ("Stack Mattes as They Arrive", self.toggle_stacks, None, self._stack_state),
            ("Mask under Ctrl-Click", self.toggle_clicks, None, self._click_state),
            ("_", None),
            ("Send Note...", self.notes.send, None, self._if_open),
            ("_", None),
            ("Open Cut...", self.open_cut, None, None),
            ("Write Cut Back...", self.write_cut, None, self._if_cut),
            ("_", None),
            ("Jobs", self.show_jobs, None, None),
        ]

    # What the menu looks like: called each time it opens, so nothing here asks, opens or walks anything.

    def _if_open(self) -> int:
        return int(commands.NeutralMenuState if host.has_source() else commands.DisabledMenuState)

    def _if_cut(self) -> int:
        is_cut = commands.propertyExists(f"{commands.viewNode()}.{cuts.CUT}") if host.has_source() else False
        return int(commands.NeutralMenuState if is_cut else commands.DisabledMenuState)

    def _stack_state(self) -> int:
        return int(commands.CheckedMenuState if self.stacks else commands.UncheckedMenuState)

    def _click_state(self) -> int:
        return int(commands.CheckedMenuState if self.clicking else commands.UncheckedMenuState)

    # Submitting.

    def _opens(self, job_type: str, scope: str) -> Callable[[Any], None]:
        return lambda _event: self.open_form(job_type, scope)

    def open_form(self, job_type: str, scope: str) -> None:
        """Show the form of a job type, filled with what RV knows."""
        plate = host.current_plate()
        if plate is None:
            self._say("No source is seen here; open one, or go to a frame that has one")
            return
        try:
            client = self.desk.client
        except ClientError as fault:
            self._complain(fault)
            return
        facts = self.facts(plate, job_type, scope)
        on = {"submitted": lambda value: self._submitted(value, plate.media), "lost": self._say_fault}
        self.windows.form(client, job_type, facts, on)

    def facts(self, plate: host.Plate, job_type: str, scope: str) -> Facts:
        """What RV knows of a job that is about to be asked for."""
        plates = host.all_plates() if scope == WHOLE else [plate]
        params: dict[str, Any] = {}
        notes: dict[str, str] = {}
        if scope == MARKED:
            first, last = host.marked_range()
            params["frames"] = host.own_range(plate, first, last)
            notes["frames"] = f"marked in RV, {first} to {last} there"
        if scope != WHOLE and job_type in {"roto", ""}:
            prompts = make_prompts(plate.picture, host.frame_marks(plate))
            if prompts.objects:
                params["objects"] = prompts.objects
            said = [*([f"{len(prompts.objects)} drawn in RV; red says what is not it"] if prompts.objects else [])]
            notes["objects"] = "; ".join([*said, *prompts.problems]) or "draw on the plate in RV to fill this in"
        return Facts(plates=tuple(one.media for one in plates), params=params, notes=notes)

    def _submitted(self, value: dict[str, Any], plate: str) -> None:
        handle = str(value["job"]["handle"])
        self._plates[handle] = plate
        panel = self._jobs()
        if panel is not None:
            panel.add(value)
        self._say(
            f"Submitted {handle}" if value.get("is_new", True) else f"Already there as {handle}; nothing new was made"
        )

    # Jobs and their results.

    def _jobs(self) -> Any:
        """The panel of jobs, which watches; made when it is first needed."""
        if self._panel is None:
            on = {
                "published": self._arrived,
                "arrived": self.arrivals.take,
                "given_up": self.arrivals.end,
                "open_requested": self.open_version,
                "stack_requested": self.stack_version,
            }
            self._panel = self._made(lambda client: self.windows.panel(client, on))
        return self._panel

    def _made(self, make: Callable[[Client], Any]) -> Any:
        try:
            return make(self.desk.client)
        except ClientError as fault:
            self._complain(fault)
            return None

    def show_jobs(self, _event: Any) -> None:
        """Show the panel of jobs."""
        panel = self._jobs()
        if panel is not None:
            panel.show()
            panel.raise_()

    def browse(self, _event: Any) -> None:
        """Show the versions that were made from the current source, with pictures."""
        plate = host.current_plate()
        if self._browser is None:
            on = {"open_requested": self.open_version, "stack_requested": self.stack_version,
                  "swap_requested": self.show_version}  # fmt: skip
            self._browser = self._made(lambda client: self.windows.browser(client, on))
        if self._browser is None or plate is None:
            return
        shown = results.shown_version(host.seen_source()) or {}
        self._browser.show_shot(str(shown.get("project", "")), str(shown.get("owner", "")), source=plate.media)
        self._browser.set_current(str(shown.get("id", "")))
        self._browser.show()

    def _arrived(self, version: dict[str, Any]) -> None:
        """A version was published while RV was open."""
        job = version.get("job")
        self._news = [*(one for one in self._news if job and one.get("job") == job), version]
        more = f" and {len(self._news) - 1} more" if len(self._news) > 1 else ""
        self._say(f"Published: {results.label_of(self._news[0])}{more}")
        self.arrivals.end(str(version.get("job", "")))
        plate = self._plate_of(version)
        if self.stacks and plate is not None and version.get("kind") == "matte":
            results.stack(plate, version)

    def _plate_of(self, version: dict[str, Any]) -> host.Plate | None:
        """The open source that a version was made from, as Shotmill or this session knows."""
        known = version.get("source") or self._plates.get(str(version.get("job", "")))
        wanted = host.media_pattern(str(known or ""))
        for node in commands.nodesOfType("RVFileSource"):
            if wanted and results.shown_version(node) is None and host.plain_media(node) == wanted:
                return host.Plate(node)
        return None

    def stack_version(self, version: dict[str, Any]) -> None:
        """Put a version over its plate."""
        plate = self._plate_of(version) or host.current_plate()
        if plate is None or not results.stack(plate, version):
            self._say(f"{results.label_of(version)} has no pictures, or its plate is not open")

    def open_version(self, version: dict[str, Any]) -> None:
        """Open a version as a source of its own."""
        picture = results.picture_of(version)
        if picture is None:
            self._say(f"{results.label_of(version)} has no pictures to open")
            return
        [node] = commands.addSourcesVerbose([[results.rv_path(picture)]], results.TAG)
        results.remember(node, version)
        commands.setViewNode(commands.nodeGroup(node))

    def show_version(self, version: dict[str, Any]) -> None:
        """Show a version in the source that is seen, if that shows another one of the same product."""
        node = host.seen_source()
        if not results.shown_version(node) or not results.swap(node, version):
            self.stack_version(version)

    def swap(self, way: str) -> None:
        """Show the next version above or below, or the latest, in the source that is seen."""
        node = host.seen_source()
        shown = results.shown_version(node)
        if shown is None or not shown.get("address"):
            why = "was not opened by Shotmill" if shown is None else "is not published yet"
            self._say(f"What is seen here {why}; choose a version in Published Versions, Browse")
            return

        def arrived(value: dict[str, Any]) -> None:
            found = results.neighbour(value["versions"], shown, way)
            if found is None:
                self._say(f"{results.label_of(shown)}: there is nothing further {way}")
            elif results.swap(node, found):
                self._say(results.label_of(found))

        asked = {"project": shown["project"], "shot": shown["owner"], "product": shown["product"]}
        self.desk.ask("versions", asked, arrived, key=f"swap {node}")

    def toggle_stacks(self, _event: Any) -> None:
        """Whether mattes are put over their plates."""
        self.stacks = not self.stacks

    # Cuts.

    def open_cut(self, _event: Any) -> None:
        """Ask for a cut in the database, and show it as a sequence."""
        label = "Name of the cut, or project:cut"
        self.windows.ask_text("Shotmill: open cut", label, "", lambda name: self._open_cut(name.strip()))

    def _open_cut(self, name: str) -> None:
        project, _, cut = name.rpartition(":")
        if not cut:
            return

        def arrived(value: dict[str, Any]) -> None:
            try:
                count = cuts.open_cut(project, cut, value["otio"])
            except ValueError as fault:
                self._say(f"Cut {cut} cannot be shown: {fault}")
                return
            self._say(f"Cut {cut}: {count} clips" if count else f"Cut {cut} has no media to show")

        asked = {"cut": cut, **({"project": project} if project else {})}
        self.desk.ask("cut", asked, arrived, key=f"cut {name}")

    def write_cut(self, _event: Any) -> None:
        """Show how the sequence differs from its cut, and write it back when that is wanted."""
        opened = cuts.opened_cut()
        if opened is None:
            self._say("The view is no cut that Shotmill opened")
            return
        known, text, node = opened
        try:
            changed = cuts.changed_cut(node, text)
        except ValueError as fault:
            self._say(f"The cut cannot be written: {fault}")
            return
        asked = {**{key: value for key, value in known.items() if value}, "otio": changed}
        differences = cuts.told_changes(node, text)
        said = "\n".join([f"Write cut {known['cut']} back?", "", *(differences or ["Nothing was changed."])])
        self.windows.ask_yes("Shotmill: write cut", said, lambda: self._write(asked))

    def _write(self, asked: dict[str, Any]) -> None:
        self.desk.ask("cut_write", asked, lambda _value: self._say(f"Cut {asked['cut']} is written"), key="cut_write")

    # Clicks.

    def toggle_clicks(self, _event: Any) -> None:
        """Whether a click with Ctrl finds what is under it; the resident segmenter is started where none runs."""
        self.clicking = not self.clicking
        if self.clicking:
            self.desk.ask("segment", {"start": True}, self._found_segmenter, failed=self._no_segmenter, key="segment")

    def _found_segmenter(self, value: dict[str, Any]) -> None:
        self._segmenter = value
        self._say("Click on the picture with Ctrl")

    def _no_segmenter(self, fault: ClientError) -> None:
        self.clicking = False
        self._complain(fault)

    def _clicked(self, event: Any) -> None:
        plate = host.current_plate() if self.clicking else None
        if plate is None or self._segmenter is None:
            event.reject()
            return
        address, picture = self._segmenter, plate.picture
        x, y = commands.eventToImageSpace(plate.node, event.pointer(), True)
        point = picture.pixel((x, y))
        frame = host.frame_now(plate)
        if not picture.holds(point) or frame is None:
            event.reject()
            return
        self.desk.work(
            lambda: clicks.mask_of(address, plate.media, frame, point),
            lambda found: self._show_mask(plate, found),
            lambda fault: self._say(f"The segmenter did not answer: {fault}", WARN_S),
        )

    def _show_mask(self, plate: host.Plate, found: dict[str, Any]) -> None:
        results.preview(plate, found["path"])
        reason = f": {found['reason']}" if found["reason"] else ""
        self._say(f"Mask, confidence {found['confidence']:.2f}{reason}")

    # RV's events, and words.

    def _play_started(self, event: Any) -> None:
        self._set_playing(playing=True)
        event.reject()

    def _play_stopped(self, event: Any) -> None:
        self._set_playing(playing=False)
        event.reject()

    def _set_playing(self, *, playing: bool) -> None:
        self.desk.playing = playing
        if self._panel is not None:
            self._panel.set_playing(playing)

    def _session_ends(self, event: Any) -> None:
        self.desk.close()
        self.arrivals.clear()
        event.reject()

    def _tick(self) -> int:
        self.desk.poll()
        if not self.desk.playing:
            self.arrivals.step()
        return self.desk.pause_ms

    @staticmethod
    def _client() -> Client:
        numbers = commands.getVersion()
        return Client(app="rv", version=".".join(str(number) for number in numbers))

    def _complain(self, fault: ClientError) -> None:
        """Say in one sentence what does not work, and what to do."""
        self._say_fault(fault)
        self.windows.complain(fault)

    def _say_fault(self, fault: ClientError) -> None:
        self._say(f"Shotmill: {fault}", WARN_S)

    @staticmethod
    def _say(text: str, seconds: float = SAY_S) -> None:
        extra_commands.displayFeedback(text, seconds)


def _scopes(job_type: str) -> list[tuple[str, str]]:
    return [one for one in SCOPES if one[1] != WHOLE or job_type not in ONE_PLATE]
