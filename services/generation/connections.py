"""Which providers are connected, with which credentials; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from domain.errors import Conflict, InvalidInput, NotFound
from domain.ports.providers import ExternalProvider, ProviderKind
from domain.ports.secrets import Secrets
from domain.requests import SongRequest

Credentials = Mapping[str, SecretStr]
LONGEST_FIELD = 4096
SECRET_FIELDS = frozenset({"key", "webhook_secret"})


class Connections:
    """Builds clients from kept or given credentials; what the environment gives goes first."""

    def __init__(
        self,
        catalogue: Sequence[ProviderKind],
        secrets: Secrets,
        environment: Mapping[str, Credentials] | None = None,
    ) -> None:
        self._kinds = {kind.name: kind for kind in catalogue}
        self._secrets = secrets
        self._environment = {_plain(n): dict(c) for n, c in (environment or {}).items()}
        self._clients: dict[str, tuple[dict[str, str], ExternalProvider[SongRequest]]] = {}

    @property
    def kinds(self) -> Sequence[ProviderKind]:
        """Everything that can be connected, in the catalogue's order."""
        return tuple(self._kinds.values())

    def kind(self, name: str) -> ProviderKind:
        """One of them, or `NotFound`."""
        found = self._kinds.get(name)
        if found is None:
            raise NotFound(
                f"there is no provider {name!r}",
                field="provider",
                remedy=f"Use one of: {', '.join(self._kinds) or 'none is known'}.",
            )
        return found

    def from_environment(self, name: str) -> bool:
        """Whether the environment connects it."""
        return _plain(name) in self._environment

    def connected(self, name: str) -> bool:
        """Whether every needed field is there."""
        return self._credentials(self.kind(name)) is not None

    def client(self, name: str) -> ExternalProvider[SongRequest] | None:
        """The provider's client, or None when it is not connected; kept until they change.

        Raises `InvalidInput` for kept credentials that cannot be right.
        """
        kind = self.kind(name)
        credentials = self._credentials(kind)
        if credentials is None:
            self._clients.pop(name, None)
            return None
        plain = {field: value.get_secret_value() for field, value in credentials.items()}
        known = self._clients.get(name)
        if known is None or known[0] != plain:
            known = self._clients[name] = (plain, kind.build(credentials))
        return known[1]

    def checked(self, name: str, given: Mapping[str, SecretStr]) -> dict[str, SecretStr]:
        """The given fields, trimmed, with what another key leaves as it was.

        Raises `InvalidInput` naming the field that is wrong.
        """
        kind = self.kind(name)
        if self.from_environment(name):
            raise Conflict(
                f"{kind.title} is connected by the environment",
                field="provider",
                remedy="Change or unset its GREENROOM_PROVIDERS variables and restart.",
            )
        known = (*kind.fields, *kind.optional)
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InvalidInput(
                f"{kind.title} takes no field {unknown[0]!r}",
                field=unknown[0],
                remedy=f"It takes: {', '.join(known)}.",
            )
        fields = {name: _trimmed(name, value) for name, value in given.items()}
        kept = {name: value for name, value in fields.items() if value.get_secret_value()}
        for field in kind.fields:
            if field not in kept:
                raise InvalidInput(
                    f"{kind.title} needs a {field}",
                    field=field,
                    remedy=f"Give its {field}.",
                )
        return self._left_as_it_was(kind, kept) | kept

    def _left_as_it_was(self, kind: ProviderKind, given: Credentials) -> dict[str, SecretStr]:
        """Kept optional fields that are no secrets, such as a price, at the same address."""
        known = self._credentials(kind) or {}
        plain = [field for field in kind.fields if field not in SECRET_FIELDS]
        if any(known.get(field) != given[field] for field in plain):
            return {}
        wanted = (field for field in kind.optional if field not in SECRET_FIELDS)
        return {field: known[field] for field in wanted if field in known}

    def keep(self, name: str, credentials: Credentials) -> None:
        """Keep these credentials and forget older ones."""
        kind = self.kind(name)
        for field in (*kind.fields, *kind.optional):
            value = credentials.get(field)
            if value is None:
                self._secrets.delete(_secret(name, field))
            else:
                self._secrets.put(_secret(name, field), value)

    def drop(self, name: str) -> None:
        """Forget the credentials; what the environment gives cannot be forgotten here."""
        self.checked_droppable(name)
        self.keep(name, {})
        self._clients.pop(name, None)

    def checked_droppable(self, name: str) -> None:
        """Raise `Conflict` for a provider that the environment connects."""
        if self.from_environment(name):
            raise Conflict(
                f"{self.kind(name).title} is connected by the environment",
                field="provider",
                remedy="Unset its GREENROOM_PROVIDERS variables and restart.",
            )

    def _credentials(self, kind: ProviderKind) -> dict[str, SecretStr] | None:
        given = self._environment.get(_plain(kind.name))
        if given is None:
            fields = (*kind.fields, *kind.optional)
            found = {field: self._secrets.get(_secret(kind.name, field)) for field in fields}
            given = {field: value for field, value in found.items() if value is not None}
        if any(field not in given for field in kind.fields):
            return None
        return given


def _trimmed(field: str, value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if len(text) > LONGEST_FIELD or not text.isprintable():
        raise InvalidInput(
            f"the {field} is no single line of at most {LONGEST_FIELD} characters",
            field=field,
            remedy=f"Copy the {field} again, without line breaks.",
        )
    return SecretStr(text)


def _secret(provider: str, field: str) -> str:
    return f"provider-{provider}-{field}".replace("_", "-")


def _plain(name: str) -> str:
    """A name as an environment variable can carry it."""
    return name.lower().replace("-", "_")
