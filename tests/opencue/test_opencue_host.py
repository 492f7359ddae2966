"""What `shotmill task` does for a frame on an OpenCue host: GPUs of its own, a heartbeat, and an honest end."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from cue_studio import CueStudio

from shotmill.farm_plugins.opencue.host import code_of, gpus_of
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import MachineError


@pytest.fixture
def two_gpus(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", gpus=2)


def none_asked() -> int:
    raise AssertionError("OpenCue has told how many")


def test_fact_13_the_gpus_that_rqd_chose_are_the_frames_own(two_gpus: Settings) -> None:
    assert gpus_of({"CUE_GPU_CORES": "1,3", "CUE_GPUS": "2"}, two_gpus, none_asked).visible == "1,3"


def test_fact_13_a_frame_without_gpus_sees_none(two_gpus: Settings) -> None:
    assert gpus_of({"CUE_GPUS": "0"}, two_gpus, none_asked).visible == ""


def test_fact_13_two_frames_that_were_told_nothing_never_share_a_gpu(two_gpus: Settings) -> None:
    first, second = (gpus_of({}, two_gpus, lambda: 1) for _ in range(2))
    with closing(first), closing(second):
        assert {first.visible, second.visible} == {"0", "1"}


def test_fact_13_a_frame_that_was_told_a_number_takes_as_many_free_ones(two_gpus: Settings) -> None:
    with closing(gpus_of({"CUE_GPUS": "2", "CUDA_VISIBLE_DEVICES": "4,7"}, two_gpus, none_asked)) as found:
        assert found.visible == "4,7"


def test_fact_13_a_frame_waits_for_a_gpu_that_another_one_holds(two_gpus: Settings) -> None:
    program = """
        import sys
        from pathlib import Path
        from shotmill.farm_plugins.opencue.host import gpus_of
        from shotmill.pipeline.settings import Settings
        held = gpus_of({"CUE_GPUS": "1"}, Settings(home=Path(sys.argv[1]), gpus=1), lambda: 0)
        print(held.visible, flush=True)
        sys.stdin.read()
    """
    argv = [sys.executable, "-c", textwrap.dedent(program), str(two_gpus.home)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"0\n"
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as second:
            time.sleep(1.0)
            assert second.poll() is None
            first.communicate()
            assert second.stdout is not None
            assert second.stdout.readline() == b"0\n"
            second.communicate()


def test_a_frame_that_was_given_more_gpus_than_there_are_is_refused(two_gpus: Settings) -> None:
    with pytest.raises(MachineError, match="given 3 GPUs, and this host has 2"):
        gpus_of({"CUE_GPUS": "3"}, two_gpus, none_asked)


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        pytest.param(0, 0, id="done"),
        pytest.param(65, 65, id="a code of ours"),
        pytest.param(33, 1, id="what OpenCue takes for a lack of memory"),
        pytest.param(137, 1, id="the same"),
        pytest.param(-9, 75, id="killed"),
        pytest.param(-11, 75, id="a crash"),
    ],
)
def test_fact_12_opencue_never_reads_an_end_as_a_lack_of_memory(ended: int, code: int) -> None:
    assert code_of(ended) == code


WATCH = """
    import os, signal, sys, time
    from shotmill.farm_plugins.opencue.host import code_of, watch
    beats = os.pipe()
    def say(line):
        print(line, flush=True)
        os.write(beats[1], b".")
    {before}
    ended = watch(say, every_s=0.1)
    if ended is not None:
        {after}
        sys.exit(code_of(ended))
    {work}
"""


def watched(work: str, *, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent(WATCH).format(work=work, before=before, after=after)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


def test_a_silent_task_has_a_heartbeat() -> None:
    ended = watched("[os.read(beats[0], 1) for _ in range(3)]; sys.exit(3)")
    assert ended.returncode == 3
    assert ended.stdout.count("shotmill: at work for ") >= 3


def test_fact_12_a_child_killed_by_signal_9_ends_in_75() -> None:
    assert watched("os.kill(os.getpid(), signal.SIGKILL)").returncode == 75


def test_being_told_to_end_is_passed_on_to_who_works() -> None:
    work = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); os.kill(os.getppid(), signal.SIGTERM); time.sleep(9)"
    assert watched(work).returncode == 4


def test_being_told_to_end_while_the_end_is_told_changes_nothing() -> None:
    ended = watched("sys.exit(4)", after="os.kill(os.getpid(), signal.SIGTERM)")
    assert (ended.returncode, ended.stderr) == (4, "")


def test_nobody_works_whose_watcher_died_before_it_could_be_told() -> None:
    dies = """
    import ctypes
    watcher = os.getpid()
    def die(event, _facts):
        if event == "ctypes.dlopen":
            os.kill(watcher, signal.SIGKILL)
            while os.getppid() == watcher:
                time.sleep(0.01)
    sys.addaudithook(die)
    """
    ended = watched("print('works')", before=textwrap.dedent(dies))
    assert (ended.returncode, ended.stdout) == (-9, "")


def test_whoever_works_does_not_outlive_who_watches() -> None:
    program = textwrap.dedent(WATCH).format(work="print(os.getpid(), flush=True); time.sleep(60)", before="", after="")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker = int(next(line for line in process.stdout if line.strip().isdigit()))
        process.kill()
    ends = time.monotonic() + 10
    while Path(f"/proc/{worker}/exe").exists():
        assert time.monotonic() < ends
        time.sleep(0.02)


def run_frame(
    studio: CueStudio, tmp_path: Path, given: Mapping[str, str], **params: object
) -> subprocess.CompletedProcess[str]:
    """The argv of a frame, as RQD would run it."""
    bundle = studio.bundle(studio.spec(**params))
    environment = {**studio.site(tmp_path), "CUE_FRAME_ID": "1", **given}
    argv = ["shotmill", "task", "--bundle", str(bundle), "--step", "work", "--frames", "1"]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_fact_13_a_task_sees_the_gpus_that_rqd_chose(studio: CueStudio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    ended = run_frame(studio, tmp_path, {"CUE_GPU_CORES": "1,3"}, action="environment", trace=str(trace))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "CUDA_VISIBLE_DEVICES=1,3" in Path(f"{trace}.env").read_text().splitlines()


def test_what_a_task_prints_is_in_its_log_and_not_in_rqds(studio: CueStudio, tmp_path: Path) -> None:
    ended = run_frame(studio, tmp_path, {"CUE_GPUS": "0"}, action="chatter")
    assert "line 1\n" not in ended.stdout
    (log,) = studio.settings.jobs_folder.rglob("attempts/*/1/*.log")
    assert "line 4999\n" in log.read_text()


@pytest.mark.slow
def test_fact_12_a_task_killed_from_outside_leaves_a_record_that_says_so(studio: CueStudio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    ended = run_frame(studio, tmp_path, {"CUE_GPUS": "0"}, action="die-once", trace=str(trace))
    assert ended.returncode == 75
    assert "openjd_fail: SHOTMILL E313 " in ended.stdout
    (record,) = studio.settings.jobs_folder.rglob("records/*/*.json")
    assert '"failure_code":"E313"' in record.read_text()
