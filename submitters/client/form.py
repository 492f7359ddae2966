"""A form that no host draws itself: fields of a job type, what was filled in, and what is wrong with it so far.

Hosts show it with whatever they have (Qt, knobs, properties); Shotmill checks it again when it is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

FRAMES = re.compile(r"-?\d+(-(-?\d+)([x:]\d+)?)?(\s*,\s*-?\d+(-(-?\d+)([x:]\d+)?)?)*$")
TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off", "")
BY_HOST = "host"


class Field:
    """One thing to fill in.

    Attributes:
        name: of the parameter.
        label, help, unit, group: for people; the last three may be empty.
        type: text, integer, number, boolean, choice, choices, path, folder, frames, colour_space, list or object.
        default: what it is when nothing is filled in; None: nothing.
        choices: words to choose from; empty: any will do.
        minimum, maximum: of numbers; None: there is none.
        advanced: whether most people never look at it.
        when: values of other fields with which it matters; empty: always.
        item: of a list: what each entry is. fields: of an object: what it is made of.
        by_host: whether the host fills it in, and nobody is asked.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.name = str(told["name"])
        self.label = str(told.get("label") or self.name)
        self.type = str(told.get("type") or "text")
        self.default = told.get("default")
        self.required = bool(told.get("required"))
        self.choices = [str(choice) for choice in told.get("choices") or ()]
        self.minimum = told.get("minimum")
        self.maximum = told.get("maximum")
        self.unit = str(told.get("unit") or "")
        self.help = str(told.get("help") or "")
        self.advanced = bool(told.get("advanced"))
        self.group = str(told.get("group") or "")
        self.when: dict[str, Any] = dict(told.get("when") or {})
        self.item = Field(told["item"]) if told.get("item") else None
        self.fields = [Field(each) for each in told.get("fields") or ()]
        self.by_host = told.get("source") == BY_HOST

    def read(self, given: Any) -> Any:
        """What was typed or chosen, as the parameter wants it.

        Raises:
            ValueError: it is no such thing; says what is wanted.
        """
        reader = _READERS.get(self.type)
        return given if reader is None or given is None else reader(self, given)

    def problem(self, value: Any) -> str:
        """What is wrong with a value; empty: nothing that can be told here."""
        if value in (None, "", [], ()):
            return "fill it in" if self.required else ""
        if self.type in ("integer", "number"):
            return self._bounds_problem(value)
        if self.type == "choice" and self.choices and str(value) not in self.choices:
            return "choose one of: " + ", ".join(self.choices)
        if self.type == "choices" and self.choices:
            unknown = [str(one) for one in value if str(one) not in self.choices]
            return f"{unknown[0]} is not one of: {', '.join(self.choices)}" if unknown else ""
        if self.type == "frames" and not FRAMES.match(str(value).strip()):
            return "write 1001-1096, 1-100x2 or 1-5,9"
        return ""

    def _bounds_problem(self, value: Any) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and value < self.minimum:
            return f"at least {self.minimum}{unit}"
        if self.maximum is not None and value > self.maximum:
            return f"at most {self.maximum}{unit}"
        return ""


