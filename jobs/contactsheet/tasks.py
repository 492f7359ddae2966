"""The work of contact sheets."""

from __future__ import annotations

from ...pipeline.images import read_image, write_image
from ...pipeline.sheets import Tile, draw_sheet
from ...pipeline.tools import Look
from ...schema.picks import picked_frame
from ...schema.task import FileMade, OutputMade, TaskContext, Written
from .params import ContactSheetParams


def stills(task: TaskContext[ContactSheetParams]) -> Written:
    """Render the stills of this chunk's clips, lossless; its frames are 1-based indices of clips."""
    params = task.params
    outputs, notes = [], []
    for done, index in enumerate(task.frames):
        clip = params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        if clip.offline:
            notes.append(f"{clip.name}: media {clip.media} is offline")
            continue
        frame = picked_frame(clip, params.frame, task.tools.frames(clip))
        still = task.tools.still(clip, frame, width=params.width, look=Look())
        name = f"{index:05d}.png"
        write_image(task.staging / name, still.pixels)
        outputs.append(
            OutputMade(product=clip.name, representation="png", files=[FileMade(name, index)], facts=still.facts)
        )
    return Written(outputs=outputs, done=task.frames, notes=notes)


def sheet(task: TaskContext[ContactSheetParams]) -> Written:
    """Lay the stills out, in the order of the clips, each with its name and frame; offline ones as empty tiles."""
    params = task.params
    made = {
        file.frame: (folder / file.path, output.facts)
        for output, folder in task.upstream_files("stills")
        for file in output.files
    }
    tiles, shown = [], []
    for index, clip in enumerate(params.clips, start=1):
        if clip.offline:
            tiles.append(Tile(clip.name, "media offline", None))
            continue
        path, facts = made[index]
        tiles.append(Tile(clip.name, f"frame {facts['frame']}", read_image(path).pixels[:, :, :3]))
        shown.append(facts)
    heading = params.heading or (str(params.owner) if params.owner else "")
    picture = draw_sheet(tiles, heading=heading, columns=params.columns, width=params.width)
    write_image(task.staging / "contactsheet.jpg", picture, quality=params.quality)
    facts = {key: shown[0][key] for key in ("display", "view", "config")} if shown else {}
    output = OutputMade(
        product="contactsheet",
        representation="jpg",
        files=[FileMade("contactsheet.jpg")],
        colourspace=facts.get("display"),
        width=picture.shape[1],
        height=picture.shape[0],
        pixel_aspect=1.0,
        facts={**facts, "clips": [clip.name for clip in params.clips]},
    )
    return Written(outputs=[output], done=task.frames)


TASKS = {"stills": stills, "sheet": sheet}
