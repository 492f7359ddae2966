"""``demo``: the whole chain on one machine, from media it makes itself to a picture on the screen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from shlex import quote

import click

from ....pipeline.files import write_whole
from ....schema.names import counted
from ..studio import Studio

PROJECT = "demo"
CUT = "demo"


@click.command("demo", help="Make media, run the main job, publish it, and show where the picture is.")
@click.option("--folder", default="shotmill-demo", show_default=True, type=click.Path(), help="where everything goes")
@click.option("--force", is_flag=True, help="run and publish again although it was done")
@click.option("--roto", is_flag=True, help="cut a balloon out of a plate instead: mattes, shapes and their exports")
@click.pass_context
def demo_command(ctx: click.Context, folder: str, force: bool, roto: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Show what Shotmill does, on embedded defaults; nothing outside the folder is touched."""
    started = time.monotonic()
    place = Path(folder).absolute()
    where = demo_studio(place)
    ctx.call_on_close(where.close)
    if roto:
        from ..roto_demo import show_roto

        return show_roto(where, place, force=force, started=started)
    from ...demo import make_media

    print(f"1/4  media: a movie, a linear EXR sequence and a cut in {place / 'media'}", flush=True)
    media = make_media(place / "media")
    print(f"2/4  ingest: {media.cut.name} into the database", flush=True)
    _ingest(where, media.cut)
    for number, (job_type, what) in enumerate(
        (("thumbnail", "a still of every shot"), ("contactsheet", "all on one sheet"))
    ):
        print(f"{number + 3}/4  {job_type}: {what}", flush=True)
        code = _run(where, job_type, force=force)
        if code:
            return code
    _summary(where, place, time.monotonic() - started)
    return 0


def demo_studio(place: Path) -> Studio:
    """A studio of the demo's own: its home lies in the folder, with the project as its setting.

    What the environment says of other databases and folders is forgotten, here and for the engine that will be
    started: a demo never writes into a studio's production.
    """
    for name in [name for name in os.environ if name.startswith("SHOTMILL_") or name == "OCIO"]:
        del os.environ[name]
    home = place / "home"
    home.mkdir(parents=True, exist_ok=True)
    own = home / "shotmill.toml"
    if not own.exists():
        write_whole(own, f'project = "{PROJECT}"\n'.encode())
    return Studio(str(home))


def _ingest(where: Studio, cut: Path) -> None:
    from ....pipeline.ingest import ingest

    report = ingest(where.database, cut, project=PROJECT, cut=CUT)
    if report.added:
        clips, shots = counted(report.clips, "clip"), counted(report.shots, "shot")
        print(f"     {clips}, {shots}, media of {report.missing} missing")
    else:
        print("     was ingested before; nothing to add")


def _run(where: Studio, job_type: str, *, force: bool) -> int:
    from ....farm_plugins.submission import SubmitRequest
    from .submit import submit_and_tell

    request = SubmitRequest(job_type, cut=CUT, project=PROJECT, force=force)
    return submit_and_tell(where, request, wait=True, as_json=False)


def _summary(where: Studio, place: Path, seconds: float) -> None:
    from ....pipeline.store.catalog import latest_versions

    rows = latest_versions(where.database, PROJECT)
    sheet = next(row for row in rows if row.product == "contactsheet")
    picture = next(where.folder_of(sheet).glob("*.jpg"))
    print(f"\n{len(rows)} products published in {seconds:.0f} s. The contact sheet:\n\n    {from_here(picture)}\n")
    program, home, movie = program_name(), quote(str(place / "home")), quote(str(place / "media" / "plate.mov"))
    print("Try next:")
    print(f"    export SHOTMILL_HOME={home}")
    print(f"    {program} versions")
    print(f"    {program} lineage {sheet.address}")
    print(f"    {program} submit thumbnail {movie} --frame 42 --wait")
    print(f"    {program} verify --all")


def from_here(path: Path) -> Path:
    """A path as it is typed in this folder, where it lies below it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def program_name() -> str:
    """How to call this program from here: by its name where the shell finds it, else by its path."""
    ours = Path(sys.executable).with_name("shotmill")
    found = shutil.which("shotmill")
    return "shotmill" if found and Path(found).resolve() == ours.resolve() else quote(str(ours))
