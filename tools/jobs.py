"""Drives a provider's job to its end and keeps its files; shared by the tools that generate."""

from __future__ import annotations

from typing import Literal, TypeVar, get_args

from pydantic import BaseModel

from domain.errors import ProviderError
from domain.ports.providers import Capabilities, Generated, GeneratedFile, Provider
from domain.work import AssetRole, Provenance, WorkStatus
from services.works import FileToKeep
from tools.context import ToolContext

RequestT = TypeVar("RequestT", bound=BaseModel)
MADE_BY: dict[str, Literal["algorithm", "trained_model", "composite"]] = {
    "algorithm": "algorithm",
    "trained_model": "trained_model",
    "composite": "composite",
}
BARE = ("flac", "mp3", "ogg", "midi", "musicxml")
CATALOGUE = (WorkStatus.COMPLETE, WorkStatus.RELEASED)


async def generate(
    context: ToolContext, provider: Provider[RequestT], request: RequestT, key: str
) -> Generated:
    """Submit under `key` (unique in the run) and bring the files; repeating it repeats nothing."""
    folder = context.folder
    job_id = await provider.submit(request, key, folder)
    return await provider.fetch(job_id, context.progress)


def files_of(made: Generated, stem: str) -> tuple[FileToKeep, ...]:
    """The made files on their way into the media folder, named after the song."""
    return tuple(
        FileToKeep(
            role=_role(f.role),
            path=f.path,
            media_type=f.media_type,
            filename=f"{stem}{_middle(f)}{f.path.suffix}",
        )
        for f in made.files
    )


def provenance_of(
    context: ToolContext, part: str, maker: Capabilities, inputs: dict[str, str]
) -> Provenance:
    """Say truthfully which engine made a part."""
    return Provenance(
        part=part,
        made_by=f"{maker.name}@{maker.version}",
        kind=MADE_BY[maker.made_by],
        inputs=inputs,
        at=context.works.clock.now(),
    )


def number(made: Generated, name: str) -> float:
    """A measured fact; raises `ProviderError` when the provider left it out."""
    value = made.facts.get(name)
    if not isinstance(value, (int, float)):
        raise ProviderError(f"the provider did not say {name}", field=name)
    return float(value)


def text(made: Generated, name: str) -> str:
    """A fact in words; raises `ProviderError` when the provider left it out."""
    value = made.facts.get(name)
    if not isinstance(value, str):
        raise ProviderError(f"the provider did not say {name}", field=name)
    return value


def _middle(file: GeneratedFile) -> str:
    """Deliverables carry the bare title; stems their own name; everything else its role."""
    if file.role == "stem":
        return f".{file.path.stem}"
    return "" if file.role in BARE else f".{file.role}"


def _role(name: str) -> AssetRole:
    if name not in get_args(AssetRole):
        raise ProviderError(f"the provider made an unknown file: {name}", field="role")
    return name  # type: ignore[return-value]
