"""``demo --roto``: from a plate that it makes itself and one box to mattes, shapes, exports and a picture of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ...schema.roto_qc import RotoQc

if TYPE_CHECKING:
    from ...pipeline.store.catalog import VersionRow
    from .studio import Studio

OBJECT = "balloon"
PRODUCT = "roto"
MAX_QC = 64 * 1024 * 1024
NO_EXPORTS = {".exr", ".jpg", ".mp4", ".html"}
DOCUMENTS = ("shapes.json", "qc.json", "sidecar.json", "manifest.json")


def show_roto(where: Studio, place: Path, *, force: bool, started: float) -> int:
    """Make a plate, cut the balloon out of it, publish, and say where everything is; the exit code."""
    from ...farm_plugins.submission import SubmitRequest
    from ..demo.balloon import FRAMES, balloon_box, make_plate
    from .commands.submit import submit_and_tell

    folder = place / "media" / "balloon"
    print(f"1/2  media: a linear EXR sequence, {FRAMES}, in {folder}", flush=True)
    plate = make_plate(folder)
    box = balloon_box(FRAMES.first)
    print(
        f"2/2  roto: what is in the box {','.join(map(str, box))} of frame {FRAMES.first}, on every frame", flush=True
    )
    request = SubmitRequest(
        "roto",
        params={"objects": [_balloon(FRAMES.first, box)], "exports": _exports()},
        plates=(str(plate),),
        project=where.settings.project,
        force=force,
    )
    code = submit_and_tell(where, request, wait=True, as_json=False)
    if code == 0:
        _summary(where, place, plate, time.monotonic() - started)
    return code


def _balloon(frame: int, box: Sequence[int]) -> dict[str, object]:
    ends = dict(zip(("left", "top", "right", "bottom"), box, strict=True))
    return {"name": OBJECT, "label": "the balloon", "prompts": [{"frame": frame, "box": ends}]}


def _exports() -> list[str]:
    from ...pipeline.exports import export_names

    return [name for name in export_names() if name != "shapes"]


def _summary(where: Studio, place: Path, plate: Path, seconds: float) -> None:
    from ...pipeline.store.catalog import latest_versions

    found = next(row for row in latest_versions(where.database, where.settings.project) if row.product == PRODUCT)
    files = sorted(path for path in where.folder_of(found).rglob("*") if path.is_file())
    overlay = next(path for path in files if path.suffix == ".jpg")
    from .commands.demo import from_here

    print(f"\n{found.address} published in {seconds:.0f} s. Mattes over the plate:\n\n    {from_here(overlay)}\n")
    for what, names in _told(files):
        print(f"{what:<10}{names}")
    print(f"{'to check':<10}{_to_check(files)}")
    _try_next(place, plate, found)


def _told(files: Sequence[Path]) -> list[tuple[str, str]]:
    """What lies beside the picture, in words."""
    mattes = [path.name for path in files if path.suffix == ".exr"]
    rest = [path.name for path in files if path.suffix not in NO_EXPORTS and not path.name.endswith(DOCUMENTS)]
    rows = [("mattes", f"{len(mattes)} EXR files, {mattes[0]} to {mattes[-1]}")]
    rows += [("shapes", path.name) for path in files if path.name.endswith("shapes.json")]
    rows += [("exports", ", ".join(rest))] if rest else []
    return [*rows, *(("preview", path.name) for path in files if path.suffix == ".mp4")]


def _to_check(files: Sequence[Path]) -> str:
    from ...pipeline.files import read_file
    from ...schema.frames import FrameSet

    path = next(path for path in files if path.name.endswith("qc.json"))
    document = RotoQc.model_validate_json(read_file(path, most=MAX_QC))
    if not document.to_check:
        return f"none of {document.frames} frames ({path.name})"
    frames = FrameSet.of(sorted({one.frame for one in document.to_check}))
    return f"frames {frames} ({path.name} says why)"


def _try_next(place: Path, plate: Path, found: VersionRow) -> None:
    from .commands.demo import program_name

    program = program_name()
    print("\nTry next:")
    print(f"    export SHOTMILL_HOME={quote(str(place / 'home'))}")
    print(f"    {program} path {found.address} --files")
    print(f"    {program} segment {quote(str(plate))} --frame 1016 --point 330,130 --out mask.png")
    print(f"    {program} lineage {found.address}")
