"""The Cuebot double keeps the rules that the reference lists, each met by reading the real one's source."""

from __future__ import annotations

from pathlib import Path

import pytest
from cuebot import Bot, StillHost
from cuebot.jobs import DEAD, DEPEND, FINISHED, PENDING, POSTED, RUNNING, SUCCEEDED, WAITING, Frame
from cuebot.ranges import frames_of, spec_of
from cuebot.spec import RefusedError

HEAD = '<!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">'


def layer(name: str = "work", body: str = "", *, kind: str = "Render", frames: str = "1-2", chunk: int = 1) -> str:
    parts = f"<cmd>echo #FRAMESPEC#</cmd><range>{frames}</range><chunk>{chunk}</chunk>{body}"
    return f'<layer name="{name}" type="{kind}">{parts}</layer>'


def document(
    *layers: str,
    name: str = "job",
    body: str = "",
    show: str = "testing",
    user: str = "ann",
    depends: str = "",
    head: str = "",
) -> str:
    job = f'<job name="{name}">{body}<layers>{"".join(layers or [layer()])}</layers></job>'
    where = f"{head}<show>{show}</show><shot>s01</shot><user>{user}</user>"
    return f"{HEAD}<spec>{where}{job}{depends}</spec>"


def waits(layer_name: str, on: str, *, job: str = "job") -> str:
    who = f"<depjob>{job}</depjob><deplayer>{layer_name}</deplayer>"
    return f'<depends><depend type="LAYER_ON_LAYER">{who}<onjob>{job}</onjob><onlayer>{on}</onlayer></depend></depends>'


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return Bot(tmp_path)


@pytest.fixture
def still(bot: Bot) -> StillHost:
    made = StillHost()
    bot.add_host(made)
    return made


def frames(bot: Bot, name: str = "work") -> list[Frame]:
    return [frame for job in bot.jobs for frame in job.frames() if frame.layer.spec.name == name]


def end(bot: Bot, frame: Frame, status: int = 0, signal: int = 0) -> None:
    assert frame.state == RUNNING
    bot.completed(frame.resource, status, signal)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("<spec/>", "Failed to parse job spec XML, .*no grammar found", id="no document type"),
        pytest.param(document(layer(body="<tags>a</tags>")), "invalid tag a, tags must be", id="short tag"),
        pytest.param(
            document(layer(body="<timeout>1</timeout><memory>1g</memory>")),
            'Failed to parse job spec XML, .*element type "layer" must match',
            id="order of elements",
        ),
        pytest.param(document(layer(body="<limits></limits>")), "must match .*limit", id="empty limits"),
        pytest.param(document(layer(kind="Pre")), "must have a value from the list", id="Pre layer"),
        pytest.param(document(name="a"), "The job name suffix: a must be composed of alpha", id="short job name"),
        pytest.param(document(layer("ab")), "The layer name must be at least 3 characters.", id="short layer name"),
        pytest.param(document(user="root"), "Cannot launch jobs as root.", id="root"),
        pytest.param(document(layer(frames="1-x")), "error, the range 1-x is invalid", id="range"),
        pytest.param(
            document(layer("one-two"), layer("ONE_TWO")),
            "error, the layer one_two was already defined in job testing-s01-ann_job",
            id="one layer twice",
        ),
        pytest.param(document(layer(frames="1-100001")), "maximum number of allowed frames is 100000", id="frames"),
        pytest.param(
            document(*[layer(f"lay{number}") for number in range(2001)]),
            "maximum number of allowed layers is 2000",
            id="layers",
        ),
        pytest.param(document(show="nowhere"), "The nowhere does not exist. Please contact administrator", id="show"),
    ],
)  # fmt: skip
def test_fact_2_it_refuses_with_cuebots_own_words(bot: Bot, text: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        bot.launch(text)
    assert bot.jobs == []


def test_names_are_conformed(bot: Bot) -> None:
    (job,) = bot.launch(document(layer("Some-Layer"), name="My__New-Job"))
    assert job.name == "testing-s01-ann_my_new_job"
    assert job.layers[0].spec.name == "some_layer"


def test_a_pending_name_is_taken_and_a_finished_one_is_free(bot: Bot, still: StillHost) -> None:
    assert still.cores
    (job,) = bot.launch(document())
    with pytest.raises(RefusedError, match="The job testing-s01-ann_job is already pending"):
        bot.launch(document())
    for frame in frames(bot):
        end(bot, frame)
    assert job.state == FINISHED
    (again,) = bot.launch(document())
    assert again.id != job.id
    assert bot.find(job.name) is again
    assert bot.get(job.id) is job


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(document(layer(body="<limits><limit>none</limit></limits>")), id="limit"),
        pytest.param(document(head="<facility>moon</facility>"), id="facility"),
        pytest.param(document(depends=waits("work", "gone")), id="depend"),
    ],
)
def test_faults_behind_the_checks_are_mailed_and_swallowed(bot: Bot, text: str) -> None:
    with pytest.raises(LookupError, match="Incorrect result size: expected 1, actual 0"):
        bot.launch(text)
    assert len(bot.mails) == 1


@pytest.mark.parametrize(("asked", "kept"), [(-1, 0), (0, 0), (1, 1), (3, 1)])
def test_retries_are_clamped_without_a_word(bot: Bot, asked: int, kept: int) -> None:
    assert bot.launch(document(body=f"<maxretries>{asked}</maxretries>"))[0].max_retries == kept


@pytest.mark.parametrize(("asked", "points"), [("2.0", 200), ("2", 100), ("150", 150), ("0.05", 100), ("99.0", 2400)])
def test_cores_without_a_dot_are_hundredths(bot: Bot, asked: str, points: int) -> None:
    assert bot.launch(document(layer(body=f"<cores>{asked}</cores>")))[0].layers[0].spec.cores == points


