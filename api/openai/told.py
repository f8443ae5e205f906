"""What an artist says and does, as the plain text that every chat client can show."""

from __future__ import annotations

from domain.ports.chat import Asked, ChatEvent, TextPiece, ToolEnded
from domain.talk import Card


class Teller:
    """Turns events into pieces of one text; what was done stands in lines of its own."""

    def __init__(self, dashboard_url: str) -> None:
        self._dashboard_url = dashboard_url
        self._last = ""

    def tell(self, event: ChatEvent) -> str:
        """The next piece; empty for what nobody needs to read."""
        match event:
            case TextPiece(text=text):
                piece = self._after_notice(text)
            case ToolEnded():
                piece = self._own_lines(_done(event))
            case Asked(text=text):
                where = f"Say yes or no in the dashboard: {self._dashboard_url}"
                piece = self._own_lines(f"{text} {where}")
            case _:
                piece = ""
        self._last = (self._last + piece)[-2:]
        return piece

    def _own_lines(self, text: str) -> str:
        return ("" if self._last in ("", "\n\n") else "\n\n") + text + "\n\n"

    def _after_notice(self, text: str) -> str:
        return text.lstrip() if self._last in ("", "\n\n") else text


def _done(event: ToolEnded) -> str:
    if event.why:
        return f"*({event.says}: {event.why})*"
    told = [_card(card) for card in event.cards] or [event.says]
    return "\n".join(f"*({line})*" for line in told)


def _card(card: Card) -> str:
    facts = ", ".join(f"{fact.name}: {fact.value}" for fact in card.facts)
    told = ". ".join(part for part in (card.text.removesuffix("."), facts) if part)
    return f"{card.kind} “{card.title}”" + (f" – {told}" if told else "")


class StopAt:
    """Ends a text before the first of some texts, also where it comes in pieces."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._kept = ""
        self.stopped = False

    def take(self, piece: str) -> str:
        """The part of the text that is certainly said; sets `stopped` when one was met."""
        self._kept += piece
        found = [at for stop in self._stops if (at := self._kept.find(stop)) >= 0]
        if found:
            self.stopped = True
            said, self._kept = self._kept[: min(found)], ""
            return said
        held = max((_begun(self._kept, stop) for stop in self._stops), default=0)
        cut = len(self._kept) - held
        said, self._kept = self._kept[:cut], self._kept[cut:]
        return said

    def rest(self) -> str:
        """What was held back, when the text ends by itself."""
        said, self._kept = self._kept, ""
        return said


def _begun(text: str, stop: str) -> int:
    """How many of the last characters may be the beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
