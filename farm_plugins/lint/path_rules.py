"""Paths that mean something on one machine only, and outputs that nobody fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .bundle import Bundle, is_text, mapping, sequence, text, texts
from .finding import Hit
from .template import job_parameters

# Words for people, not paths.
_LABELS = frozenset({"description", "name", "label", "groupLabel", "fileFilters", "fileFilterDefault"})
_SYSTEM = re.compile(
    r"/(?:bin|sbin|usr|lib|lib64|dev|proc|sys|etc|tmp|var|run)(?:/|$)|[a-z]:[\\/](?:windows|program files)",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"(?<![\w.{}$)~:/\\*?-])/(?:[\w.@+-]+/)+[\w.@+#%-]*"  # /shows/film
    r"|(?<!\w)[A-Za-z]:[\\/](?![\\/])[\w.@+ \\/#%-]*"  # C:\shows
    r"|(?<![\\\w])\\\\[\w.-]+\\[\w.$-]+"  # \\server\share
)
_HOME = re.compile(
    r"(?<![\w.}/])/(?:home|Users)/[\w.@-]+|(?<![\w.}/])/root(?=/)|(?<![\w])[A-Za-z]:[\\/]Users[\\/][\w.@ -]+"
    r"|(?<![\w/.~}$])~[\w-]*/|\$HOME\b|\$\{HOME\}|%USERPROFILE%|%HOMEPATH%",
    re.IGNORECASE,
)
_ROOTED = re.compile(r"[/\\]|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def absolute_path(bundle: Bundle) -> Iterator[Hit]:
    """Absolute paths in the template that are neither the system's nor a home."""
    for place, found in texts(bundle.template.document, skip=_LABELS):
        paths = [] if _is_format_only(found) else [match.group() for match in _ABSOLUTE.finditer(found)]
        if re.fullmatch(r"/[\w.-]+", found):
            paths = [found]
        named = [one for one in paths if not _SYSTEM.match(one) and not _HOME.match(one)]
        if named:
            yield Hit(bundle.template.name, place, f"names {_few(named)}")


def _is_format_only(found: str) -> bool:
    return found.startswith("{{") and found.endswith("}}") and found.count("{{") == 1


def home_path(bundle: Bundle) -> Iterator[Hit]:
    """Paths into somebody's home."""
    for source in bundle.sources:
        for place, found in texts(source.document, skip=_LABELS):
            named = [match.group() for match in _HOME.finditer(found)]
            if named:
                yield Hit(source.name, place, f"names the home {_few(named)}")


def _few(named: list[str]) -> str:
    names = list(dict.fromkeys(named))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - three are shown
    return ", ".join(one[:120] for one in names[:3]) + more


def path_default(bundle: Bundle) -> Iterator[Hit]:
    """Defaults of PATH parameters that lie outside the bundle."""
    for parameter in job_parameters(bundle):
        default = text(parameter.given.get("default"))
        leaves = _ROOTED.match(default) or ".." in re.split(r"[/\\]", default)
        if parameter.type == "PATH" and leaves and "://" not in default:
            yield Hit(
                bundle.template.name,
                f"{parameter.place}.default",
                f"the default of {parameter.name} is {default[:120]}",
            )


def relative_asset(bundle: Bundle) -> Iterator[Hit]:
    """Names in asset_references that mean something else in each folder."""
    found = mapping(bundle.assets.document).get("assetReferences")
    for place, name in texts(found, "$.assetReferences"):
        if not _ROOTED.match(name):
            yield Hit(bundle.assets.name, place, f"{name[:120]!r} is relative")


def no_outputs(bundle: Bundle) -> Iterator[Hit]:
    """Jobs that tell nobody where their results are."""
    if bundle.is_environment:
        return
    promised = any(
        one.type in {"PATH", "LIST[PATH]"} and one.given.get("dataFlow") in {"OUT", "INOUT"}
        for one in job_parameters(bundle)
    )
    raw = {  # given as it is, whatever the farm would map it to: all hosts share the disk
        f"Raw{one.name}" for one in job_parameters(bundle) if one.given.get("objectType") == "DIRECTORY"
    }
    promised |= any(name in words for name in raw for _place, words in texts(bundle.template.document))
    outputs = mapping(mapping(mapping(bundle.assets.document).get("assetReferences")).get("outputs"))
    if not promised and not any(is_text(one) for one in sequence(outputs.get("directories"))):
        what = "no PATH parameter has dataFlow OUT, and asset_references lists no output directory"
        yield Hit(bundle.template.name, "$", what)