class Form:
    """What is filled in for one job type.

    Args:
        fields: as ``describe`` tells them.
        values: by name, to begin with; others are at their defaults.

    Attributes:
        values: what every field stands at.
    """

    def __init__(self, fields: Sequence[Mapping[str, Any]], values: Mapping[str, Any] | None = None) -> None:
        self.fields = [Field(told) for told in fields]
        self._by_name = {field.name: field for field in self.fields}
        self.values: dict[str, Any] = {field.name: field.default for field in self.fields}
        self._unread: dict[str, str] = {}
        self._told: dict[str, str] = {}
        for name, value in (values or {}).items():
            self.set(name, value)

    def field(self, name: str) -> Field:
        """The field of this name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    def set(self, name: str, value: Any) -> None:
        """Fill a field in, with a value or with what was typed; what cannot be read is told by ``problems``.

        Raises:
            KeyError: there is no such field.
        """
        field = self._by_name[name]
        self._told.pop(name, None)
        self._unread.pop(name, None)
        try:
            self.values[name] = field.read(value)
        except ValueError as error:
            self.values[name] = value
            self._unread[name] = str(error)

    def reset(self, name: str) -> None:
        """Put a field back to its default."""
        self.set(name, self._by_name[name].default)

    def visible(self, *, advanced: bool = True) -> list[Field]:
        """Fields that people are to be asked, in order.

        Args:
            advanced: whether those too that most never look at.
        """
        return [field for field in self.fields if self._is_asked(field) and (advanced or not field.advanced)]

    def groups(self, *, advanced: bool = True) -> list[tuple[str, list[Field]]]:
        """The visible fields by group, in the order in which groups first come."""
        found: dict[str, list[Field]] = {}
        for field in self.visible(advanced=advanced):
            found.setdefault(field.group, []).append(field)
        return list(found.items())

    def problems(self) -> list[dict[str, str]]:
        """What is wrong so far: ``field`` and ``message`` of each; what Shotmill told comes last."""
        found = []
        for field in self.visible():
            message = self._unread.get(field.name) or field.problem(self.values[field.name])
            if message:
                found.append({"field": field.name, "message": f"{field.label}: {message}"})
        known = {one["field"] for one in found}
        return found + [{"field": name, "message": said} for name, said in self._told.items() if name not in known]

    def tell(self, problems: Sequence[Mapping[str, Any]]) -> list[str]:
        """Take over what ``validate`` found; each stays until its field changes.

        Returns:
            What belongs to no field of this form.
        """
        self._told = {}
        others = []
        for one in problems:
            name = str(one.get("field") or "").partition(".")[0]
            message = str(one.get("message") or "")
            if name in self._by_name:
                self._told.setdefault(name, message)
            else:
                others.append(message)
        return others

    def to_params(self) -> dict[str, Any]:
        """The parameters to send: what differs from the defaults, of fields that matter as the form stands."""
        return {
            field.name: self.values[field.name]
            for field in self.fields
            if self.values[field.name] not in (None, field.default) and (field.by_host or self._is_asked(field))
        }

    def _is_asked(self, field: Field) -> bool:
        return not field.by_host and all(self._holds(name, wanted) for name, wanted in field.when.items())

    def _holds(self, name: str, wanted: Any) -> bool:
        value = self.values.get(name)
        return value in wanted if isinstance(wanted, list) else bool(value == wanted)


def _integer(field: Field, given: Any) -> Any:
    del field
    if isinstance(given, bool):
        raise ValueError("write a whole number")  # noqa: TRY004 - told like what was typed
    if isinstance(given, str) and not given.strip():
        return None
    try:
        number = float(given)
        whole = int(given) if isinstance(given, str) else int(number)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("write a whole number") from error
    if whole != number:
        raise ValueError("write a whole number")
    return whole


def _number(field: Field, given: Any) -> Any:
    del field
    if isinstance(given, str) and not given.strip():
        return None
    try:
        found = float(given)
    except (TypeError, ValueError) as error:
        raise ValueError("write a number") from error
    if found != found or found in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN differs from itself
        raise ValueError("write a number")
    return found


def _boolean(field: Field, given: Any) -> Any:
    del field
    if not isinstance(given, str):
        return bool(given)
    word = given.strip().lower()
    if word not in TRUE + FALSE:
        raise ValueError("write yes or no")
    return word in TRUE


def _choices(field: Field, given: Any) -> Any:
    del field
    words = given.split(",") if isinstance(given, str) else list(given)
    return [str(word).strip() for word in words if str(word).strip()]


def _list(field: Field, given: Any) -> Any:
    if isinstance(given, str):
        if given.lstrip().startswith("["):
            return _json(given, list, "a JSON list")
        given = [word.strip() for word in given.split(",") if word.strip()]
    entries = list(given)
    return entries if field.item is None else [field.item.read(entry) for entry in entries]


def _object(field: Field, given: Any) -> Any:
    del field
    if isinstance(given, str):
        return _json(given, dict, "a JSON object") if given.strip() else {}
    return dict(given)


def _json(text: str, kind: type, wanted: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"write {wanted}") from error
    if not isinstance(found, kind):
        raise ValueError(f"write {wanted}")  # noqa: TRY004 - told like what was typed
    return found


def _text(field: Field, given: Any) -> Any:
    del field
    return str(given)


_READERS = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choices": _choices,
    "list": _list,
    "object": _object,
    "text": _text,
    "choice": _text,
    "path": _text,
    "folder": _text,
    "frames": _text,
    "colour_space": _text,
}
