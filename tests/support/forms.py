"""What a browser would send of a form, read out of its page."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = list[tuple[str, str]]


class _Form(HTMLParser):
    """Collects the fields of the form with one action."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: Fields = []
        self._action = action
        self._inside = False
        self._select = ""
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "form":
            self._inside = found.get("action") == self._action
        elif not self._inside:
            return
        elif tag == "input" and name:
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.fields.append((name, found.get("value") or ""))
        elif tag == "textarea":
            self._text = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self.fields.append((self._select, found.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._text is not None:
            name, told = self._text
            # A browser drops the first line break, and sends the others as two characters.
            text = "".join(told).removeprefix("\n").replace("\n", "\r\n")
            self.fields.append((name, text))
            self._text = None


def form_fields(page: str, action: str) -> Fields:
    """The fields of the form that goes to `action`, as they stand in the page."""
    form = _Form(action)
    form.feed(page)
    assert form.fields, f"no form goes to {action}"
    return form.fields


def changed(fields: Fields, **values: str | list[str]) -> Fields:
    """The fields with other values; `voice__register` stands for `voice.register`."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    kept = [(name, value) for name, value in fields if name not in named]
    for name, value in named.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return kept
