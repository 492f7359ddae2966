"""The top of a page: what happened, in one line, in figures, and in pictures; of a refusal, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...schema.frames import FrameSet
from ...schema.names import counted
from ...schema.publishing import PublishedVersion, PublishReport
from .body import draw_strip
from .facts import PageFacts
from .markup import Html, joined, table, tag
from .trouble import read_failure
from .words import lasted, moment_text, number_text, size_text, time_text

MAX_NOTES = 60
NAMED = 3  # versions in the heading
MANY = 6  # pictures, from which on they are smaller


def verdict_of(report: PublishReport) -> tuple[str, str]:
    """What became of it in a word or two, and the class of its colour."""
    if report.outcome == "refused":
        return ("Refused", "bad") if not report.versions else ("Stopped half way", "bad")
    if any(version.holes for version in report.versions):
        return "Published with holes", "warn"
    if any(not result.ok for result in report.results):
        return "Published, with a complaint", "warn"
    return ("Published", "good") if report.outcome == "published" else ("Already published", "good")


def title_of(facts: PageFacts) -> tuple[str, ...]:
    """What was published, by whom, when and from which job, in one line; its pieces are not broken."""
    report = facts.report
    count = len(report.versions)
    when = (f"{moment_text(report.finished)},", f"from {facts.handle}")
    if facts.is_refused:
        what = f"{counted(count, 'version')} published, then it stopped" if count else "Nothing was published"
        return (f"{what}: {facts.spec.name},", *when)
    verb = "published" if report.outcome == "published" else "published before"
    return (f"{_named(report.versions)}, {verb} by {facts.spec.user},", *when)


def _named(versions: Sequence[PublishedVersion]) -> str:
    """Versions by name where they are few, else how many."""
    entities = {version.entity for version in versions}
    if len(entities) > 1:
        return f"{counted(len(versions), 'version')} of {len(entities)} shots and assets"
    of = f" of {versions[0].entity}"
    if len(versions) > NAMED:
        return counted(len(versions), "version") + of
    return " and ".join(f"{version.product} v{version.number:03d}" for version in versions) + of


def draw_head(facts: PageFacts) -> Html:
    """Heading, refusal, figures and notes."""
    verdict, colour = verdict_of(facts.report)
    spec = facts.spec
    first, *rest = title_of(facts)
    return joined(
        [
            tag(
                "header",
                tag(
                    "div",
                    tag("span", verdict, class_=f"pill {colour}"),
                    tag("span", "Shotmill publish report"),
                    class_="top",
                ),
                tag("h1", first, ([" ", tag("span", piece, class_="nb")] for piece in rest)),
                tag(
                    "p",
                    f"Job {spec.name} of type {spec.type}, project {spec.project}, submitted by {spec.user}",
                    class_="sub",
                ),
                tag("p", f"“{spec.comment}”") if spec.comment else None,
            ),
            _alarm(facts) if facts.report.failure else None,
            _figures(facts),
            _troubles(facts) if facts.is_refused else None,
            _notes(facts),
        ]
    )


def _alarm(facts: PageFacts) -> Html:
    said = read_failure(facts.report.failure or "")
    places = [(name, value) for name, value in said.facts.items() if name != "retryable"]
    left = len(facts.report.versions)
    return tag(
        "section",
        tag("h2", f"Why it stopped ({said.code})" if said.code else "Why it stopped"),
        tag("p", said.cause, class_="cause"),
        tag("p", ((tag("span", f"{name}: ", class_="soft"), tag("code", value), " ") for name, value in places))
        if places
        else None,
        tag("p", f"{counted(left, 'version')} became visible before; the next run publishes the rest.")
        if left
        else None,
        tag("h3", "What to do next"),
        (_command(line) for line in _next(said.hint, facts.handle)),
        class_="alarm",
        id="refused",
    )


def _next(hint: str, handle: str) -> Iterator[str]:
    if hint:
        yield hint
    explain = f"shotmill explain {handle}"
    if hint != explain:
        yield explain


def _command(line: str) -> Html:
    return tag("code", line, class_="type") if line.startswith("shotmill ") else tag("p", line)


def _figures(facts: PageFacts) -> Html:
    report = facts.report
    checks = len({result.plugin for result in report.results})
    failed = len({result.plugin for result in report.results if not result.ok})
    figures = [(number_text(len(report.versions)), "version" if len(report.versions) == 1 else "versions")]
    if report.versions:
        files = sum(version.files for version in report.versions)
        size = size_text(sum(version.size_bytes for version in report.versions))
        figures += [(number_text(files), "file" if files == 1 else "files"), (size, "in all")]
    if facts.is_refused:
        figures.append((number_text(len(_at_fault(facts))), "frames at fault"))
    figures += [
        (f"{checks - failed} of {checks}", "checks passed"),
        (time_text(lasted(report)), "until it stopped" if facts.is_refused else "to publish"),
    ]
    return tag("div", (tag("div", tag("b", figure), tag("span", what)) for figure, what in figures), class_="figures")


def _at_fault(facts: PageFacts) -> list[int]:
    """The frames that something is wrong with."""
    return sorted({frame for one in facts.troubles for frame in FrameSet.parse(one.frames)})


def _troubles(facts: PageFacts) -> Html | None:
    if not facts.troubles:
        return None
    wanted = facts.wanted
    rows = [
        (
            one.what,
            tag("b", one.frames),
            one.wrong,
            tag("code", one.mend) if one.mend.startswith("shotmill") else one.mend,
        )
        for one in facts.troubles
    ]
    return tag(
        "section",
        tag("h2", "What is wrong, frame by frame"),
        draw_strip("this job", wanted, [frame for frame in _at_fault(facts) if frame in wanted]) if wanted else None,
        table(("Of", "Frames", "What is wrong", "What to do"), rows),
        id="frames-at-fault",
    )


def _notes(facts: PageFacts) -> Html | None:
    notes = [*facts.report.notes, *facts.unknown]
    if not notes:
        return None
    more = len(notes) - MAX_NOTES
    lines = [*notes[:MAX_NOTES], *([f"and {number_text(more)} more, in the JSON report"] if more > 0 else [])]
    return tag(
        "section", tag("h2", "To know"), tag("ul", (tag("li", line) for line in lines)), class_="note", id="notes"
    )


def draw_pictures(facts: PageFacts) -> Html | None:
    """Small pictures of what was published; of a publish that was refused, of what the tasks wrote."""
    if not facts.pictures:
        return None
    figures = (
        tag(
            "figure",
            tag("img", src=one.uri, alt=one.caption, width=str(one.width), height=str(one.height)),
            tag("figcaption", one.caption),
        )
        for one in facts.pictures
    )
    many = " many" if len(facts.pictures) > MANY else ""
    more = f"and {number_text(facts.pictures_more)} more" if facts.pictures_more else None
    return tag(
        "section",
        tag("h2", "What the tasks wrote" if facts.is_refused and not facts.report.versions else "Pictures"),
        tag("div", figures, class_=f"pictures{many}"),
        tag("p", more, class_="soft") if more else None,
        id="pictures",
    )