@pytest.mark.parametrize(
    ("asked", "mib"), [("4g", 4096), ("512m", 512), ("1.5m", 256), ("4", 4096), ("1.5g", 3276), ("60g", 61440)]
)
def test_memory_is_read_as_cuebot_reads_it(bot: Bot, asked: str, mib: int) -> None:
    assert bot.launch(document(layer(body=f"<memory>{asked}</memory>")))[0].layers[0].spec.memory_kib // 1024 == mib


def test_gpu_memory_beyond_the_most_is_none_at_all(bot: Bot) -> None:
    (job,) = bot.launch(document(layer(body="<gpus>1</gpus><gpu_memory>200g</gpu_memory>")))
    assert (job.layers[0].spec.gpus, job.layers[0].spec.gpu_memory_kib) == (1, 0)


def test_tokens_become_the_chunks_real_frames(bot: Bot, still: StillHost) -> None:
    bot.launch(document(layer(frames="1-10x3", chunk=2)))
    assert [run.command for run in still.runs] == ["echo 1,4", "echo 7,10"]


@pytest.mark.parametrize(
    ("text", "listed", "told"),
    [
        ("1-5", [1, 2, 3, 4, 5], "1-5"),
        ("1-9x4", [1, 5, 9], "1-9x4"),
        ("5-3", [5, 4, 3], "5-3x-1"),
        ("3,1-2,2", [3, 1, 2], "3,1-2"),
    ],
)
def test_ranges_keep_the_order_they_are_written_in(text: str, listed: list[int], told: str) -> None:
    assert frames_of(text) == listed
    assert spec_of(listed) == told


def test_a_frame_out_of_retries_is_dead_and_its_job_waits_for_ever(bot: Bot, still: StillHost) -> None:
    assert still.cores
    (job,) = bot.launch(document(layer(frames="1")))
    (frame,) = frames(bot)
    end(bot, frame, 1)
    end(bot, frame, 1)
    assert (frame.state, frame.retries, job.state) == (DEAD, 1, PENDING)


@pytest.mark.parametrize(("status", "signal"), [(33, 0), (137, 0), (1, 33)])
def test_a_lack_of_memory_is_tried_again_without_end(bot: Bot, still: StillHost, status: int, signal: int) -> None:
    assert still.cores
    bot.launch(document(layer(frames="1")))
    (frame,) = frames(bot)
    before = frame.memory_kib
    for _ in range(5):
        end(bot, frame, status, signal)
    assert frame.state == RUNNING
    assert frame.memory_kib > before


def test_a_frame_taken_back_from_a_busy_desk_uses_no_retry(bot: Bot, still: StillHost) -> None:
    assert still.cores
    bot.launch(document(layer(frames="1")))
    (frame,) = frames(bot)
    for _ in range(3):
        end(bot, frame, 286)
    assert (frame.state, frame.retries) == (RUNNING, 0)


def publishing(*, eaten_satisfies: bool, bot: Bot) -> None:
    bot.site.eaten_satisfies = eaten_satisfies
    bot.launch(document(layer(), layer("publish", kind="Util", frames="1"), depends=waits("publish", "work")))


def test_a_publish_starts_with_a_hole_when_a_frame_is_eaten_before_the_last_ends(bot: Bot, still: StillHost) -> None:
    assert still.cores
    publishing(eaten_satisfies=False, bot=bot)
    first, second = frames(bot)
    bot.eat([first])
    end(bot, second)
    assert frames(bot, "publish")[0].state == RUNNING


def test_a_publish_waits_for_ever_when_the_last_frame_is_eaten(bot: Bot, still: StillHost) -> None:
    assert still.cores
    publishing(eaten_satisfies=False, bot=bot)
    first, second = frames(bot)
    end(bot, first)
    bot.eat([second])
    assert frames(bot, "publish")[0].state == DEPEND


def test_a_site_may_let_eaten_frames_satisfy(bot: Bot, still: StillHost) -> None:
    assert still.cores
    publishing(eaten_satisfies=True, bot=bot)
    bot.eat(frames(bot))
    assert frames(bot, "publish")[0].state == RUNNING


def test_fact_9_a_kill_without_a_reason_does_nothing_and_one_with_a_reason_starts_post_layers(
    bot: Bot, still: StillHost
) -> None:
    assert still.cores
    (job,) = bot.launch(document(layer(), layer("notify", kind="Post", frames="1")))
    post = bot.jobs[1]
    assert (post.state, post.user) == (POSTED, "monitor")
    bot.kill(job, "")
    assert job.state == PENDING
    bot.kill(job, "enough")
    assert (job.state, post.state) == (FINISHED, PENDING)
    assert [frame.state for frame in frames(bot)] == [WAITING, WAITING]
    assert frames(bot, "notify")[0].state == RUNNING


def test_a_frame_given_to_two_hosts_counts_the_first_report_only(bot: Bot, still: StillHost) -> None:
    bot.add_host(StillHost("second"))
    bot.run_twice("0001-work")
    bot.launch(document(layer(frames="1")))
    (frame,) = frames(bot)
    first = still.runs[0].resource_id
    bot.completed(first, 0)
    assert frame.state == SUCCEEDED
    (second,) = list(bot._booked)
    bot.completed(second, 1)
    assert frame.state == SUCCEEDED


def test_a_host_that_went_down_gives_its_frames_to_others(bot: Bot, still: StillHost) -> None:
    bot.launch(document(layer(frames="1")))
    (frame,) = frames(bot)
    other = StillHost("other")
    bot.add_host(other)
    bot.lose_host(still)
    assert frame.last_host == "other"
    bot.completed(still.runs[0].resource_id, 1)
    assert frame.state == RUNNING
