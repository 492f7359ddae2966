"""``shots``, ``cut``, ``cut_write``: what is edited."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...pipeline.pathmap import roots_of
from ...schema.errors import BadRequestError, StorageError
from ...schema.media import Rate
from ...schema.names import check_name
from ...schema.output import ShotsOut
from ...schema.rpc import CutArgs, CutOut, CutWriteArgs, CutWrittenOut, ShotsArgs
from ..documents import ingest_out, shots_out
from .serve import Asking

if TYPE_CHECKING:
    from ...pipeline.ingest import Looked
    from ...pipeline.store import Database
    from ...schema.cutdiff import TimelineDiffOut

DRAFTS = "cuts"  # folder below the home
DRAFT_S = 86_400  # a draft of that age is nobody's any more


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


def cut_write(args: CutWriteArgs, asking: Asking) -> CutWrittenOut:
    """Put a host's sequence into the database as the next version of a cut, or tell only what that would change.

    Raises:
        BadRequestError: a name is wrong.
        TimelineError: the text is no timeline; nothing was changed.
    """
    settings = asking.studio.settings
    project = check_name(args.project or args.show or settings.project, field="project")
    name = check_name(args.cut, field="cut")
    draft = _kept(args.otio, settings.home / DRAFTS / project / f"{name}-{asking.id}.otio")
    try:
        return _written(args, asking, draft, project=project, name=name)
    finally:
        _remove_drafts(asking.studio.database, draft)


def _written(args: CutWriteArgs, asking: Asking, draft: Path, *, project: str, name: str) -> CutWrittenOut:
    from ...pipeline.ingest import IngestOptions, look, put

    where, settings = asking.studio, asking.studio.settings
    looked = look(
        where.database,
        draft,
        project=project,
        cut=name,
        rate=_rate(args.rate),
        options=IngestOptions(roots=roots_of(settings.path_map), user=settings.login),
    )
    newest, difference = _difference(where.database, looked)
    report = None if args.dry_run else ingest_out(put(where.database, looked))
    would_be = newest + 1 if looked.known is None else looked.known.number
    return CutWrittenOut(
        project=project,
        cut=name,
        dry_run=args.dry_run,
        added=looked.known is None if report is None else report.added,
        version=would_be if report is None else report.version,
        difference=difference,
        report=report,
    )


def _kept(text: str, place: Path) -> Path:
    """The text as a file, which the cut's version names as its source."""
    from ...pipeline.files import write_whole

    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, text.encode("utf-8"))
    return place


def _remove_drafts(database: Database, draft: Path) -> None:
    """Remove this draft, and those that killed processes left, unless a version of a cut came from them."""
    from ...pipeline.store.cuts import sources_in

    try:
        sources = sources_in(database, draft.parent)
    except StorageError:  # the next one removes it; what the database said is told by whoever asked it
        return
    for path in draft.parent.glob("*.otio"):
        with suppress(FileNotFoundError):  # another process removes drafts, too
            if str(path) not in sources and (path == draft or time.time() - path.stat().st_mtime > DRAFT_S):
                path.unlink()


def _difference(database: Database, looked: Looked) -> tuple[int, TimelineDiffOut | None]:
    """The cut's newest version, and what is different from it; None: a version holds the very same."""
    from ...pipeline.cutdiff import compare, newest_number, side_before, side_of_read

    newest = newest_number(database, looked.project, looked.cut)
    if looked.read is None:
        return newest, None
    new = side_of_read(looked.read)
    old, earlier = side_before(database, looked.project, looked.cut, newest, new=new)
    return newest, compare(old, new, earlier=earlier)


def _rate(text: str) -> Rate | None:
    try:
        return Rate.parse(text) if text else None
    except ValueError as error:
        raise BadRequestError(str(error), field="rate") from error
