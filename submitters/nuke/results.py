"""What a version holds that Nuke can show: pictures, roto shapes and LUTs; read in a thread, no node is touched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Mapping, NamedTuple

from .paths import PathMap, percents
from .problems import NukeProblem

PICTURES = ("exr", "dpx", "tif", "tiff", "png", "mov", "mp4", "jpg")  # the first that is there is shown
LUTS = ("clf", "ctf", "cube", "csp", "spi3d", "3dl", "spi1d")
SHAPES_SCRIPT, SHAPES_NODES = "nukepy", "nuke"
ROTO = re.compile(r"^ROTO = r'''(.*?)'''$", re.DOTALL | re.MULTILINE)
SPACE = re.compile(r'^ (in_colorspace|out_colorspace) "((?:[^"\\]|\\.)*)"$', re.MULTILINE)
RANGE = re.compile(r"(-?\d+)(?:-(-?\d+))?")
RISKY = re.compile(
    r"[\[\]$;]|\\|\b(?:onCreate|knobChanged|onDestroy|updateUI|autolabel|beforeRender|afterRender)\b|\bpython\b"
)


class Picture(NamedTuple):
    """Frames or a movie to read.

    Attributes:
        path: with ``%04d``, as this host sees it.
        first, last: None: it is one picture, or a movie that says it itself.
        raw: whether its numbers are no colours.
    """

    path: str
    first: int | None
    last: int | None
    colourspace: str
    raw: bool


class Lut(NamedTuple):
    """A LUT's file, and the colour spaces that it is handed and that it ends in; empty: none is known."""

    path: str
    source: str
    back: str


class Result(NamedTuple):
    """One version, ready to become nodes.

    Attributes:
        key: of the product, whichever version; name: for nodes; label: for people.
        roto: objects with their shapes, as ``nuke_side`` takes them; None: there are none.
        paste: path of a script with Roto nodes at one frame, where there is no better.
    """

    key: str
    version: str
    name: str
    label: str
    picture: Picture | None = None
    roto: dict[str, Any] | None = None
    paste: str = ""
    lut: Lut | None = None
    notes: tuple[str, ...] = ()


def load(version: Mapping[str, Any], paths: PathMap) -> Result:
    """A version as ``versions`` tells it, with what has to be read of its files.

    Raises:
        NukeProblem: there is nothing that Nuke can show, or a file cannot be read.
    """
    forms = {str(one["name"]): one for one in version.get("representations") or ()}
    owner, product = str(version.get("owner") or ""), str(version.get("product") or "")
    number = _number(version.get("version"))
    result = Result(
        key=f"{version.get('project')}:{owner}/{product}",
        version=str(version.get("id") or number),
        name=re.sub(r"[^A-Za-z0-9]+", "_", f"{owner.rpartition('/')[2]}_{product}").strip("_") or "shotmill",
        label=f"{owner}/{product}@{number}",
        picture=_picture(forms, paths, is_matte=version.get("kind") == "matte"),
        lut=_lut(forms, paths),
    )
    result = _with_shapes(result, forms, paths)
    if not (result.picture or result.roto or result.paste or result.lut):
        raise NukeProblem(f"{result.label} holds nothing that Nuke shows", "open it from the board or the command line")
    return result


def _number(version: Any) -> str:
    return f"v{version:03d}" if isinstance(version, int) else str(version)


def _path(form: Mapping[str, Any], paths: PathMap) -> str:
    return paths.here(str(form["path"]))


def _picture(forms: Mapping[str, Mapping[str, Any]], paths: PathMap, *, is_matte: bool) -> Picture | None:
    named = [name for name in PICTURES if name in forms and not (name in ("jpg", "mp4") and "exr" in forms)]
    if not named:
        return None
    form = forms[named[0]]
    first, last = span(form.get("frames"))
    colourspace = str(form.get("colour") or "")
    return Picture(percents(_path(form, paths)), first, last, colourspace, raw=is_matte)


def span(frames: Any) -> tuple[int | None, int | None]:
    """The ends of frames as Shotmill writes them, ``1001-1010,1020``; None: there are none."""
    found = [RANGE.match(part.strip()) for part in str(frames or "").split(",")]
    ends = [int(one.group(end) or one.group(1)) for one in found if one is not None for end in (1, 2)]
    return (min(ends), max(ends)) if ends else (None, None)


def _with_shapes(result: Result, forms: Mapping[str, Mapping[str, Any]], paths: PathMap) -> Result:
    """Shapes of the script with all keys, which is read and never run; else the nodes with one frame."""
    if SHAPES_SCRIPT in forms:
        return result._replace(roto=_roto(_text(_path(forms[SHAPES_SCRIPT], paths))))
    if SHAPES_NODES in forms and "shapes" in forms:
        path = _path(forms[SHAPES_NODES], paths)
        check_nodes(_text(path), path)
        return result._replace(paste=path, notes=("its shapes are those of one frame; export nukepy for all keys",))
    if "shapes" in forms:
        return result._replace(notes=("its shapes were not exported for Nuke; submit with the export nukepy",))
    return result


def _roto(script: str) -> dict[str, Any]:
    found = ROTO.search(script)
    try:
        document = json.loads(found.group(1)) if found else None
    except ValueError:
        document = None
    if not isinstance(document, dict) or "objects" not in document or "format" not in document:
        raise NukeProblem("the script with the shapes is none of Shotmill's", "publish the roto again")
    return document


def check_nodes(text: str, path: str) -> None:
    """Hold pasted text to Roto nodes that run nothing.

    Raises:
        NukeProblem: it has other nodes, or words that Nuke would run.
    """
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    classes = set(re.findall(r"^(\S+) \{$", body, re.MULTILINE))
    if classes != {"Roto"} or RISKY.search(body):
        raise NukeProblem(f"{path} holds more than Roto nodes", "look at it in a text editor before you paste it")


def _lut(forms: Mapping[str, Mapping[str, Any]], paths: PathMap) -> Lut | None:
    named = [name for name in LUTS if name in forms]
    if not named:
        return None
    source, back = "", ""
    script = next((form for form in forms.values() if str(form["path"]).endswith(".nk")), None)
    if script is not None:
        spaces = SPACE.findall(_text(_path(script, paths)))
        words = [(knob, re.sub(r"\\(.)", r"\1", value)) for knob, value in spaces]
        source = words[1][1] if len(words) > 1 else ""
        back = words[2][1] if len(words) > 3 else ""  # noqa: PLR2004 - in and out of a second node
    return Lut(_path(forms[named[0]], paths), source, back)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NukeProblem(f"{path} cannot be read ({error})", "is its disk mounted here?") from error


def newest(versions: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The last version of each product."""
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for one in versions:
        key = (str(one.get("project")), str(one.get("owner")), str(one.get("product")))
        if key not in found or _order(one) > _order(found[key]):
            found[key] = one
    return list(found.values())


def _order(version: Mapping[str, Any]) -> int:
    digits = re.findall(r"\d+", str(version.get("version")))
    return int(digits[-1]) if digits else 0
