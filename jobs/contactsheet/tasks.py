"""The work of contact sheets."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from ...pipeline.clips import look_of, naming, picked_still, timecode_of
from ...pipeline.images import read_image, write_image
from ...pipeline.sheets import Tile, draw_sheet, tile_width
from ...schema.errors import ReceiptMismatchError
from ...schema.media import Clip
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import ContactSheetParams
from .steps import PRODUCT, owner_of

OFFLINE = "media offline"


def stills(task: TaskContext[ContactSheetParams]) -> Written:
    """Render the stills of this chunk's clips, lossless; its frames are 1-based indices of clips.

    Raises:
        InputMissingError: a frame that was asked for is not there; names clip and frame.
        InputCorruptError: it is there but cannot be read whole.
    """
    outputs, notes = [], []
    for done, index in enumerate(task.frames):
        clip = task.params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        if clip.offline:
            notes.append(f"{clip.name}: media {clip.media} is offline, a grey tile stands for it")
        else:
            outputs.append(_render_one(task, index, clip))
    return Written(outputs=outputs, done=task.frames, notes=notes)


def _render_one(task: TaskContext[ContactSheetParams], index: int, clip: Clip) -> OutputMade:
    params = task.params
    width = tile_width(params.width, len(params.clips))
    still = picked_still(clip, params.frame, width=width, look=look_of(params), tools=task.tools)
    with naming(clip):
        timecode = timecode_of(task.tools.probe(clip), still.frame)
    name = f"{index:05d}.png"
    write_image(task.staging / name, still.pixels)
    facts = {**still.facts, "timecode": timecode}
    return OutputMade(product=clip.name, representation="png", files=[FileMade(name, index)], facts=facts)


def sheet(task: TaskContext[ContactSheetParams]) -> Written:
    """Lay the stills out, in the order of the clips, each with its labels; offline ones as grey tiles that say so."""
    params = task.params
    made = {
        file.frame: (folder / file.path, output.facts)
        for output, folder in task.upstream_files("stills")
        for file in output.files
    }
    tiles = [_tile(clip, made.get(index)) for index, clip in enumerate(params.clips, start=1)]
    picture = draw_sheet(
        tiles,
        heading=params.heading or owner_of(params).name,
        columns=params.columns,
        width=tile_width(params.width, len(tiles)),
    )
    name = f"{PRODUCT}.{params.format}"
    write_image(task.staging / name, picture, quality=params.quality)
    facts = _sheet_facts(params, tiles, [found for _path, found in made.values()])
    output = OutputMade(
        product=PRODUCT,
        representation=params.format.value,
        files=[FileMade(name)],
        colourspace=facts["display"],
        width=picture.shape[1],
        height=picture.shape[0],
        pixel_aspect=1.0,
        facts=facts,
    )
    return Written(outputs=[output], done=task.frames)


def _tile(clip: Clip, made: tuple[Path, dict[str, Any]] | None) -> Tile:
    if clip.offline:
        return Tile(clip.name, reason=OFFLINE)
    if made is None:
        raise ReceiptMismatchError(f"the still of {clip.name} is in no receipt; run step 'stills' again")
    path, facts = made
    pixels = read_image(path).pixels[:, :, :3]
    source = PurePosixPath(clip.media).name
    return Tile(clip.name, source, frame=facts["frame"], timecode=facts.get("timecode"), pixels=pixels)


def _sheet_facts(params: ContactSheetParams, tiles: list[Tile], made: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **{key: made[0][key] for key in ("display", "view", "config")},
        "clips": [clip.name for clip in params.clips],
        "frames": [tile.frame for tile in tiles],
        "offline": [clip.name for clip in params.clips if clip.offline],
    }


TASKS: dict[str, TaskFunction] = {"stills": stills, "sheet": sheet}
