"""How the form of a profile is filled, read and refused, and how two edits meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData

from api.web.profile_fields import ENTRIES, LABELS, Entry
from domain.errors import InvalidInput, ProfileContradiction
from domain.profile import Profile

REASON_MAX_CHARS = 500
QUOTED_CHARS = 40
Values = Mapping[str, str]
# What pydantic finds, in the words of a form.
_SAID = {
    "string_too_short": "it may not be empty",
    "string_too_long": "it has more than {max_length} characters",
    "string_pattern_mismatch": "two small letters, such as en",
    "float_parsing": "this is no number",
    "int_parsing": "this is no whole number",
    "int_from_float": "this is no whole number",
    "finite_number": "this is no number",
    "less_than_equal": "at most {le:g}",
    "greater_than_equal": "at least {ge:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "enum": "choose one of the list",
    "literal_error": "choose one of the list",
}
# A contradiction speaks of paths; a range is one of them, though the form has a field for each end.
_WORDS = {"music.tempo_bpm": "Tempo", "music.energy": "Energy", **LABELS}
_PATH = re.compile(rf"(?<![\w.])(?:{'|'.join(re.escape(path) for path in _WORDS)})(?![\w.])")


class Meeting(BaseModel):
    """Two edits of one version: what both gave together, and where they differ."""

    model_config = ConfigDict(frozen=True)

    values: dict[str, str]
    taken: frozenset[str]
    clashes: dict[str, str]


def values_of(profile: Profile) -> dict[str, str]:
    """The profile as the form shows it; a list is a text with a line for each."""
    whole = _dumped(profile)
    return {entry.path: _shown(_at(whole, entry.path)) for entry in ENTRIES}


def typed_values(sent: FormData, base: Values) -> dict[str, str]:
    """What was typed; a field that was not sent is as it was, except boxes, which then are off."""
    return {
        entry.path: _read(entry, sent)
        if entry.kind == "boxes" or entry.path in sent
        else base[entry.path]
        for entry in ENTRIES
    }


def built(base: Profile, typed: Values) -> Profile:
    """The profile with what was typed in it; raises pydantic's `ValidationError`.

    What was not touched stays to the last digit.
    """
    whole, shown = _dumped(base), values_of(base)
    for entry in ENTRIES:
        text = typed[entry.path]
        if text != shown[entry.path]:
            _put(whole, entry.path, text.splitlines() if entry.several else text)
    return Profile.model_validate(whole)


def faults(error: ValidationError | InvalidInput) -> dict[str, str]:
    """What is wrong with which field; under an empty name what belongs to none of the form."""
    if isinstance(error, ValidationError):
        return _merged([_fault(one) for one in error.errors(include_url=False)])
    if isinstance(error, ProfileContradiction):
        return _merged(
            [
                (_entry_of(field), _in_labels(one["reason"]))
                for one in error.facts["contradictions"]
                for field in one["fields"]
            ]
        )
    remedy = f" {error.remedy}" if error.remedy else ""
    field = error.field or ""
    return {_entry_of(field) or field: f"{error.message.rstrip('.')}.{remedy}"}


def meet(base: Values, mine: Values, theirs: Values) -> Meeting:
    """Put an edit on top of another one of the same version.

    A field that only one of them changed is as they left it; where both did, mine stands.
    """
    values, taken, clashes = dict(mine), set(), {}
    for path, was in base.items():
        if theirs[path] in (was, mine[path]):
            continue
        if mine[path] == was:
            values[path] = theirs[path]
            taken.add(path)
        else:
            clashes[path] = theirs[path]
    return Meeting(values=values, taken=frozenset(taken), clashes=clashes)


def _dumped(profile: Profile) -> dict[str, Any]:
    return profile.model_dump(mode="json", by_alias=True)


def _at(whole: Any, path: str) -> Any:
    for part in path.split("."):
        whole = whole[int(part)] if isinstance(whole, list) else whole[part]
    return whole


def _put(whole: Any, path: str, value: Any) -> None:
    *way, last = path.split(".")
    place = _at(whole, ".".join(way)) if way else whole
    place[int(last) if isinstance(place, list) else last] = value


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return "\n".join(str(value).splitlines())


def _read(entry: Entry, sent: FormData) -> str:
    text = "\n".join(str(value) for value in sent.getlist(entry.path))
    lines = [line.strip() if entry.several else line.rstrip() for line in text.splitlines()]
    if entry.several:
        return "\n".join(filter(None, lines))
    found = "\n".join(lines).strip()
    return _number(found) if entry.kind in ("number", "trait") else found


def _number(text: str) -> str:
    """A number as the form shows it, so that one typed in another way is no change."""
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return text


def _fault(found: Any) -> tuple[str, str]:
    place = ".".join(str(part) for part in found["loc"] if part != "register_")
    facts = found.get("ctx", {})
    if found["type"] == "value_error":
        said = str(facts["error"])
        inner, colon, rest = said.partition(": ")
        # The art direction names its own field before what is wrong with it.
        if colon and f"{place}.{inner}" in LABELS:
            return f"{place}.{inner}", rest
        return _entry_of(place), said
    said = _SAID.get(found["type"], found["msg"]).format(**facts)
    path = _entry_of(place)
    # Of a list it is told which line is meant.
    if path != place and isinstance(found["input"], str) and path in LABELS:
        return path, f"“{found['input'][:QUOTED_CHARS]}”: {said}"
    return path, said


def _entry_of(field: str) -> str:
    """The form's field that a path belongs to; empty where the form has none."""
    for path in LABELS:
        if field == path or field.startswith(f"{path}.") or path.startswith(f"{field}."):
            return path if field else ""
    return ""


def _in_labels(reason: str) -> str:
    return _PATH.sub(lambda found: f"“{_WORDS[found[0]]}”", reason)


def _merged(found: list[tuple[str, str]]) -> dict[str, str]:
    told: dict[str, list[str]] = {}
    for path, said in found:
        if said not in told.setdefault(path, []):
            told[path].append(said)
    return {path: "; ".join(said) for path, said in told.items()}
