"""What keeps submitting quick, counted rather than timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from command_line import write_frames
from specs import spec, step
from sqlalchemy import event

from shotmill.farm_plugins.openjd import compile_template
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job
from shotmill.schema.ids import uuid7
from shotmill.schema.job import publish_step

HEAVY = {"numpy", "OpenEXR", "OpenImageIO", "PyOpenColorIO", "av", "opentimelineio", "pyblish", "openjd"}
PLAN = (
    "import json, sys; from pathlib import Path; from shotmill.pipeline.settings import Settings; "
    "from shotmill.farm_plugins.submission import SubmitRequest, plan; "
    "import shotmill.farm_plugins.bundle, shotmill.farm_plugins.local, shotmill.pipeline.store.jobs; "
    "made = plan(SubmitRequest('thumbnail', plates=[sys.argv[1]]), Settings(home=Path(sys.argv[2]), user='artist')); "
    "print(json.dumps([made.tasks, sorted(name.split('.')[0] for name in sys.modules)]))"
)
SUBMIT = (
    "import json, sys; from pathlib import Path; from shotmill.pipeline.settings import Settings; "
    "from shotmill.farm_plugins.local import LocalEngine; from shotmill.pipeline.store import Database; "
    "from shotmill.pipeline.store.migrate import ensure_schema; "
    "from shotmill.farm_plugins.submission import SubmitRequest, submit; "
    "settings = Settings(home=Path(sys.argv[2]), user='artist'); database = Database(f'sqlite:///{sys.argv[2]}/x.db'); "
    "ensure_schema(database); engine = LocalEngine(settings, database, autostart=False); "
    "request = SubmitRequest('publish', plates=[sys.argv[1]], params={'product': 'plate'}); "
    "assert submit(request, settings=settings, database=database, engine=engine).is_new; "
    "print(json.dumps([name for name in sys.modules if name.startswith('shotmill.farm_plugins.')]))"
)
OF_FARMS = {f"shotmill.farm_plugins.{name}" for name in ("farm_engine", "homecoming", "reconcile", "eaten", "farm")}


def test_a_submit_to_this_machine_loads_nothing_about_farms(tmp_path: Path) -> None:
    plate = write_frames(tmp_path / "plate", 1, 2, 3)
    ran = subprocess.run([sys.executable, "-c", SUBMIT, str(plate), str(tmp_path)], check=True, capture_output=True)
    assert not OF_FARMS.intersection(json.loads(ran.stdout))


def test_a_submit_loads_no_library_of_pictures_movies_or_farms(tmp_path: Path) -> None:
    plate = write_frames(tmp_path / "plate", 1, 2, 3)
    ran = subprocess.run([sys.executable, "-c", PLAN, str(plate), str(tmp_path)], check=True, capture_output=True)
    tasks, modules = json.loads(ran.stdout)
    assert (tasks, HEAVY & set(modules)) == (2, set())


def test_ten_thousand_tasks_are_stored_in_as_many_statements_as_one(database: Database) -> None:
    counts = []
    for frames in ("1", "1-10000"):
        statements: list[str] = []
        job = spec(step("render", frames), publish_step("render"), id=str(uuid7()), key=frames)
        event.listen(database.engine, "before_cursor_execute", lambda *given, heard=statements: heard.append(given[2]))
        put_job(database, job, engine="local", folder="/x")
        counts.append(len([one for one in statements if one.startswith("INSERT")]))
    assert counts[0] == 4  # the job, its steps, their tasks, the audit
    assert counts[1] <= counts[0] + 10_001 // 500  # PostgreSQL takes them in batches


def test_a_template_of_ten_thousand_frames_is_as_small_as_one_of_one() -> None:
    few, many = (compile_template(spec(step("render", frames))) for frames in ("1", "1-10000"))
    assert len(many) - len(few) == len("1-10000") - len("1")
