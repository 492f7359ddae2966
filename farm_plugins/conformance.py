"""Whether every engine is sent the same job: each one compiled, read back, and compared with what the job asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ..jobs import ALL, find_job_type, job_type_names
from ..pipeline.settings import Settings
from ..schema.checks import check_spec
from ..schema.errors import BadRequestError, ShotmillError
from ..schema.frames import FrameSet
from ..schema.job import ClipParams, JobSpec, Needs, Step, examples_of, publish_step
from ..schema.media import Clip, EntityKind, EntityRef
from .plan_read import ReadPlan, ReadStep, intended_plan

CANARY = "$(shotmill-canary)"  # in the comment and the parameters of every case; no engine may be sent it
BUNDLE = Path("/shows/demo/.shotmill/jobs/J-22222222/bundle")
MINUTE_S = 60  # OpenCue's unit of time limits, rounded up
CLIPS = 20


@dataclass(frozen=True)
class Form:
    """How an engine is sent a job.

    Attributes:
        compile: job and bundle -> the document that is sent.
        read: document and bundle -> what it would do.
        least: what is booked at least, where a step asks for less.
        unit_mib: memory may be rounded up to whole ones.
        command: how its hosts call Shotmill.
    """

    compile: Callable[[JobSpec, Path], bytes]
    read: Callable[[bytes, Path], ReadPlan]
    least: Needs
    unit_mib: int = 1
    command: tuple[str, ...] = ("shotmill",)


@dataclass(frozen=True)
class Case:
    """One job to send.

    Attributes:
        refused_by: engines that must refuse it, with the fix, since they would do otherwise.
    """

    name: str
    spec: JobSpec
    bundle: Path = BUNDLE
    refused_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """One thing that was compared.

    Attributes:
        difference: between what was asked for and what would be done; empty: none.
    """

    engine: str
    case: str
    aspect: str
    difference: str = ""


@dataclass(frozen=True)
class Untried:
    """A job type that nobody can try without knowing it, such as one with parameters that have no default."""

    job_type: str
    reason: str


@dataclass(frozen=True)
class Cases:
    """All jobs to send."""

    cases: tuple[Case, ...]
    left_out: tuple[Untried, ...] = field(default=())


def _openjd(_settings: Settings) -> Form:
    from .openjd import GIB_MIB, compile_template  # noqa: PLC0415 - only what is asked for is loaded
    from .openjd_read import read_openjd  # noqa: PLC0415 - same

    return Form(lambda spec, _bundle: compile_template(spec), read_openjd, Needs(memory_mib=16), GIB_MIB)


def _opencue(settings: Settings) -> Form:
    from .opencue.farm import OpenCueFarm  # noqa: PLC0415 - same
    from .opencue.lower import GPU_MEMORY_MIB, lower_job  # noqa: PLC0415 - same
    from .opencue.read import read_cue  # noqa: PLC0415 - same
    from .opencue.rules import MIN_MEMORY_MIB  # noqa: PLC0415 - same
    from .opencue.spec import write_spec  # noqa: PLC0415 - same

    site = OpenCueFarm(settings).site
    return Form(
        lambda spec, bundle: write_spec(lower_job(spec, bundle, site)),
        lambda document, _bundle: read_cue(document),
        Needs(memory_mib=MIN_MEMORY_MIB, gpu_memory_mib=GPU_MEMORY_MIB),
        command=site.command,
    )


FORMS: dict[str, Callable[[Settings], Form]] = {"openjd": _openjd, "opencue": _opencue}


def conform(cases: Sequence[Case], engines: Sequence[str], settings: Settings) -> Iterator[Probe]:
    """Make each job what each engine would be sent, as the settings say, and read that; engine by engine."""
    for engine in engines:
        form = FORMS[engine](settings)
        for case in cases:
            yield from (Probe(engine, case.name, aspect, said) for aspect, said in _compared(engine, form, case))


def _compared(engine: str, form: Form, case: Case) -> Iterator[tuple[str, str]]:
    if engine in case.refused_by:
        yield "refused", _refused(form, case)
        return
    try:
        document = form.compile(case.spec, case.bundle)
        found = form.read(document, case.bundle)
    except ShotmillError as error:
        yield "compiled", error.message
        return
    yield "compiled", ""
    yield "same bytes", "" if form.compile(case.spec, case.bundle) == document else "differ from one time to the next"
    yield "parameters", "are in what is sent" if CANARY.encode() in document else ""
    yield from differences(case, found, form)


def _refused(form: Form, case: Case) -> str:
    try:
        form.compile(case.spec, case.bundle)
    except BadRequestError:
        return ""
    return "was sent, although it would be done otherwise"


def differences(case: Case, found: ReadPlan, form: Form) -> Iterator[tuple[str, str]]:
    """Each aspect with how what was found differs from what the job asks for; empty: not at all."""
    spec = case.spec
    wanted = intended_plan(spec, case.bundle, command=form.command)
    theirs = {step.name: step for step in found.steps}
    mine = [step.name for step in wanted.steps]
    yield "steps", _unlike(sorted(mine), sorted(step.name for step in found.steps))
    yield "order", _unlike(_work(spec, mine), _work(spec, [step.name for step in found.steps]))
    pairs = [(spec.step(step.name), step, theirs[step.name]) for step in wanted.steps if step.name in theirs]
    for aspect, compare in _ASPECTS.items():
        said = (f"{asked.name}: {text}" for asked, want, has in pairs if (text := compare(asked, want, has)))
        yield aspect, "; ".join(said)
    needs = ((one.name, _needs(one, has, form)) for one, _want, has in pairs)
    yield "needs", "; ".join(f"{name}: {text}" for name, text in needs if text)
    more = {name for name, value in found.environment.items() if (name, value) != ("SHOTMILL_JOB", spec.id)}
    yield "environment", f"holds {', '.join(sorted(more))}" if more else ""


def _work(spec: JobSpec, names: Sequence[str]) -> list[str]:
    """The steps that work: publishing may be moved to the end."""
    publishing = {step.name for step in spec.steps if step.task == "publish"}
    return [name for name in names if name not in publishing]


def _unlike(wanted: object, found: object) -> str:
    return "" if wanted == found else f"{wanted} asked for, {found} found"


def _frames(asked: Step, _wanted: ReadStep, found: ReadStep) -> str:
    """Each exactly once."""
    if sorted(found.frames) == list(asked.frames):
        return ""
    lost = asked.frames.minus(found.frames)
    more = set(found.frames) - set(asked.frames)
    return f"{len(lost)} of {len(asked.frames)} frames missing, {len(more)} that nobody asked for, or some twice"


def _chunks(asked: Step, wanted: ReadStep, found: ReadStep) -> str:
    """None larger than asked for, none across a gap where that is asked for, and no more of them than needed.

    OpenJD makes them of even size, so their ends may differ.
    """
    longest = max((len(chunk) for chunk in found.chunks), default=0)
    if longest > asked.chunk:
        return f"a chunk of {longest}, {asked.chunk} at most asked for"
    if asked.contiguous and any(chunk[-1] - chunk[0] != len(chunk) - 1 for chunk in found.chunks):
        return "a chunk crosses a gap"
    return _unlike(f"{len(wanted.chunks)} chunks", f"{len(found.chunks)} chunks")


def _after(_asked: Step, wanted: ReadStep, found: ReadStep) -> str:
    return _unlike(wanted.after, found.after)


def _argv(_asked: Step, wanted: ReadStep, found: ReadStep) -> str:
    return _unlike(wanted.argv, found.argv)


def _time_limit(_asked: Step, wanted: ReadStep, found: ReadStep) -> str:
    """Never shorter than asked for, and longer by less than a minute."""
    asked_s, found_s = wanted.timeout_s or 0, found.timeout_s or 0
    return "" if 0 <= found_s - asked_s < MINUTE_S else f"{asked_s} s asked for, {found_s} s found"


_ASPECTS: dict[str, Callable[[Step, ReadStep, ReadStep], str]] = {
    "waiting": _after,
    "frames": _frames,
    "chunks": _chunks,
    "argv": _argv,
    "time limit": _time_limit,
}


def _needs(asked: Step, found: ReadStep, form: Form) -> str:
    needs, least = asked.needs, form.least
    wanted = (
        needs.cpu,
        max(needs.memory_mib, least.memory_mib),
        needs.gpu,
        needs.gpu_memory_mib or (least.gpu_memory_mib if needs.gpu else 0),
    )
    has = found.needs
    memory, on_gpus = (
        _as_asked(*pair, form.unit_mib) for pair in ((wanted[1], has.memory_mib), (wanted[3], has.gpu_memory_mib))
    )
    return _unlike(wanted, (has.cpu, memory, has.gpu, on_gpus))


def _as_asked(asked_mib: float, found_mib: float, unit_mib: int) -> float:
    """What was asked for, where what was found is that, or the next whole unit above it."""
    is_whole_above = asked_mib < found_mib < asked_mib + unit_mib and found_mib % unit_mib == 0
    return asked_mib if is_whole_above else found_mib


def all_cases(*, allowed: Sequence[str] = ALL) -> Cases:
    """Every job type, and jobs of the shapes that farms stumble over."""
    cases, left_out = [], []
    for name in job_type_names(allowed=allowed):
        try:
            cases.append(Case(name, _of_type(name, allowed)))
        except (ValidationError, ValueError, ShotmillError) as error:
            left_out.append(Untried(name, " ".join(str(error).split())[:200]))
    return Cases((*cases, *_shapes()), tuple(left_out))


def _of_type(name: str, allowed: Sequence[str]) -> JobSpec:
    job_type = find_job_type(name, allowed=allowed)
    given = examples_of(job_type.params)
    if issubclass(job_type.params, ClipParams):
        most = job_type.params.model_json_schema()["properties"]["clips"].get("maxItems", CLIPS)
        given["clips"] = [_clip(number) for number in range(1, min(CLIPS, most) + 1)]
    params = job_type.params.model_validate(given)
    spec = _job(*job_type.steps(params), name=name, type=name, type_version=job_type.version)
    check_spec(spec)
    return spec


def _clip(number: int) -> Clip:
    owner = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name=f"sh{number:03d}")
    frames = FrameSet.parse("1001-1050,1053-1100")
    return Clip(name=f"clip{number}", media=f"/plates/clip{number}.####.exr", frames=frames, entity=owner)


def _job(*steps: Step, **more: object) -> JobSpec:
    given: dict[str, object] = {
        "id": "00000000-0000-7000-8000-000000000000",
        "key": "0" * 64,
        "type": "shape",
        "type_version": 1,
        "name": "shape",
        "project": "demo",
        "user": "artist",
        "comment": CANARY,
        "params": {"text": CANARY},
        "steps": steps,
    }
    return JobSpec.model_validate({**given, **more})


def _step(name: str = "work", frames: str = "1-10", **more: object) -> Step:
    return Step.model_validate({"name": name, "task": "work", "frames": frames, **more})


def _shapes() -> Iterator[Case]:
    yield Case("one frame", _job(_step(frames="1001")))
    yield Case("10,000 frames", _job(_step(frames="1-10000", chunk=7), publish_step("work")))
    yield Case("stepped frames in chunks", _job(_step(frames="1-10x3", chunk=2)))
    yield Case("chunks across gaps", _job(_step(frames="1-3,7-9,20-40x5", chunk=4)))
    yield Case(
        "no chunk across a gap", _job(_step(frames="1-3,7-9,20", chunk=2, contiguous=True), publish_step("work"))
    )
    fan = [_step("left", after=("first",)), _step("right", after=("first",)), _step("last", after=("left", "right"))]
    yield Case("steps that wait for two", _job(_step("first"), *fan, publish_step("first", "last")))
    yield Case("publishing named first", _job(publish_step("work"), _step()))
    yield Case("capitals and dashes in names", _job(_step("Beauty-A"), publish_step("Beauty-A")))
    yield Case("two GPUs", _job(_step(needs=Needs(cpu=8, memory_mib=32_768, gpu=2, gpu_memory_mib=16_384))))
    yield Case("a GPU of any size", _job(_step(needs=Needs(gpu=1))))
    yield Case("little memory", _job(_step(needs=Needs(memory_mib=16))))
    yield Case("a time limit of 90 s", _job(_step(timeout_s=90)))
    yield Case("a folder that a shell would read", _job(_step()), Path("/it's a show/$(id) `x`;\"&|<>*?/bundle"))
    yield Case("a folder in other letters", _job(_step()), Path("/Zürich/作業/bundle"))
    yield Case("frames below zero", _job(_step(frames="-5-5")), refused_by=("opencue",))
    yield Case("32 cores", _job(_step(needs=Needs(cpu=32))), refused_by=("opencue",))
    yield Case("160 GB on GPUs", _job(_step(needs=Needs(gpu=4, gpu_memory_mib=40_960))), refused_by=("opencue",))
