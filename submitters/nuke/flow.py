"""From a submit to nodes: send, watch, read what was published. All of it runs in a thread, and touches no node."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ..client import Client, ClientError
from .asks import Ask
from .paths import PathMap
from .problems import NukeProblem
from .results import Result, load, newest
from .work import Progress, ask

SUCCEEDED = "succeeded"


class Outcome(NamedTuple):
    """What became of one submit.

    Attributes:
        node: full name of the node that was submitted; empty: none was.
        job: as people name it; state: where it stands.
        results: what it published, ready to become nodes.
        sentences: what the artist should know.
    """

    node: str
    job: str
    state: str
    results: tuple[Result, ...] = ()
    sentences: tuple[str, ...] = ()


def run(client: Client, asks: Sequence[Ask], paths: PathMap, progress: Progress) -> list[Outcome]:
    """Submit, wait for the end, and read what was published.

    Raises:
        ClientError: no job could be submitted, or Cancel was pressed: jobs that were submitted go on.
    """
    sent = [submit(client, one, progress) for one in asks]
    ended: dict[str, Mapping[str, Any]] = {}

    def hear(line: Mapping[str, Any]) -> None:
        if line.get("type") == "event":
            ended[str(line["job"])] = line

    jobs = list(dict.fromkeys(one.job for one in sent))
    ask(client, "watch", {"jobs": jobs}, progress=progress, hear=hear)
    return [_with_results(one, ended[one.job], paths) for one in sent]


def submit(client: Client, one: Ask, progress: Progress | None = None) -> Outcome:
    """Send one submit; sent twice, it is one job."""
    if progress is not None:
        progress.show(f"submitting {one.args['job_type']} of {one.node or 'nothing'}")
    made = ask(client, "submit", one.args, request_id=one.id, progress=progress)
    warnings = tuple(str(warning) for warning in made.get("warnings") or ())
    return Outcome(one.node, str(made["job"]["handle"]), str(made["job"]["state"]), (), warnings)


def _with_results(one: Outcome, ended: Mapping[str, Any], paths: PathMap) -> Outcome:
    """What became of a job, as the last that was told of it says."""
    one = one._replace(state=str(ended["state"]))
    if one.state != SUCCEEDED:
        why = ended.get("failure") or ended.get("verdict") or ""
        return one._replace(sentences=(*one.sentences, f"{why}; shotmill explain {one.job} tells more".lstrip("; ")))
    results, sentences = loaded(ended.get("versions") or (), paths)
    return one._replace(results=tuple(results), sentences=(*one.sentences, *sentences))


def made_from(client: Client, path: str) -> list[Mapping[str, Any]]:
    """The newest version of each product that was made from a plate."""
    return newest(ask(client, "versions", {"source": path, "latest": True})["versions"])


def loaded(versions: Sequence[Mapping[str, Any]], paths: PathMap) -> tuple[list[Result], list[str]]:
    """Versions ready to become nodes, and a sentence on each that cannot."""
    results: list[Result] = []
    sentences: list[str] = []
    for version in versions:
        made, said = _loaded(version, paths)
        results += made
        sentences += said
    return results, sentences


def _loaded(version: Mapping[str, Any], paths: PathMap) -> tuple[list[Result], list[str]]:
    try:
        result = load(version, paths)
    except NukeProblem as problem:
        return [], [str(problem)]
    return [result], [f"{result.label}: {note}" for note in result.notes]


def _named(version: Mapping[str, Any]) -> str:
    """What would come next, such as ``demo:sq010/sh010/roto@v004``."""
    return str(version["address"])


def check(client: Client, asks: Sequence[Ask]) -> str:
    """What the first of several submits would do, or what is wrong with it, in one sentence."""
    try:
        planned = ask(client, "plan", asks[0].args)
    except ClientError as error:
        return str(error)
    more = f"; the same for {len(asks) - 1} more" if len(asks) > 1 else ""
    publishes = ", ".join(_named(one) for one in planned.get("versions") or ()) or "nothing"
    return f"{planned.get('tasks')} tasks, publishes {publishes}{more}"
