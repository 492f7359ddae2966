"""Shot colour at submission: what shots, cuts and projects say goes into a job's params, and its files are frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ..schema.bakes import GradeParams
from ..schema.colour import ColourSetup
from ..schema.errors import ColourError, ParamsError
from ..schema.job import ClipParams, ColourFile, JobType, Params
from ..schema.media import Clip, EntityKind, EntityRef
from ..schema.shot_colour import ColouredParams, Level, Origin, OwnerColouredParams, Said, joined, said_by

if TYPE_CHECKING:
    from ..pipeline.colour import Colour
    from ..pipeline.settings import Settings
    from ..pipeline.store import Database
    from ..pipeline.store.colours import ColourPlace
    from ..pipeline.store.colours_said import CutCdl, SaidColours

USE = "#"  # before the number of a shot's further uses in a cut; see ``clips_of_cut``


class Coloured(NamedTuple):
    """A job's params with the colour of each clip, the config that they share, and the files that it reads."""

    params: Params
    config: str
    files: tuple[ColourFile, ...] = ()


class _Whose(NamedTuple):
    """What has the colour of an entity: a clip, or, without a name, all that a job makes for it."""

    clip: str
    entity: EntityRef | None

    def __str__(self) -> str:
        return f"clip {self.clip!r}" if self.clip else f"what belongs to {self.entity}"


class ShotSaid(NamedTuple):
    """What is said of a shot's colour, the nearest first; ``doubt``: why the cuts' CDLs cannot be chosen from."""

    said: tuple[Said, ...]
    doubt: str = ""


def coloured(
    job_type: JobType[Any], params: Params, settings: Settings, database: Database | None, *, cut: str = ""
) -> Coloured:
    """Fill in the colour of each clip, or of whom the results belong to, where the job type uses shot colour.

    Args:
        job_type: whose ``grades`` say so.
        params: checked.
        settings: say what nobody else does.
        database: holds what shots say; None: nobody says anything.
        cut: that the clips are of; empty: none.

    Raises:
        ColourError: a name is not in the config, a file that it reads is missing or damaged, nothing says which colour
            space a clip is in, or its clips need several configs.
    """
    if job_type.grades is None:
        return Coloured(params, settings.ocio)
    if isinstance(params, OwnerColouredParams):
        return _of_owner(job_type, params, settings, database)
    if not isinstance(params, ClipParams):
        return _plain(job_type, params, settings)
    if not isinstance(params, ColouredParams):
        raise ParamsError(
            f"job type {job_type.name!r} has grades, so its params must be ColouredParams", field="params"
        )
    whose = [_Whose(clip.name, clip.entity) for clip in params.clips]
    said = _said_of(whose, params, settings, database, cut)
    joint = {one.clip: joined(levels) for one, levels in said.items()}
    config = _one_config({name: str(setup.config) for name, (setup, _) in joint.items()})
    from ..pipeline.colour_shot import completed  # noqa: PLC0415 - loads OpenColorIO
    from ..pipeline.colour_trial import load_colour, try_grades  # noqa: PLC0415 - same

    colour = load_colour(config)
    colours = {clip.name: completed(colour, *joint[clip.name])[0] for clip in params.clips}
    clips = tuple(_with_space(clip, params, colour, settings) for clip in params.clips)
    filled = params.model_copy(update={"clips": clips, "colours": colours})
    return Coloured(filled, config, try_grades(colour, job_type.grades(filled)).files)


def _of_owner(
    job_type: JobType[Any], params: OwnerColouredParams, settings: Settings, database: Database | None
) -> Coloured:
    """Grades of a job that reads no clips: it has the colour of whom its results belong to."""
    from ..pipeline.colour_shot import completed  # noqa: PLC0415 - loads OpenColorIO
    from ..pipeline.colour_trial import load_colour, try_grades  # noqa: PLC0415 - same

    given = _with_cdl(params)
    whose = _Whose("", params.owner)
    setup, origins = joined(_said_of([whose], given, settings, database)[whose])
    colour = load_colour(str(setup.config))
    filled = given.model_copy(update={"colour": completed(colour, setup, origins)[0]})
    grades = [] if job_type.grades is None else job_type.grades(filled)
    return Coloured(filled, str(setup.config), try_grades(colour, grades).files)


def _plain(job_type: JobType[Any], params: Params, settings: Settings) -> Coloured:
    """Grades of a job that reads no clips and belongs to nobody: nobody but its params says anything."""
    from ..pipeline.colour_trial import load_colour, try_grades  # noqa: PLC0415 - loads OpenColorIO

    params = _with_cdl(params)
    grades = [] if job_type.grades is None else job_type.grades(params)
    return Coloured(params, settings.ocio, try_grades(load_colour(settings.ocio), grades).files)


def _with_cdl(params: Params) -> Params:
    """With the numbers of a CDL file in place of its name, so that the job holds what the file holds now."""
    named = getattr(params, "cdl", None)
    if not isinstance(named, str):
        return params
    from ..pipeline.colour_cdl import read_cdl  # noqa: PLC0415 - loads OpenColorIO

    return params.model_copy(update={"cdl": read_cdl(named)})


def shot_said(colours: SaidColours, place: ColourPlace, *, clip: str = "", cut: str = "") -> ShotSaid:
    """What a shot, its cuts, its sequence and its project say.

    Args:
        colours: what was read of the place.
        place: the shot.
        clip: the clip's name in a job, which tells a shot's further uses in a cut apart.
        cut: only this cut has a say; empty: all cuts that use the shot.
    """
    said = colours.of(place)
    chosen, doubt = _chosen_use(colours.uses.get(place, ()), clip, cut=cut)
    if chosen is None or chosen.cdl is None:
        return ShotSaid(tuple(said), doubt)
    from_cut = Said(Origin(Level.CUT, chosen.cut), ColourSetup(cdl=chosen.cdl))
    after = sum(one.origin.level is Level.SHOT for one in said)
    return ShotSaid((*said[:after], from_cut, *said[after:]), doubt)


