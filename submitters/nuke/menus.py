"""Shotmill's menu in Nuke. Making it asks nobody anything; each entry tells what goes wrong in one sentence."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, Sequence

import nuke

from ..client import Client
from . import flow
from .apply import PRODUCT, VERSION, Applied, apply
from .asks import Ask, job_kinds
from .colour import NUKE
from .gather import MODIFIED, READS, Scene, gather
from .panel import SubmitPanel
from .paths import MAP_VARIABLE, PathMap, path_map
from .problems import NukeProblem
from .prompts import ROTOS, TRACKERS, as_words, prompts_of, region_of
from .work import Progress, ask, guarded, in_background, tell

MENU = "Shotmill"
PYTHON_VARIABLE = "SHOTMILL_PYTHON"
QUESTION = "The script has changes that are not saved. What is on the disk is submitted; go on?"


def add_menu() -> None:
    """Put Shotmill's menu into Nuke's menu bar; a second call changes nothing."""
    bar = nuke.menu("Nuke")
    if bar.findItem(MENU) is not None:
        return
    menu = bar.addMenu(MENU)
    menu.addCommand("Submit...", guarded(submit))
    menu.addCommand("Submit selected...", guarded(submit_selected))
    menu.addSeparator()
    menu.addCommand("Bring in results of selected Read", guarded(bring_in))
    menu.addCommand("Update what was brought in", guarded(update))
    menu.addSeparator()
    menu.addCommand("Is Shotmill there?", guarded(ping))


def submit() -> None:
    """Submit plates and outputs of the script."""
    _submit(selected=False)


def submit_selected() -> None:
    """Submit what is selected of them."""
    _submit(selected=True)


def _submit(*, selected: bool) -> None:
    paths = path_map(os.environ)
    drawn = drawn_objects()
    only = selected and _has_media()
    scene = gather(os.environ, paths=paths, selected=only)
    drawn_on = [node.fullName() for node in map(_read_above, _drawn_nodes())]
    ticked = [plate.node for plate in scene.plates] if only else drawn_on
    client = client_of(scene)
    if scene.saved == MODIFIED and not nuke.ask(QUESTION):
        return

    def show(described: Any) -> None:
        check = _checker(client)
        kinds, job_type = job_kinds(described), "roto" if drawn else ""
        panel = SubmitPanel(kinds, scene, said=drawn, ticked=ticked, job_type=job_type, check=check)
        chosen = _chosen(panel)
        if chosen:
            send(client, chosen, paths, brings_in=panel.brings_in)

    in_background(lambda: ask(client, "describe", {}), show)


def _checker(client: Client) -> Callable[[list[Ask], Callable[[str], None]], None]:
    def check(asks: list[Ask], answer: Callable[[str], None]) -> None:
        in_background(lambda: flow.check(client, asks), answer)

    return check


def _chosen(panel: SubmitPanel) -> list[Ask]:
    """What the artist wants; the panel opens again where something is wrong. Nothing: Cancel was pressed."""
    found: list[Ask] | None = None
    while found is None:
        found = _asked(panel) if panel.showModalDialog() else []
    return found


def _asked(panel: SubmitPanel) -> list[Ask] | None:
    """The submits of the panel; None: something is wrong, and was told."""
    try:
        return panel.asks()
    except NukeProblem as problem:
        tell(str(problem))
    return None


def send(client: Client, asks: Sequence[Ask], paths: PathMap, *, brings_in: bool) -> None:
    """Submit in a thread; when all jobs have ended, make nodes of what they published."""

    def show(outcomes: list[flow.Outcome]) -> None:
        sentences = []
        for outcome in outcomes:
            if outcome.results and brings_in:
                source = nuke.toNode(outcome.node) if outcome.node else None
                sentences.append(_said(apply(outcome.results, source)))
            sentences += [f"{outcome.job} {outcome.state}", *outcome.sentences]
        tell("\n".join(sentences))

    in_background(lambda: flow.run(client, asks, paths, Progress("Shotmill")), show)


def bring_in() -> None:
    """Bring in the newest versions that were made from the Read that is selected."""
    read = _selected_read()
    if read is None:
        raise NukeProblem("no Read is selected", "select the plate whose results you want")
    paths = path_map(os.environ)
    scene = gather(os.environ, paths=paths)
    plate = next((one for one in scene.plates if one.node == read.fullName()), None)
    if plate is None:
        raise NukeProblem(f"{read.name()} is disabled, or has no file", "select the plate whose results you want")
    client, path, name = client_of(scene), plate.path, read.fullName()

    def show(found: Any) -> None:
        results, sentences = found
        said = [_said(apply(results, nuke.toNode(name)))] if results else [f"nothing is published of {path}"]
        tell("\n".join([*said, *sentences]))

    in_background(lambda: flow.loaded(flow.made_from(client, path), paths), show)


def update() -> None:
    """Bring every node that shows a product to its newest version."""
    paths = path_map(os.environ)
    client = client_of(gather(os.environ, paths=paths))
    shown = _versions_shown()
    if not shown:
        raise NukeProblem("nothing of Shotmill's was brought in", "submit a plate, or bring in its results")

    def show(found: Any) -> None:
        results, sentences = found
        tell("\n".join([_said(apply(results, None)) if results else "nothing newer is published", *sentences]))

    in_background(lambda: flow.loaded(_newer(client, shown), paths), show)


def _newer(client: Client, shown: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The newest versions of products, where they are others than those that are shown."""
    found = []
    for project in sorted({key.partition(":")[0] for key in shown}):
        for version in ask(client, "versions", {"project": project, "latest": True})["versions"]:
            key = f"{version['project']}:{version['owner']}/{version['product']}"
            if key in shown and str(version["id"]) != shown[key]:
                found.append(version)
    return found


