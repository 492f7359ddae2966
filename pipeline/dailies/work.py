"""The tasks of jobs that write movies; what is written on them is the job type's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...schema.checks import MAX_DOCUMENT
from ...schema.codecs import TAGS, container_of
from ...schema.errors import ReceiptMismatchError
from ...schema.frames import FrameSet
from ...schema.media import Clip
from ...schema.movies import MovieParams, Sound, grade_of
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from ..clips import naming
from ..files import read_file, write_whole
from .corners import Corners
from .lettering import Pen
from .pictures import Pictures, pen_of
from .plan import MoviesPlan, PlannedClip, plan_movies
from .reel import ShotMovie, write_reel
from .shot import Head, Made, canvas_for, form_of, is_deep, write_movie
from .steps import MOVIE, PREPARE, REEL, reel_key, reel_order

PLAN_FILE = "movies.json"


@dataclass(frozen=True)
class Dressing:
    """What is written on a movie: its slate, and words on each picture; ``notes``: what is to be said of them."""

    head: Head | None = None
    burn_in: Corners | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """What whoever dresses a movie is given.

    Attributes:
        clip: as the submitter gave it; ``planned``: as it was found.
        size: (width, height) of the movie.
        pen: writes on it.
        pictures: of the clip.
    """

    task: TaskContext[Any]
    clip: Clip
    planned: PlannedClip
    size: tuple[int, int]
    pen: Pen
    pictures: Pictures


Dress = Callable[[Stage], Dressing]


def _plain(stage: Stage) -> Dressing:
    del stage
    return Dressing()


@dataclass(frozen=True)
class MovieTasks:
    """The tasks of a job type; ``dress`` says what is written on its movies."""

    dress: Dress = field(default=_plain)

    @property
    def functions(self) -> dict[str, TaskFunction]:
        """For ``TASKS``."""
        return {PREPARE: self.prepare, MOVIE: self.movie, REEL: self.reel}

    def prepare(self, task: TaskContext[MovieParams]) -> Written:
        """Look at all clips, and refuse what cannot become a movie before anything is encoded.

        Raises:
            ShotmillError: names the clip, and the frame where it is one.
        """
        plan = plan_movies(task.params, task.tools, allow_holes=task.job.allow_holes)
        for clip in task.params.clips:
            if not clip.offline:
                with naming(clip):
                    task.tools.grader(grade_of(task.params, clip))
        write_whole(task.staging / PLAN_FILE, plan.canonical())
        output = OutputMade(product="plan", representation="json", files=[FileMade(PLAN_FILE)])
        notes = [note for clip in plan.clips for note in clip.notes]
        return Written(outputs=[output], done=task.frames, notes=[*notes, *_offline(task.params)])

    def movie(self, task: TaskContext[MovieParams]) -> Written:
        """Write the movies of this chunk's clips; its frames are 1-based indices of clips.

        Raises:
            ShotmillError: names the clip, and the frame where it is one.
        """
        plan = read_plan(task)
        outputs, notes = [], []
        for index in task.frames:
            clip = task.params.clips[index - 1]
            with naming(clip):
                output, told = self._write(task, plan, clip, index)
            outputs.append(output)
            notes += told
        return Written(outputs=outputs, done=task.frames, notes=notes)

    def reel(self, task: TaskContext[MovieParams]) -> Written:
        """Join the movies of a cut."""
        params, plan = task.params, read_plan(task)
        movies = {
            output.product: ShotMovie(folder / output.files[0].path, output.facts["first"], output.facts["shown"])
            for output, folder in task.upstream_files(MOVIE)
        }
        form = container_of(params.codec, params.container)
        name = f"{REEL}.{form}"
        made = write_reel(task.staging / name, params, plan, movies, pen=pen_of(plan.clips[0], deep=is_deep(params)))
        canvas = canvas_for(params, plan.clips[0])
        facts = {
            **_colour_facts(task, plan.clips[0]),
            "frames": made.frames,
            "clips": [clip.name for clip in params.clips],
            "missing": list(made.missing),
            "gap_frames": made.gap_frames,
            "sound": made.sound,
        }
        output = _output(params, reel_key(params.clips), name, (canvas.width, canvas.height), facts)
        notes = [f"reel: {shot} is offline, a card stands for it" for shot in made.missing]
        if params.edit is not None and (faded := [name for name, place in reel_order(params.edit) if place.fades]):
            notes.append(f"reel: transitions are shown as plain cuts, those of {', '.join(faded)}")
        if not made.sound and params.sound is not Sound.NONE:
            why = f"{params.audio} has no sound for its frames" if params.audio else "--audio gives the sound of a cut"
            notes.append(f"reel: it is silent; {why}")
        return Written(outputs=[output], done=task.frames, notes=notes)

    def _write(
        self, task: TaskContext[MovieParams], plan: MoviesPlan, clip: Clip, index: int
    ) -> tuple[OutputMade, list[str]]:
        params, planned = task.params, plan.clip(clip.name)
        canvas = canvas_for(params, planned)
        size = (canvas.width, canvas.height)
        pen = pen_of(planned, deep=is_deep(params))
        grader = task.tools.grader(grade_of(params, clip))
        views = None if params.exact_view or is_deep(params) else task.tools.views
        pictures = Pictures(planned, grader, canvas, pen, task.tools, views=views)
        name = f"{index:05d}.{container_of(params.codec, params.container)}"
        try:
            dressing = self.dress(Stage(task, clip, planned, size, pen, pictures))
            made = write_movie(
                task.staging / name,
                planned,
                pictures,
                form_of(params, planned),
                params=params,
                head=dressing.head,
                burn_in=dressing.burn_in,
                report=task.progress,
            )
        finally:
            pictures.close()
        facts = {
            **_colour_facts(task, planned),
            **_movie_facts(params, planned, made, dressing),
            "shown_by": pictures.by,
            "table_off": pictures.worst,
        }
        notes = [f"{clip.name}: frame {frame} is not there, a card stands for it" for frame in made.holes]
        notes += dressing.notes
        notes += _shown_by(clip.name, pictures)
        return _output(params, clip.name, name, size, facts), notes


def _output(params: MovieParams, product: str, name: str, size: tuple[int, int], facts: dict[str, Any]) -> OutputMade:
    return OutputMade(
        product=product,
        representation=container_of(params.codec, params.container).value,
        files=[FileMade(name)],
        colourspace=facts["display"],
        width=size[0],
        height=size[1],
        pixel_aspect=1.0,
        facts=facts,
    )


def _movie_facts(params: MovieParams, planned: PlannedClip, made: Made, dressing: Dressing) -> dict[str, Any]:
    slate = dressing.head.frames if dressing.head else 0
    return {
        "source": planned.media,
        "colourspace": planned.space,
        "codec": params.codec.value,
        "rate": str(planned.rate),
        "timecode": planned.timecode,
        "frames": str(planned.frames),
        "head": planned.head,
        "tail": planned.tail,
        "slate": slate,
        "first": slate + planned.head,
        "shown": len(planned.frames) - planned.head - planned.tail,
        "movie_frames": made.frames,
        "missing": list(made.holes),
        "in_flight": made.in_flight,
        "sound": planned.sound.codec if planned.sound else None,
    }


def _shown_by(name: str, pictures: Pictures) -> list[str]:
    """What is to be said of a view that a table stood in for."""
    if pictures.by == "exact":
        return []
    told = []
    if pictures.worst is not None:
        off = f"at most {pictures.worst:.0f} of 255 off the exact view where both were asked"
        told.append(f"{name}: shown by a table, {off}; --exact-view asks for every pixel")
    if pictures.missed:
        frames, worst = FrameSet.of(pictures.missed), max(pictures.missed.values())
        told.append(f"{name}: shown exactly, since the table was {worst:.0f} of 255 off: frames {frames}")
    return told


def read_plan(task: TaskContext[Any]) -> MoviesPlan:
    """What ``prepare`` found out.

    Raises:
        ReceiptMismatchError: it wrote nothing.
    """
    for output, folder in task.upstream_files(PREPARE):
        for file in output.files:
            return MoviesPlan.model_validate_json(read_file(folder / file.path, most=MAX_DOCUMENT))
    raise ReceiptMismatchError(f"step {PREPARE!r} wrote no {PLAN_FILE}; run it again", step=PREPARE)


def _colour_facts(task: TaskContext[Any], clip: PlannedClip) -> dict[str, Any]:
    tags = TAGS[clip.tags]
    return {
        "display": clip.display,
        "view": clip.view,
        "config": task.tools.colour.name,
        "tags": [tags.primaries, tags.transfer, tags.matrix, "limited"],
    }


def _offline(params: MovieParams) -> list[str]:
    return [f"{clip.name}: media {clip.media} is offline, it gets no movie" for clip in params.clips if clip.offline]
