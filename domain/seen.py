"""Which state of a thing its editor saw: an edit of a state that is gone overwrites nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.errors import PreconditionRequired, StaleVersion


class Seen(BaseModel):
    """The versions somebody saw; `anything` for whatever is there, `nothing` for a new one."""

    model_config = ConfigDict(frozen=True)

    versions: frozenset[int] = frozenset()
    anything: bool = False
    nothing: bool = False
    said: bool = True

    def check(self, noun: str, current: int | None) -> None:
        """Raise `StaleVersion` where `current` is not what was seen; None where nothing is there.

        Raises `PreconditionRequired` where something is there and nobody said what they saw.
        """
        if current is None:
            if self.said and not self.nothing:
                raise _stale(f"the {noun} is not there any more", None)
        elif not self.said:
            raise PreconditionRequired(
                f"an edit of the {noun} must say which version it changes",
                field="If-Match",
                remedy="Read it, and send its ETag back as If-Match.",
            )
        elif self.nothing:
            raise _stale(f"the {noun} is there already", current)
        elif not self.anything and current not in self.versions:
            raise _stale(f"the {noun} was changed since it was read", current)


# Of callers that give no `Seen` at all nothing is asked; this one is of a caller that should.
UNSAID = Seen(said=False)


def _stale(what: str, current: int | None) -> StaleVersion:
    return StaleVersion(what, remedy="Read it again and repeat the change.", stored=current)
