"""``fsck``: what is lost, left over or wrong, on the disk and in the database."""

from __future__ import annotations

from typing import Any

import click

from ....schema.errors import EXIT_BAD_DATA
from ....schema.names import counted
from ....schema.proof import Finding, FsckOut
from ..output import json_option, print_json
from ..studio import studio


@click.command(
    "fsck",
    help="Find what is lost or wrong. --mend moves what belongs nowhere into quarantine, and deletes nothing.",
)
@click.option("--project", help="only this project, and no jobs")
@click.option("--deep", is_flag=True, help="read every published file and compare checksums")
@click.option("--mend", is_flag=True, help="move what can be moved into .quarantine, beside a list of where it was")
@click.option("--mend-pointers", is_flag=True, help="let latest and approved show the versions that they should")
@click.option("--older-than", type=click.FloatRange(min=0), default=24.0, show_default=True, metavar="HOURS",
              help="leave alone what is younger: somebody may be at work")  # fmt: skip
@json_option
@click.pass_context
def fsck_command(ctx: click.Context, /, **given: Any) -> int:
    """Look, and mend what can be; exit 65 when something is left that is wrong."""
    from ....pipeline.fsck import Places, check, mend, mend_pointers

    where = studio(ctx)
    places = Places(where.settings.projects_folder, where.settings.jobs_folder)
    chosen = {"project": given["project"], "deep": given["deep"], "age_s": given["older_than"] * 3600}
    seen = check(where.database, places, **chosen)
    if given["mend_pointers"]:
        seen = mend_pointers(where.database, seen, by=where.settings.login)
    findings = [one.finding for one in seen.found]
    if given["mend"] and any(one.can_mend for one in findings):
        findings = mend(seen, by=where.settings.login)
        moved = [one.what for one in findings if one.can_mend and one.mended]
        where.record("fsck-mend", given["project"] or "database", moved=len(moved), first=moved[0] if moved else None)
    left = [one for one in findings if not one.mended]
    if given["as_json"]:
        counts = {"versions": seen.versions, "folders": seen.folders, "jobs": seen.jobs}
        print_json(FsckOut(**counts, findings=tuple(findings)))
        return EXIT_BAD_DATA if left else 0
    for one in findings:
        print(f"{one.kind}  {one.what} {one.problem}{_mended(one)}")
    looked = (
        f"{counted(seen.versions, 'version')}, {counted(seen.folders, 'folder')}, {counted(seen.jobs, 'job folder')}"
    )
    print(f"{looked}: {counted(len(left), 'problem') if left else 'no problems'}")
    if not given["mend"] and (movable := sum(one.can_mend for one in findings)):
        print(f"next: shotmill fsck --mend moves {movable} of them into quarantine; nothing is deleted")
    if not given["mend_pointers"] and (astray := sum(one.pointer is not None for one in seen.found)):
        print(f"next: shotmill fsck --mend-pointers puts {counted(astray, 'pointer')} right")
    return EXIT_BAD_DATA if left else 0


def _mended(one: Finding) -> str:
    if not one.mended:
        return ""
    return f"; moved to {one.mended}" if one.can_mend else f"; now it {one.mended}"
