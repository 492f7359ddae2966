"""The whole page: one HTML document that needs nothing else."""

from __future__ import annotations

from .body import draw_checks, draw_versions
from .facts import PageFacts
from .findings import draw_findings
from .foot import draw_lineage, draw_times, draw_told
from .head import draw_head, draw_pictures, title_of
from .markup import Html, tag
from .style import STYLE
from .words import moment_text

# The page may show what is in it, and nothing else: no script, no other place.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def draw_page(facts: PageFacts) -> str:
    """The page as HTML; the same facts give the same text."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", " ".join(title_of(facts))),
        tag("style", Html(STYLE)),
    )
    shotmill = facts.report.packages.get("shotmill", "")
    main = tag(
        "main",
        draw_head(facts),
        draw_findings(facts),
        draw_pictures(facts),
        draw_versions(facts),
        draw_checks(facts),
        draw_times(facts),
        draw_lineage(facts),
        draw_told(facts),
        tag(
            "footer",
            f"Made {moment_text(facts.made)} by Shotmill {shotmill}. The JSON report and the job lie in ",
            tag("code", str(facts.folder)),
        ),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', main), lang='en')}\n"
