"""Lint any OpenJD bundle, ours or not: what is unsafe or breaks on a farm, and how to mend it. Nothing of it is run."""

from __future__ import annotations

from .bundle import Bundle, read_bundle
from .finding import Finding, Rule, Severity
from .rules import RULES, lint

__all__ = ["RULES", "Bundle", "Finding", "Rule", "Severity", "lint", "read_bundle"]