def settings_said(settings: Settings) -> Said:
    """What the settings of this machine say."""
    setup = ColourSetup(config=settings.ocio, display=settings.display or None, view=settings.view or None)
    return Said(Origin(Level.SETTINGS), setup)


def _chosen_use(uses: Sequence[CutCdl], clip: str, *, cut: str) -> tuple[CutCdl | None, str]:
    """The use whose CDL counts, or why none can be chosen."""
    if cut:
        number = clip.rpartition(USE)[2]
        use = int(number) if USE in clip and number.isdecimal() else 1
        return (uses[use - 1] if use <= len(uses) else None), ""
    graded = [use for use in uses if use.cdl is not None]
    if all(use.cdl == graded[0].cdl for use in graded):
        return (graded[0] if graded else None), ""
    cuts = ", ".join(dict.fromkeys(use.cut for use in graded))
    return None, f"the CDLs that cuts bring along differ ({cuts})"


def _said_by_job(params: Params) -> Said:
    """What the artist filled in; a CDL may be given as a file."""
    given = said_by(params)
    if isinstance(given.get("cdl"), str):
        from ..pipeline.colour_cdl import read_cdl  # noqa: PLC0415 - loads OpenColorIO

        given["cdl"] = read_cdl(given["cdl"])
    try:
        return Said(Origin(Level.JOB), ColourSetup(**given))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ParamsError(f"parameter {place!r}: {first['msg'].removeprefix('Value error, ')}", field=place) from error


def _places(whose: Sequence[_Whose]) -> dict[_Whose, ColourPlace]:
    """Where something is said of them; those that belong to nobody are left out."""
    from ..pipeline.store.colours import ColourPlace  # noqa: PLC0415 - heavy: SQLAlchemy

    found = {}
    for one in whose:
        if entity := one.entity:
            names: Mapping[EntityKind, tuple[str, ...]] = {
                EntityKind.SHOT: (entity.parent, entity.name),
                EntityKind.SEQUENCE: (entity.name,),
                EntityKind.ASSET: (),
            }
            found[one] = ColourPlace(entity.project, *names[entity.kind])
    return found


def _said_of(
    whose: Sequence[_Whose], params: Params, settings: Settings, database: Database | None, cut: str = ""
) -> dict[_Whose, list[Said]]:
    """Everybody who says something of each of them, the nearest first; the database is asked once.

    Raises:
        ColourError: cuts bring along several CDLs, and neither the job nor the shot says which.
    """
    mine = _said_by_job(params)
    alone = [mine, settings_said(settings)]
    if database is None:
        return dict.fromkeys(whose, alone)
    from ..pipeline.store.colours_said import read_colours  # noqa: PLC0415 - heavy: SQLAlchemy

    places = _places(whose)
    colours = read_colours(database, places.values(), cut=cut)
    chosen = not _takes_cdl(params) or mine.setup.cdl is not None
    said = {one: shot_said(colours, place, clip=one.clip, cut=cut) for one, place in places.items()}
    if not chosen:
        for one, found in said.items():
            _check_doubt(one, places[one], found)
    return {one: [mine, *said[one].said, alone[-1]] if one in said else alone for one in whose}


def _takes_cdl(params: Params) -> bool:
    """Whether a CDL of the shot is applied: bakes want to be asked."""
    return not isinstance(params, GradeParams) or params.shot_grade


def _check_doubt(whose: _Whose, place: ColourPlace, found: ShotSaid) -> None:
    """Refuse a shot whose cuts bring along several CDLs, unless it says its own."""
    if not found.doubt or any(said.setup.cdl for said in found.said if said.origin.level is Level.SHOT):
        return
    choose = "submit with --cut NAME" if whose.clip else "give --cdl FILE --cdl-space NAME"
    raise ColourError(
        f"{whose}: {found.doubt}, and its shot says none of its own",
        hint=f"{choose}, or: shotmill colour set {place} --cdl FILE",
        **({"clip": whose.clip} if whose.clip else {}),
    )


def _one_config(configs: Mapping[str, str]) -> str:
    """The config that all clips share.

    Raises:
        ColourError: they need several.
    """
    first = next(iter(configs.values()))
    other = next((name for name, config in configs.items() if config != first), None)
    if other is None:
        return first
    raise ColourError(
        f"clip {next(iter(configs))!r} needs the OCIO config {first} and clip {other!r} needs {configs[other]}; "
        "a job has one",
        hint="submit them apart",
        clip=other,
    )


def _with_space(clip: Clip, params: ColouredParams, colour: Colour, settings: Settings) -> Clip:
    """The clip with its colour space; one that is offline has no file to say it."""
    given = str(getattr(params, "colourspace", "") or "") or clip.colourspace
    named = clip.model_copy(update={"colourspace": given})
    if clip.offline and not given:
        return clip
    from ..pipeline.colour_source import source_space  # noqa: PLC0415 - with OpenColorIO
    from ..pipeline.images import Limits  # noqa: PLC0415 - heavy

    limits = Limits(settings.max_pixels, settings.max_file_mib, settings.max_image_mib)
    return named.model_copy(update={"colourspace": source_space(named, colour, limits=limits)})
