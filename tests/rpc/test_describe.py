"""Forms of job types: made from their parameters, whatever the type."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from rpc_host import Answered, question

from shotmill.jobs import find_job_type, job_type_names
from shotmill.schema.forms import FieldOut
from shotmill.schema.job import ClipParams
from shotmill.submitters.fields import form_of

Ask = Callable[..., Answered]
HEAVY = {
    "sqlalchemy",
    "torch",
    "boto3",
    "cv2",
    "opentimelineio",
    "numpy",
    "OpenEXR",
    "OpenImageIO",
    "PyOpenColorIO",
    "av",
    "grpc",
}


def fields_of(name: str) -> dict[str, FieldOut]:
    return {field.name: field for field in form_of(find_job_type(name)).fields}


@pytest.mark.parametrize("name", job_type_names())
def test_every_job_type_has_a_form_of_all_that_people_fill_in(name: str) -> None:
    """Acceptance: describe is made from the types, so that a new one appears by itself."""
    schema = find_job_type(name).params.model_json_schema()["properties"]
    form = form_of(find_job_type(name))
    assert [field.name for field in form.fields] == [key for key, entry in schema.items() if "source" not in entry]
    assert form.takes == ("plates" if issubclass(find_job_type(name).params, ClipParams) else "none")
    assert all(field.label and field.help for field in form.fields)
    assert all(set(field.when or {}) <= set(schema) for field in form.fields)
    assert all(field.choices for field in form.fields if field.type in {"choice", "choices"})


def test_fields_say_limits_units_choices_and_what_they_depend_on() -> None:
    thumbnail, roto, dailies, qc = map(fields_of, ("thumbnail", "roto", "dailies", "qc"))
    width = thumbnail["width"]
    assert (width.type, width.default, width.minimum, width.maximum, width.unit) == ("integer", 512, 16, 4096, "px")
    assert thumbnail["format"].choices == ("jpg", "png")
    assert thumbnail["quality"].when == {"format": "jpg"}
    assert (thumbnail["colourspace"].type, thumbnail["colourspace"].group) == ("colour_space", "Colour")
    assert (roto["frames"].type, roto["frames"].required) == ("frames", False)
    assert (roto["band_px"].unit, roto["smooth"].advanced) == ("px", True)
    assert (dailies["audio"].type, dailies["context"].type) == ("path", "text")
    assert (qc["ignore"].type, "black" in (qc["ignore"].choices or ())) == ("choices", True)


def test_what_a_host_fills_in_is_told_down_to_its_parts() -> None:
    objects = fields_of("roto")["objects"]
    assert (objects.type, objects.source, objects.maximum) == ("list", "host", 64)
    assert objects.item is not None
    assert objects.item.fields is not None
    prompts = next(field for field in objects.item.fields if field.name == "prompts")
    assert prompts.item is not None
    assert [field.name for field in prompts.item.fields or ()] == ["frame", "points", "box", "mask", "text", "corrects"]


def test_one_job_type_is_told_alone_and_an_unknown_one_by_its_neighbours(ask: Ask) -> None:
    assert [one["name"] for one in ask("describe", {"job_type": "qc"}).value["job_types"]] == ["qc"]
    assert [one["name"] for one in ask("describe").value["job_types"]] == job_type_names()
    assert ask("describe", {"job_type": "thumbnial"}).error["code"] == "E112"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Top modules that a process has loaded once it answered ping and describe."""
    program = (
        "import io, json, sys\n"
        "from shotmill.submitters.rpc.serve import answer\n"
        "from shotmill.submitters.rpc.speaker import Speaker\n"
        "from shotmill.submitters.studio import Studio\n"
        "for line in sys.stdin.buffer:\n"
        "    assert answer(io.BytesIO(line), Speaker(io.BytesIO()), Studio(None)) == 0\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    sent = "".join(json.dumps(question(op)) + "\n" for op in ("ping", "describe"))
    ran = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout))


def test_ping_and_describe_load_no_database_no_farm_and_no_picture_library(loaded: set[str]) -> None:
    """Host fact 4: they are quick since they load next to nothing."""
    assert loaded & HEAVY == set()
    assert "click" not in loaded
