"""A roto that is made again is the same, although it took another time."""

from __future__ import annotations

import json
from pathlib import Path

from roto_plates import make_plate
from shows import Show

from shotmill.farm_plugins.reproduce import reproduce
from shotmill.schema.proof import Likeness


def test_how_long_a_roto_took_makes_no_difference_but_what_it_says_of_masks_does(show: Show, tmp_path: Path) -> None:
    plate = make_plate(tmp_path / "plates", last=1003)
    [version] = show.run("roto", Path(plate.pattern), objects=[f"hero @1001 box {plate.box(1001, margin=3)}"])
    again = reproduce(show.database, version, settings=show.settings)
    alike = {file.representation: file.likeness for file in again.files}
    assert again.identical, alike
    assert {name for name, likeness in alike.items() if likeness is Likeness.TIMINGS} == {"qc", "sidecar"}
    assert set(alike.values()) == {Likeness.IDENTICAL, Likeness.TIMINGS}

    [sidecar] = (show.settings.projects_folder / "show" / version.folder).glob("*.sidecar.json")
    said = json.loads(sidecar.read_text())
    said["timings"] = []
    sidecar.chmod(0o644)
    sidecar.write_text(json.dumps(said))  # another file than was published, if only in its timings
    [found] = [one for one in reproduce(show.database, version, settings=show.settings).files if "sidecar" in one.path]
    assert found.likeness is Likeness.DIFFERS
