"""All rules, and how they are run: each over the whole bundle, findings by severity, no secret in any of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from . import chunk_rules, form_rules, path_rules, secret_rules, step_rules, text_rules
from .bundle import Bundle
from .finding import Finding, Hit, Rule, Severity
from .template import steps

MOST_HITS = 100  # of one rule; a bundle of a stranger must not fill a disk
_ORDER = list(Severity)
E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

RULES: tuple[Rule, ...] = (
    Rule(
        "L101", "unreadable", E,
        "no farm can read it either, or it would take all of a machine's memory",
        "write plain YAML or JSON in UTF-8; spell out what aliases stand for",
        form_rules.unreadable,
    ),
    Rule(
        "L102", "two-files", E,
        "Deadline Cloud refuses a bundle that has a document as YAML and as JSON",
        "remove one of them",
        form_rules.doubled,
    ),
    Rule(
        "L103", "repeated-key", W,
        "the last one wins without a word; what the first one says is lost",
        "keep one of them",
        form_rules.repeated_key,
    ),
    Rule(
        "L104", "cycle", E,
        "no task would ever run, and OpenJD's own library crashes on it instead of saying so",
        "remove one of the dependencies",
        step_rules.cycle,
    ),
    Rule(
        "L105", "unknown-step", E,
        "a step that waits for nothing that exists never runs",
        "name a step of this job, or remove the dependency",
        step_rules.unknown_step,
    ),
    Rule(
        "L106", "limit", E,
        "OpenJD or Deadline Cloud refuses it",
        "shorten or split it; some limits grow with the extension FEATURE_BUNDLE_1",
        form_rules.limits,
    ),
    Rule(
        "L107", "refused", E,
        "OpenJD's own library refuses the template, so every farm does",
        "mend what its words name",
        form_rules.refused,
    ),
    Rule(
        "L201", "shell-text", E,
        "a value such as $(rm -rf ~) or one with a quote runs as a command; quotes around the braces do not help",
        'give the value as an argument of its own (args, then "$1"), as an environment variable, or limit it with '
        "allowedValues",
        text_rules.shell_text,
    ),
    Rule(
        "L202", "code-text", E,
        "a value with a quote ends the literal it stands in, and what follows runs as code",
        "give the value as an argument (args, then sys.argv) or as an environment variable",
        text_rules.code_text,
    ),
    Rule(
        "L203", "unbounded-string", W,
        "whoever submits may put in any amount of any text",
        "give it maxLength, or allowedValues",
        text_rules.unbounded_string,
    ),
    Rule(
        "L301", "no-outputs", W,
        "a farm that copies files by what the bundle declares brings no result back",
        "give a PATH parameter dataFlow OUT, or list outputs.directories in asset_references",
        path_rules.no_outputs,
    ),
    Rule(
        "L302", "absolute-path", W,
        "it exists on some hosts only, and path mapping does not see it",
        "make it a PATH parameter",
        path_rules.absolute_path,
    ),
    Rule(
        "L303", "home-path", W,
        "a farm's hosts have another user, or none with that home",
        "make it a PATH parameter on a disk that hosts share, or use {{Session.WorkingDirectory}}",
        path_rules.home_path,
    ),
    Rule(
        "L304", "relative-asset", E,
        "it is looked up in the folder somebody submits from, not in the bundle; what is missing is left out silently",
        "write the absolute path",
        path_rules.relative_asset,
    ),
    Rule(
        "L305", "path-default", E,
        "Deadline Cloud refuses a default of a PATH parameter that is absolute or leaves the bundle",
        "put the value into parameter_values, or the file into the bundle",
        path_rules.path_default,
    ),
    Rule(
        "L401", "secret", E,
        "templates and parameters are shown to everybody who can see the job, and stay on the farm",
        "take it back where it was issued, and let the task fetch it on the host",
        secret_rules.secret_by_shape,
    ),
    Rule(
        "L402", "secret-value", E,
        "templates and parameters are shown to everybody who can see the job, and stay on the farm",
        "take it out of the bundle and change it; let the task fetch it on the host",
        secret_rules.secret_by_name,
    ),
    Rule(
        "L403", "secret-parameter", W,
        "its value is shown to everybody who can see the job, and stays on the farm",
        "let the task fetch the secret on the host, by a name that may be known",
        secret_rules.secret_parameter,
    ),
    Rule(
        "L501", "chunk-extension", E,
        "without the extension the type is unknown",
        "add extensions: [TASK_CHUNKING]",
        chunk_rules.chunk_extension,
    ),
    Rule(
        "L502", "chunk-borders", W,
        "chunks are balanced: ten frames by four are 1-4, 5-7 and 8-10; frames are rendered twice or never",
        "read first and last frame out of the chunk's own text",
        chunk_rules.chunk_borders,
    ),
    Rule(
        "L503", "chunk-gaps", W,
        "a chunk such as 1-3,7 is misread: frames between are rendered needlessly, or the script fails",
        "split at ',' first, or set rangeConstraint: CONTIGUOUS",
        chunk_rules.chunk_gaps,
    ),
    Rule(
        "L601", "no-timeout", W,
        "a task that hangs holds its host, and its licences, until somebody sees it",
        "give the action a timeout in seconds",
        step_rules.no_timeout,
    ),
    Rule(
        "L602", "no-notice", N,
        "what it was writing stays half-written, and programs it started may live on",
        "set cancelation: {mode: NOTIFY_THEN_TERMINATE}, and end on the signal",
        step_rules.no_notice,
    ),
)  # fmt: skip


def lint(bundle: Bundle) -> list[Finding]:
    """Everything to mend in a bundle, the worst first."""
    hide = secret_rules.secret_hider(bundle)
    names = [step.name for step in steps(bundle)]
    found = [_finding(rule, hit, hide, names) for rule in RULES for hit in _hits(bundle, rule)]
    return sorted(found, key=lambda one: _ORDER.index(one.severity))


def _hits(bundle: Bundle, rule: Rule) -> Iterator[Hit]:
    hits = list(dict.fromkeys(islice(rule.find(bundle), MOST_HITS + 1)))
    yield from hits[:MOST_HITS]
    if len(hits) > MOST_HITS:
        yield Hit(bundle.template.name, "$", f"and more than {MOST_HITS} like these")


def _finding(rule: Rule, hit: Hit, hide: Callable[[str], str], names: Sequence[str]) -> Finding:
    match = re.match(r"\$\.steps\[(\d+)\]", hit.place)
    step = names[int(match.group(1))][:80] if match else ""
    file, place, step, what = (_one_line(hide(words)) for words in (hit.file, hit.place, step, hit.what))
    return Finding(rule.code, rule.slug, rule.severity, file, place, step, what, rule.why, rule.fix)


def _one_line(words: str) -> str:
    return "".join(char if char.isprintable() else " " for char in words)
