"""The base of every document that crosses a border: strict, frozen, and stable as bytes."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A frozen pydantic model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings", defer_build=True)

    def canonical(self) -> bytes:
        """The document as bytes: keys sorted, no blanks, UTF-8; equal documents give equal bytes."""
        return canonical_json(self.model_dump(mode="json"))

    def pretty(self) -> str:
        """The document as JSON for people, keys in declared order, ending in a newline."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def canonical_json(value: Any) -> bytes:
    """JSON bytes with sorted keys and no blanks, for hashing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
