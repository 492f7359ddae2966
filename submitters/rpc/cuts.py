"""``shots``, ``cut``, ``cut_write``: what is edited."""

from __future__ import annotations

from ...pipeline.pathmap import roots_of
from ...schema.errors import BadRequestError
from ...schema.media import Rate
from ...schema.names import check_name
from ...schema.output import IngestOut, ShotsOut
from ...schema.rpc import CutArgs, CutOut, CutWriteArgs, ShotsArgs
from ..documents import ingest_out, shots_out
from .serve import Asking


def shots(args: ShotsArgs, asking: Asking) -> ShotsOut:
    """Tell the shots of a project, or those of a cut in its order.

    Raises:
        NotFoundError: no such project or cut.
    """
    where = asking.studio
    return shots_out(where, args.project or where.settings.project, args.cut or None)


def cut(args: CutArgs, asking: Asking) -> CutOut:
    """Tell a cut as OpenTimelineIO text, its media as this machine finds them.

    Raises:
        NotFoundError: no such cut.
    """
    from ...pipeline.cut_text import otio_of_cut
    from ...pipeline.store.cuts import whole_cut

    where = asking.studio
    found = whole_cut(where.database, args.project or where.settings.project, args.cut, version=args.version)
    return CutOut(project=found.project, cut=found.name, version=found.version, otio=otio_of_cut(found))


def cut_write(args: CutWriteArgs, asking: Asking) -> IngestOut:
    """Put a host's sequence into the database as the next version of a cut; the same again adds nothing.

    Raises:
        BadRequestError: a name is wrong.
        TimelineError: the text is no timeline; nothing was changed.
    """
    from ...pipeline.files import write_whole
    from ...pipeline.ingest import IngestOptions, ingest

    settings = asking.studio.settings
    project = check_name(args.project or args.show or settings.project, field="project")
    name = check_name(args.cut, field="cut")
    place = settings.home / "cuts" / project / f"{name}-{asking.id}.otio"
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, args.otio.encode("utf-8"))
    report = ingest(
        asking.studio.database,
        place,
        project=project,
        cut=name,
        rate=_rate(args.rate),
        options=IngestOptions(roots=roots_of(settings.path_map), user=settings.login),
    )
    return ingest_out(report)


def _rate(text: str) -> Rate | None:
    try:
        return Rate.parse(text) if text else None
    except ValueError as error:
        raise BadRequestError(str(error), field="rate") from error
