"""What was written beside a shape, as an object's name."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 48
LABEL = 200
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, directions, halves of characters, line ends
# Folders on a Windows share cannot have these names.
DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}


def object_name(text: str) -> str:
    """A text as a name of letters, digits, ``_`` and ``-``; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    found = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
    return found + "_" if found.lower() in DEVICES else found


def plain_label(text: str) -> str:
    """A text on one line, without what cannot be seen."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in UNSEEN)[:LABEL]
