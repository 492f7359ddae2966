"""The end of a page: time, hosts, lineage, and who was told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from ...schema.job import InputMark
from ...schema.names import counted
from .facts import PageFacts
from .markup import Html, Part, escaped, folded, masked, table, tag
from .words import lasted, moment_text, number_text, size_text, time_text

MAX_HOSTS = 60
MAX_INPUTS = 60
MAX_PARAMS = 12_000  # characters
MAX_SOURCES = 60
STATES = {"delivered": "good", "failed": "warn", "dead": "bad", "sending": "", "pending": ""}
SPOKEN = {"failed": "will be tried again", "dead": "given up", "sending": "on its way", "pending": "waiting"}


def draw_times(facts: PageFacts) -> Html:
    """How long the job waited, ran and was published, one below the other on one scale."""
    report = facts.report
    began = min([step.started for step in facts.steps], default=report.started)
    begin = min(began, facts.asked or began)
    whole = max((report.finished - begin).total_seconds(), 0.001)

    def bar(name: str, start: datetime, seconds: float, kind: str, says: str = "") -> Iterator[Html]:
        left = min(99.0, max(0.0, (start - begin).total_seconds() / whole * 100))
        width = min(100 - left, max(0.0, seconds / whole * 100))
        yield tag("span", name)
        inner = tag("span", style=f"margin-left:{left:.2f}%;width:{width:.2f}%")
        yield tag("div", inner, class_=f"track {kind}")
        yield tag("span", time_text(seconds) + says)

    parts: list[Part] = []
    if facts.asked is not None:
        parts.append(bar("waited", facts.asked, max(0.0, (began - facts.asked).total_seconds()), "wait"))
    for step in facts.steps:
        seconds = (step.finished - step.started).total_seconds()
        parts.append(bar(step.name, step.started, seconds, "run", f", {counted(step.tasks, 'task')}"))
    parts.append(bar("publish", report.started, lasted(report), "publish"))
    on = f" on {facts.engine}" if facts.engine else ""
    asked = f"Submitted {moment_text(facts.asked)}{on}. " if facts.asked else ""
    hosts = [
        (one.host, number_text(one.tasks), time_text(one.busy_s), ", ".join(one.steps))
        for one in facts.hosts[:MAX_HOSTS]
    ]
    more = len(facts.hosts) - MAX_HOSTS
    return tag(
        "section",
        tag("h2", "Time and hosts"),
        tag(
            "p",
            f"{asked}{'Refused' if facts.is_refused else 'Published'} {moment_text(report.finished)}.",
            class_="soft",
        ),
        tag("div", parts, class_="bars"),
        [tag("h3", "Hosts"), table(("Host", "Tasks", "Busy", "Steps"), hosts, numbers=(1, 2))] if hosts else None,
        tag("p", f"and {number_text(more)} more hosts", class_="soft") if more > 0 else None,
        id="times",
    )


def draw_lineage(facts: PageFacts) -> Html:
    """What all of it was made from."""
    spec = facts.spec
    colour = f"{spec.colour_config}" if spec.colour_config else "none: no step reads pixels"
    rows: list[tuple[str, Part]] = [
        ("Job", [spec.name, " ", tag("code", spec.id)]),
        ("Key of its inputs", tag("code", spec.key)),
        ("Job type", f"{spec.type}, version {spec.type_version}"),
        ("Template (xxh128)", tag("code", facts.template or "not known")),
        ("Colour config", colour),
    ]
    if spec.colour_config_hash:
        rows.append(("Its hash", tag("code", spec.colour_config_hash)))
    if spec.display or spec.view:
        rows.append(("Display, view", f"{spec.display or 'default'}, {spec.view or 'default'}"))
    packages = ", ".join(f"{name} {version}" for name, version in facts.report.packages.items())
    rows += [("Submitted by", spec.user), ("Published with", packages)]
    return tag(
        "section",
        tag("h2", "What it was made from"),
        tag("dl", ((tag("dt", name), tag("dd", value)) for name, value in rows)),
        _inputs(spec.inputs) if spec.inputs else None,
        _sources(facts),
        folded("Parameters", tag("pre", _params(facts))),
        id="lineage",
    )


def _inputs(marks: Sequence[InputMark]) -> Html:
    inputs = list(dict.fromkeys(marks))  # shots of one movie share it
    rows = [
        (tag("code", one.path), number_text(one.files), size_text(one.size), one.method, tag("code", one.fingerprint))
        for one in inputs[:MAX_INPUTS]
    ]
    more = len(inputs) - len(rows)
    titles = ("Input", "Files", "Bytes", "Hash of", "Hash (xxh128)")
    return tag(
        "div",
        tag("h3", f"{counted(len(inputs), 'input')}"),
        table(titles, rows, numbers=(1, 2)),
        tag("p", f"and {number_text(more)} more, in job.json", class_="soft") if more else None,
    )


def _sources(facts: PageFacts) -> Html | None:
    rows = [(version.name, ", ".join(version.sources)) for version in facts.versions if version.sources]
    if not rows:
        return None
    return tag("div", tag("h3", "Versions it was made from"), table(("Version", "Made from"), rows[:MAX_SOURCES]))


def _params(facts: PageFacts) -> Html:
    text = masked(json.dumps(facts.spec.params, indent=2, ensure_ascii=False, default=str))
    return Html("\n".join(escaped(line) for line in _cut(text)))


def _cut(text: str) -> Iterator[str]:
    yield from text[:MAX_PARAMS].split("\n")
    if len(text) > MAX_PARAMS:
        yield f"… {number_text(len(text) - MAX_PARAMS)} more characters, in job.json"


def draw_told(facts: PageFacts) -> Html:
    """Who was told of the versions, and who was not."""
    if facts.told:
        rows = [
            (
                one.target,
                tag("span", SPOKEN.get(one.state, one.state), class_=f"pill {STATES.get(one.state, '')}".strip()),
                one.version if one.kind == "version-published" else f"{one.version} ({one.kind})",
                tag("code", one.remote_id) if one.remote_id else "",
                number_text(one.attempts),
                one.last_error or "",
            )
            for one in facts.told
        ]
        titles = ("Target", "State", "About", "Its id there", "Tries", "Last error")
        body: Part = table(titles, rows, numbers=(4,))
    elif facts.told is None:
        body = tag("p", "Not known here.")
    else:
        why = "no targets are set for this job" if facts.report.versions else "nothing was published"
        body = tag("p", f"Nobody: {why}.", class_="soft")
    more = f"and {number_text(facts.told_more)} more; " if facts.told_more else ""
    as_of = f"{more}as of {moment_text(facts.made)}; shotmill report {facts.handle} --html makes this page anew"
    return tag("section", tag("h2", "Who was told"), body, tag("p", as_of, class_="soft"), id="told")
