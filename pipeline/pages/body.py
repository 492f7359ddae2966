"""The middle of a page: versions with their frames and files, and what was checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ...schema.frames import frames_text
from ...schema.names import counted
from ...schema.publishing import PluginResult, PublishedVersion
from .facts import FormFacts, PageFacts, VersionFacts, version_name
from .markup import Html, folded, joined, table, tag
from .words import number_text, size_text, spoken, stage_of, time_text

FEW = 4  # versions that are shown unfolded
MAX_LISTED = 2000  # versions that are told of in a line
MAX_FAILED = 50
MAX_INSTANCES = 20
MAX_RECORDS = 40
MAX_BARS = 400  # holes that a strip of frames shows


def draw_versions(facts: PageFacts) -> Html | None:
    """Each version with its forms, frames, holes and files."""
    if not facts.report.versions:
        return None
    fold = len(facts.versions) > FEW
    rest = facts.report.versions[len(facts.versions) :]
    return tag(
        "section",
        tag("h2", "What was published"),
        (_version(one, fold=fold) for one in facts.versions),
        _listed(rest) if rest else None,
        id="versions",
    )


def _version(version: VersionFacts, *, fold: bool) -> Html:
    published = version.published
    facts = f"{counted(published.files, 'file')}, {size_text(published.size_bytes)}"
    pills = [
        tag("span", f"lacks {published.holes}", class_="pill warn") if published.holes else None,
        None if published.is_new else tag("span", "published before", class_="pill"),
    ]
    inner = joined(
        [
            tag("p", tag("code", published.folder)),
            tag("p", version.problem, class_="bad") if version.problem else None,
            _forms(version.forms) if version.forms else None,
            _strips(version.forms),
            (_files(form) for form in version.forms),
        ]
    )
    if fold:
        return folded([tag("b", version.name), f"  {facts} ", *pills], tag("div", inner))
    return tag("div", tag("h3", version.name, " ", tag("span", facts, class_="soft"), " ", pills), inner)


def _forms(forms: Sequence[FormFacts]) -> Html:
    rows = [
        (
            tag("code", form.pattern),
            form.name,
            str(form.frames) if form.frames else "",
            tag("b", str(form.missing)) if form.missing else "none" if form.frames else "",
            form.resolution,
            form.colourspace or "",
            number_text(form.count),
            size_text(form.size_bytes),
        )
        for form in forms
    ]
    titles = ("Name", "Form", "Frames", "Missing", "Size in pixels", "Colour space", "Files", "Bytes")
    return table(titles, rows, numbers=(6, 7))


def _strips(forms: Sequence[FormFacts]) -> Iterable[Html]:
    """A strip for each range of frames; forms that have the same share one."""
    shared: dict[tuple[str, str], list[FormFacts]] = {}
    for form in forms:
        if form.frames:
            shared.setdefault((str(form.frames), str(form.missing)), []).append(form)
    for same in shared.values():
        one = same[0]
        names = ", ".join(form.name for form in same)
        yield draw_strip(names, [*(one.frames or ()), *(one.missing or ())], list(one.missing or ()))


def draw_strip(name: str, wanted: Collection[int], gone: Sequence[int], *, verb: str = "lacks") -> Html:
    """A range of frames as a strip, in which those that are gone are marked.

    Args:
        name: of what the frames are.
        wanted: all frames, at least one.
        gone: some of them, ascending.
        verb: what the name does to them.
    """
    first, last = min(wanted), max(wanted)
    bars = (
        tag("rect", x=f"{start - first}", y="0", width=f"{end - start + 1}", height="1")
        for start, end in _runs(gone)[:MAX_BARS]
    )
    says = f"{name}: {f'{verb} {frames_text(gone)}' if gone else 'no frame is missing'}"
    box = f"0 0 {last - first + 1} 1"
    svg = tag("svg", bars, class_="strip", viewBox=box, preserveAspectRatio="none", role="img", aria_label=says)
    ends = tag("div", tag("span", str(first)), tag("span", says), tag("span", str(last)), class_="range")
    return tag("div", svg, ends, class_="frames")


def _runs(frames: Sequence[int]) -> list[tuple[int, int]]:
    """Frames as runs without gaps."""
    found: list[tuple[int, int]] = []
    for frame in frames:
        if found and frame == found[-1][1] + 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found


def _files(form: FormFacts) -> Html | None:
    if not form.files:
        return None
    rows = [
        (
            "" if file.frame is None else str(file.frame),
            tag("span", file.path, class_="mono"),
            size_text(file.size),
            tag("span", file.checksum, class_="mono"),
        )
        for file in form.files
    ]
    more = form.count - len(form.files)
    return folded(
        f"{counted(form.count, 'file')} of {form.name} with checksums (xxh128)",
        table(("Frame", "File", "Bytes", "Checksum"), rows, numbers=(0, 2)),
        tag("p", f"and {number_text(more)} more; manifest.json beside the files lists all", class_="soft")
        if more
        else None,
    )


def _listed(versions: Sequence[PublishedVersion]) -> Html:
    shown = versions[:MAX_LISTED]
    rows = [
        (version_name(one), number_text(one.files), size_text(one.size_bytes), str(one.holes or "none"))
        for one in shown
    ]
    more = len(versions) - len(shown)
    return folded(
        f"{counted(len(versions), 'more version')}",
        table(("Version", "Files", "Bytes", "Missing"), rows, numbers=(1, 2)),
        tag("p", f"and {number_text(more)} more, in the JSON report", class_="soft") if more else None,
    )


def draw_checks(facts: PageFacts) -> Html | None:
    """Each plug-in with its result, what it found, and how long it took."""
    results = facts.report.results
    if not results:
        return None
    by_plugin: dict[str, list[PluginResult]] = {}
    for result in results:
        by_plugin.setdefault(result.plugin, []).append(result)
    rows = [_check(name, found) for name, found in by_plugin.items()]
    return tag(
        "section",
        tag("h2", "What was checked"),
        table(("Result", "Check", "Stage", "What it found", "Time"), rows, numbers=(4,)),
        (_said(name, found) for name, found in by_plugin.items()),
        id="checks",
    )


def _check(name: str, results: Sequence[PluginResult]) -> Sequence[Html | str]:
    failed = [result for result in results if not result.ok]
    pill = tag("span", "failed", class_="pill bad") if failed else tag("span", "passed", class_="pill good")
    return (
        pill,
        tag("span", spoken(name), title=name),
        stage_of(results[0].order),
        joined(_found(results, failed)),
        time_text(sum(result.duration_s for result in results)),
    )


def _found(results: Sequence[PluginResult], failed: Sequence[PluginResult]) -> Iterable[Html | str]:
    if not failed:
        products = [result for result in results if result.instance is not None]
        yield f"nothing wrong with {counted(len(products), 'product')}" if products else "nothing wrong"
        return
    for result in failed[:MAX_FAILED]:
        of = f"{result.instance}: " if result.instance else ""
        yield tag("p", tag("b", of), result.error or "it does not say why")
    if len(failed) > MAX_FAILED:
        yield tag("p", f"and {number_text(len(failed) - MAX_FAILED)} more, in the JSON report")


def _said(name: str, results: Sequence[PluginResult]) -> Html | None:
    """What a plug-in logged, and where it failed."""
    lines = [line for result in results for line in result.records]
    traces = [result.traceback for result in results if result.traceback]
    if not lines and not traces:
        return None
    more = (
        [f"and {number_text(len(lines) - MAX_RECORDS)} more lines, in the JSON report"]
        if len(lines) > MAX_RECORDS
        else []
    )
    text = "\n".join([*lines[:MAX_RECORDS], *more])
    return folded(
        f"What {spoken(name)} said",
        tag("pre", text) if text else None,
        (tag("pre", trace[-1400:]) for trace in traces[:3]),
    )
