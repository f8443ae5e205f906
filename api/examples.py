"""Examples for the OpenAPI document, made out of the schemas, so that they never lag behind.

What a schema gives as its own example or default comes first; then a value by the field's name,
where it fits the schema; then the plainest value of its type.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_REF = "#/components/schemas/"
_ULID = "01k9zq4w5x8m2c7t3hj6rbd0ef"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BY_NAME: dict[str, Any] = {
    "action": "write_song",
    "actor": "operator:local",
    "artist": "harbour-signal",
    "artist_id": f"artist_{_ULID}",
    "brief": "A night-shift ferry pilot who writes slow synth songs to the sea.",
    "digest": _SHA,
    "genre": "synthwave",
    "genre_pack": "synthwave",
    "handle": "harbour-signal",
    "id": f"thing_{_ULID}",
    "language": "en",
    "network": "bluesky",
    "palette": ["#0b1020", "#1d3557", "#e4572e"],
    "post_id": f"post_{_ULID}",
    "run_id": f"run_{_ULID}",
    "sha256": _SHA,
    "stage_name": "Harbour Signal",
    "tempo_bpm": 92.0,
    "text": "It is out. Turn it up.",
    "title": "Last Ferry Home",
    "tz": "Europe/Berlin",
    "url": "https://example.com/greenroom",
    "work_id": f"work_{_ULID}",
}
_FORMATS = {
    "date-time": "2026-05-04T09:30:00Z",
    "date": "2026-05-04",
    "time": "18:30:00",
    "uri": "https://example.com/",
    "password": "a secret",
    "duration": "PT1H",
}
# Deep enough for every noun; a schema that contains itself ends here.
_DEPTH = 12


def example(schema: Json, schemas: Json, name: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`, like what the label answers."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_REF)]
    if schema.get("examples"):
        return schema["examples"][0]
    for fixed in ("example", "const"):
        if fixed in schema:
            return schema[fixed]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("default") is not None:
        return schema["default"]
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return example(_first(schema[either], depth), schemas, name, depth)
    if "allOf" in schema:
        return example(schema["allOf"][0], schemas, name, depth)
    return _by_type(schema, schemas, name, depth)


def _first(either: list[Json], depth: int) -> Json:
    """The first that says something; nothing where it went deep enough."""
    nothing = [one for one in either if one.get("type") == "null"]
    something = [one for one in either if one.get("type") != "null"]
    return nothing[0] if nothing and (depth >= _DEPTH or not something) else something[0]


def _by_type(schema: Json, schemas: Json, name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _object(schema, schemas, depth)
    if kind == "array":
        return _array(schema, schemas, name, depth)
    if kind == "string":
        return _string(schema, name)
    if kind in ("integer", "number"):
        return _number(schema, name, whole=kind == "integer")
    if kind == "boolean":
        return True
    return None if kind == "null" else {}


def _object(schema: Json, schemas: Json, depth: int) -> Json:
    properties = schema.get("properties", {})
    made = {n: example(part, schemas, n, depth + 1) for n, part in properties.items()}
    if len(made) < schema.get("minProperties", 0):
        names = schema.get("propertyNames", {}).get("enum", ["name"])
        made[names[0]] = example(schema["additionalProperties"], schemas, names[0], depth + 1)
    return made


def _array(schema: Json, schemas: Json, name: str, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [example(part, schemas, name, depth + 1) for part in schema["prefixItems"]]
    least = schema.get("minItems", 0)
    if depth >= _DEPTH and not least:
        return []
    named = BY_NAME.get(name)
    if isinstance(named, list):
        return named
    one = example(schema.get("items", {}), schemas, name, depth + 1)
    return [one] * max(1, least)


def _string(schema: Json, name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return "#0b1020" if "#" in schema["pattern"] else "en"
    named = BY_NAME.get(name)
    text = named if isinstance(named, str) else name.replace("_", " ") or "text"
    return text[: schema.get("maxLength", len(text))]


def _number(schema: Json, name: str, *, whole: bool) -> float:
    named = BY_NAME.get(name)
    low: float = schema.get("minimum", schema.get("exclusiveMinimum", 0)) or 0
    value = max(float(named) if isinstance(named, float) else 1.0, low)
    if "exclusiveMinimum" in schema and value <= low:
        value = low + 1
    most: float = schema.get("maximum", value)
    value = min(value, most)
    return int(value) if whole else value