def ping() -> None:
    """Say which Shotmill answers."""
    scene = gather(os.environ, paths=path_map(os.environ))
    client = client_of(scene)

    def show(found: Any) -> None:
        runs = f"Python {found['python']}, engine {found['engine']}, project {found['project']}"
        tell(f"Shotmill {found['shotmill']}, {runs}")

    in_background(lambda: ask(client, "ping", {}), show)


def client_of(scene: Scene) -> Client:
    """Who asks Shotmill, with the OCIO config of the script.

    Raises:
        ClientError: nothing says where Shotmill is, or it is not there.
    """
    ours = (PYTHON_VARIABLE, MAP_VARIABLE)  # are for this side: Shotmill refuses settings that it does not know
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    if scene.colour.source != NUKE:
        environ["OCIO"] = scene.colour.config
    return Client("nuke", scene.nuke, python=os.environ.get(PYTHON_VARIABLE), environ=environ)


def drawn_objects() -> list[str]:
    """Prompts of what was drawn: selected Rotos and Trackers, else the Viewer's region on a selected Read."""
    said = []
    for node in _drawn_nodes():
        said += prompts_of(node, _read_above(node))
    read = _selected_read()
    viewer = nuke.activeViewer()
    if not said and read is not None and viewer is not None:
        said = region_of(viewer.node(), read, nuke.frame())
    return as_words(said)


def _drawn_nodes() -> list[Any]:
    return [node for node in nuke.selectedNodes() if node.Class() in ROTOS + TRACKERS]


def _read_above(node: Any) -> Any:
    at = node
    while at is not None and at.Class() not in READS:
        at = at.input(0)
    if at is None:
        raise NukeProblem(f"{node.name()} is not below a Read", "connect it to the plate that it belongs to")
    return at


def _has_media() -> bool:
    """Whether anything selected is more than what was drawn."""
    return any(node.Class() not in ROTOS + TRACKERS for node in nuke.selectedNodes())


def _selected_read() -> Any | None:
    found = [node for node in nuke.selectedNodes() if node.Class() in READS]
    return found[0] if found else None


def _versions_shown() -> dict[str, str]:
    """The version that nodes show of each product."""
    knobs = [(node.knob(PRODUCT), node) for node in nuke.allNodes(recurseGroups=True)]
    shown = [(str(knob.value()), str(node[VERSION].value())) for knob, node in knobs if knob is not None]
    return {key.partition("#")[0]: version for key, version in shown}


def _said(applied: Applied) -> str:
    parts = []
    if applied.made:
        parts.append(f"made {', '.join(applied.made)}")
    if applied.changed:
        parts.append(f"brought {', '.join(applied.changed)} to the new version")
    return "; ".join(parts) or "nothing to bring in"
