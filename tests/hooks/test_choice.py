"""Which hooks and plug-ins a job gets, and what is wrong with the rest."""

from __future__ import annotations

import pytest
from studio_code import StudioCode

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.hooks import choose
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import ConfigError
from shotmill.schema.hooks import HookEvent
from shotmill.schema.job import JobSpec

CODE = """
class CheckSlate(pyblish.api.InstancePlugin):
    order = pyblish.api.ValidatorOrder
    def process(self, instance):
        pass

def check(call):
    pass
"""
FILE = """
[[plugin]]
use = "studio_checks:CheckSlate"
job_types = ["thumbnail"]
projects = ["demo"]

[[hook]]
on = "pre_submit"
name = "quota"
use = "studio_checks:check"
timeout_s = 3

[[hook]]
on = "post_publish"
name = "quota"
use = "studio_checks:check"
projects = ["other"]
"""
POINTS = """
[shotmill.publish_plugins]
slate = studio_checks:CheckSlate
[shotmill.hooks]
pre_publish.slate = studio_checks:check
"""


@pytest.mark.parametrize(
    ("job_type", "project", "names"),
    [
        pytest.param("thumbnail", "demo", ["CheckSlate", "pre_submit quota"], id="type and project fit"),
        pytest.param("probe", "demo", ["pre_submit quota"], id="another type"),
        pytest.param("thumbnail", "other", ["pre_submit quota", "post_publish quota"], id="another project"),
    ],
)
def test_the_hooks_file_says_which_jobs_get_what(
    job_type: str, project: str, names: list[str], studio: StudioCode, settings: Settings
) -> None:
    studio.module(CODE)
    studio.hooks(FILE)
    found = choose(settings, job_type, project)
    assert [*(one.name for one in found.plugins), *(f"{one.event} {one.name}" for one in found.hooks)] == names


def test_a_plugin_is_named_by_a_setting(studio: StudioCode, settings: Settings) -> None:
    path = studio.module(CODE)
    found = choose(settings.model_copy(update={"publish_plugins": ("studio_checks:CheckSlate",)}), "probe", "demo")
    [ref] = found.plugins
    assert (ref.name, ref.version) == ("CheckSlate", hash_file(path)[0][:16])


def test_an_installed_wheel_offers_both(studio: StudioCode, settings: Settings) -> None:
    studio.module(CODE)
    studio.wheel(POINTS)
    found = choose(settings, "probe", "demo")
    assert [(one.name, one.source) for one in found.plugins] == [("CheckSlate", "studio-wheel 1.2")]
    assert [(one.event, one.name) for one in found.hooks] == [(HookEvent.PRE_PUBLISH, "slate")]


def test_a_wheel_can_be_left_out_or_kept_to_some_jobs(studio: StudioCode, settings: Settings) -> None:
    studio.module(CODE)
    studio.wheel(POINTS)
    nothing = choose(settings.model_copy(update={"publish_plugins": (), "hooks": ()}), "probe", "demo")
    assert (nothing.plugins, nothing.hooks) == ((), ())
    studio.hooks('[[plugin]]\nuse = "slate"\nprojects = ["other"]\n')
    assert choose(settings, "probe", "demo").plugins == ()
    assert len(choose(settings, "probe", "other").plugins) == 1


WRONG = {
    "two hooks of one name": (
        '[[hook]]\non = "pre_submit"\nname = "quota"\nuse = "studio_checks:check"\n' * 2,
        r"hook 'quota' \(pre_submit\) is there twice: studio_checks:check of .*hooks.toml and studio_checks:check of",
    ),
    "two plug-ins of one name": (
        '[[plugin]]\nuse = "studio_checks:CheckSlate"\n' * 2,
        "publish plug-in CheckSlate is there twice: studio_checks:CheckSlate of",
    ),
    "a module that is not there": (
        '[[plugin]]\nuse = "studio_gone:Check"\n',
        r"publish plug-in Check cannot be found on this machine: studio_gone:Check, of .*hooks.toml",
    ),
    "an entry point that is not there": (
        '[[plugin]]\nuse = "slat"\n',
        r"'slat', which .*hooks.toml names, is no module:name and no entry point of shotmill.publish_plugins",
    ),
    "no module:name": ('[[plugin]]\nuse = "a b:C"\n', "'a b:C', which .* is no module:name"),
    "an unknown key": ('[[plugin]]\nuse = "a:B"\nproject = "x"\n', r"plugin.1.project: there is no such key"),
    "an unknown event": ('[[hook]]\non = "publish"\nname = "a"\nuse = "a:b"\n', "hook.1.on: Input should be 'pre_"),
    "a name that is none": ('[[hook]]\non = "pre_submit"\nname = "a b"\nuse = "a:b"\n', r"hook.1.name: hook .*'a b'"),
    "no TOML": ("[[", "hooks.toml cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(what: str, studio: StudioCode, settings: Settings) -> None:
    text, words = WRONG[what]
    studio.module(CODE)
    studio.hooks(text)
    with pytest.raises(ConfigError, match=words):
        choose(settings, "probe", "demo")


def test_a_hooks_file_that_a_setting_names_must_be_there(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"the hooks file /nowhere/hooks\.toml is not there"):
        choose(settings.model_copy(update={"hooks_file": "/nowhere/hooks.toml"}), "probe", "demo")


def test_an_entry_point_without_an_event_is_refused(studio: StudioCode, settings: Settings) -> None:
    studio.wheel("[shotmill.hooks]\nslate = studio_checks:check\n")
    with pytest.raises(ConfigError, match="studio-wheel offers the hook 'slate'; an entry point of"):
        choose(settings, "probe", "demo")


def test_two_wheels_that_claim_one_name_are_both_named(studio: StudioCode, settings: Settings) -> None:
    studio.module(CODE)
    studio.wheel(POINTS)
    studio.wheel(POINTS.replace("CheckSlate", "CheckOther"), name="other-wheel")
    with pytest.raises(ConfigError, match=r"'slate' of shotmill.publish_plugins is claimed by .*-wheel.* and .*-wheel"):
        choose(settings, "probe", "demo")


def spec_of(job_type: str, settings: Settings, **params: object) -> JobSpec:
    return plan(SubmitRequest(job_type, params=params, project="demo"), settings).spec


def test_a_job_takes_along_what_its_publish_will_run(studio: StudioCode, settings: Settings, plate: str) -> None:
    studio.module(CODE)
    studio.hooks(FILE.replace('"other"', '"demo"'))
    spec = plan(SubmitRequest("thumbnail", plates=[plate], project="demo"), settings).spec
    assert [one.call for one in spec.plugins] == ["studio_checks:CheckSlate"]
    assert [(one.event, one.timeout_s) for one in spec.hooks] == [(HookEvent.POST_PUBLISH, 30.0)]
    assert JobSpec.model_validate_json(spec.pretty()) == spec


def test_a_job_that_publishes_nothing_takes_none(studio: StudioCode, settings: Settings) -> None:
    studio.module(CODE)
    studio.hooks(FILE)
    spec = spec_of("selftest", settings)
    assert (spec.plugins, spec.hooks) == ((), ())
