"""What is asked of Shotmill, made from plain values: nothing here touches Blender."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

RENDER_FIELD = "scene_file"  # job types that have it render the scene itself
BY_HOST = "host"
MAX_TOLD = 5
_NUMBER = re.compile(r"(\d+)(?=\.[^.]*$)")
# Names of other OCIO configs -> what Blender's own calls it.
COLOURS = {
    "linear rec.709 (srgb)": "Linear Rec.709",
    "lin_rec709_scene": "Linear Rec.709",
    "lin_rec709": "Linear Rec.709",
    "linear rec.2020": "Linear Rec.2020",
    "linear p3-d65": "Linear DCI-P3 D65",
    "srgb - display": "sRGB",
    "srgb - texture": "sRGB",
    "srgb encoded rec.709 (srgb)": "sRGB",
}


class NotReadyError(Exception):
    """The scene cannot be sent as it is: one sentence for the artist."""


def renders_scene(form: Mapping[str, Any]) -> bool:
    """Whether jobs of this form render the open scene."""
    return any(field["name"] == RENDER_FIELD for field in form["fields"])


def is_for_scenes(form: Mapping[str, Any]) -> bool:
    """Whether this job type can do anything with a scene, or with what was rendered of it."""
    return renders_scene(form) or form["takes"] == "plates"


def frames_text(first: int, last: int, step: int) -> str:
    """The range of a scene as Shotmill reads it."""
    if last <= first:
        return str(first)
    return f"{first}-{last}" + (f"x{step}" if step > 1 else "")


def refuse_unready(facts: Mapping[str, Any], unsaved_images: Sequence[str]) -> None:
    """Refuse what the farm would refuse, before anything is saved.

    Raises:
        NotReadyError: says what to do.
    """
    if facts["missing"]:
        told = [
            one["path"] + (" ({})".format(", ".join(one["users"])) if one["users"] else "") for one in facts["missing"]
        ]
        raise NotReadyError(
            "files that the scene reads are not there: " + _listed(told) + "; bring them back, or relink them"
        )
    if unsaved_images:
        raise NotReadyError("images hold paint that is in no file: " + _listed(unsaved_images) + "; save or pack them")
    if facts["python_drivers"]:
        raise NotReadyError(
            "only Python could run these drivers, and a farm runs none: " + _listed(facts["python_drivers"])
        )
    if facts["stereo"]:
        raise NotReadyError("the scene renders several views; turn stereoscopy off")
    if not facts["camera"]:
        raise NotReadyError("the scene has no camera; add one")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_TOLD} more" if len(names) > MAX_TOLD else ""
    return "; ".join(names[:MAX_TOLD]) + more


def render_params(facts: Mapping[str, Any], scene_file: str, given: Mapping[str, Any], ocio: str) -> dict[str, Any]:
    """The parameters of a render: what the form says, and what only the host knows.

    Args:
        facts: of the scene, as the driver tells them.
        scene_file: the copy of the scene that the farm opens.
        given: what was filled in.
        ocio: the OCIO config that this Blender uses; empty: its own.
    """
    params = dict(given)
    params.setdefault("frames", frames_text(facts["first"], facts["last"], facts["step"]))
    params.update(scene_file=scene_file, scene=facts["scene"], reads=list(facts["reads"]), ocio=ocio)
    return params


def asked(
    job_type: str, params: Mapping[str, Any], place: Mapping[str, str], plates: Sequence[str] = ()
) -> dict[str, Any]:
    """What ``submit`` and ``plan`` take.

    Args:
        job_type: its name.
        params: of the job.
        place: project, shot and comment as they were typed; what is empty is left out.
        plates: paths of media.
    """
    found: dict[str, Any] = {"job_type": job_type, "params": dict(params)}
    if plates:
        found["plates"] = list(plates)
    found.update({name: text.strip() for name, text in place.items() if text.strip()})
    return found


def pattern_of(path: str) -> str:
    """A frame's path with ``#`` for its number; of a movie, the path itself."""
    folder, name = Path(path).parent, Path(path).name
    return str(folder / _NUMBER.sub(lambda found: "#" * len(found.group()), name))


def asset_of(scene_file: str) -> str:
    """The asset that a scene's frames belong to where nobody names a shot: it is called as the file is."""
    stem = Path(scene_file).stem or "untitled"
    kept = "".join(char if char.isalnum() and char.isascii() else "_" for char in stem).strip("_")
    return "scene/" + (kept or "untitled")


def first_frame(pattern: str, frames: str) -> str:
    """The path of the first frame of a pattern such as ``render.####.exr``."""
    digits = re.match(r"-?\d+", frames)
    if "#" not in pattern or digits is None:
        return pattern
    number = int(digits.group())
    return re.sub(r"#+", lambda found: "{:0{}d}".format(number, len(found.group())), pattern)


def count_of(frames: str) -> int:
    """How many frames a range such as ``1-10x3,20`` holds."""
    count = 0
    for part in frames.split(","):
        found = re.fullmatch(r"\s*(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?\s*", part)
        if found:
            first = int(found.group(1))
            count += len(range(first, int(found.group(2) or first) + 1, int(found.group(3) or 1)))
    return count


def best_form(version: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The representation of a version that a scene can show: EXR before other pictures, movies last."""
    order = ("exr", "png", "tif", "jpg", "dpx", "mov", "mp4")
    known: list[Mapping[str, Any]] = [one for one in version["representations"] if one["name"] in order]
    return min(known, key=lambda one: order.index(one["name"])) if known else None


def colour_of(name: str, known: Iterable[str]) -> str:
    """What Blender calls a colour space; empty: it has none like it."""
    names = list(known)
    wanted = name if name in names else COLOURS.get(name.lower(), "")
    return wanted if wanted in names else ""


def product_of(version: Mapping[str, Any]) -> str:
    """What stays the same from version to version."""
    return "{project}:{owner}/{product}".format(**version)
