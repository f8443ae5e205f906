"""Looks at every part the label needs and says how to mend each."""

from __future__ import annotations

import asyncio
import ctypes.util
import shutil
import time
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.studio import VOICES
from domain.errors import GreenroomError
from domain.health import HealthCheck
from media.voice.model import prepare as prepare_voice
from packs import SOUND_FONT, load_pack, pack_ids
from packs.singers import load_singers
from runtime.embedded.catalogue import find
from runtime.embedded.store import is_ready, model_path
from runtime.settings import Settings
from store.migrate import current, head

SONG_MEGABYTES = 120
MEGABYTE = 1 << 20
FRESH_S = 5.0
# Some servers answer chats and have no list of models.
NO_LIST = (404, 405, 501)


class Doctor:
    """Examines once for all who ask within some seconds: it asks every part, which takes a while.

    Whoever watches a label asks often, and no part gets better by being asked more.
    """

    def __init__(self, settings: Settings, fresh_s: float = FRESH_S) -> None:
        self._settings = settings
        self._fresh_s = fresh_s
        self._asked = asyncio.Lock()
        self._found: list[HealthCheck] = []
        self._until = 0.0

    async def examine(self) -> list[HealthCheck]:
        """How every part is, or was a moment ago."""
        async with self._asked:
            if time.monotonic() >= self._until:
                self._found = await examine(self._settings)
                self._until = time.monotonic() + self._fresh_s
            return self._found


async def examine(settings: Settings) -> list[HealthCheck]:
    """Check model, sound font, voice, codecs, libraries, packs, disk and database."""
    blocking: tuple[Callable[[Settings], HealthCheck], ...] = (
        _soundfont,
        _voice,
        _codecs,
        _libraries,
        _packs,
        _disk,
    )
    checks = [await asyncio.to_thread(check, settings) for check in blocking]
    found = [await _model(settings), *checks, await _database(settings)]
    return [*found, *[await check(settings) for check in _shared(settings)]]


async def _model(settings: Settings) -> HealthCheck:
    if settings.model_script is not None:
        return _ok("model", f"scripted answers from {settings.model_script}")
    if settings.model_url is not None:
        return await _endpoint(settings, settings.model_url)
    try:
        model = find(settings.embedded_model)
    except GreenroomError as error:
        return _broken("model", error.message, error.remedy)
    if is_ready(model, settings.cache_dir):
        return _ok("model", f"{model.title}, embedded, {model_path(model, settings.cache_dir)}")
    return _broken(
        "model",
        f"{model.title} is not on this machine",
        f"Run: greenroom model pull {model.name}",
    )


async def _endpoint(settings: Settings, url: str) -> HealthCheck:
    key = settings.model_key.get_secret_value() if settings.model_key else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{url.rstrip('/')}/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _broken(
            "model",
            f"{url} does not answer: {type(error).__name__}",
            "Check GREENROOM_MODEL_URL, or unset it to work offline.",
        )
    if answer.status_code in (401, 403):
        return _broken("model", f"{url} rejects the key", "Check GREENROOM_MODEL_KEY.")
    if answer.status_code in NO_LIST:
        return _warning(
            "model",
            f"{url} answers but lists no models; whether it has {settings.model_name} is not known",
            "If runs fail, check GREENROOM_MODEL_URL; it usually ends in /v1.",
        )
    if not answer.is_success:
        return _broken(
            "model",
            f"{url} answers {answer.status_code} {answer.reason_phrase}",
            "Check GREENROOM_MODEL_URL and the server behind it, or unset it to work offline.",
        )
    return _ok("model", f"{settings.model_name} at {url}")


def _soundfont(settings: Settings) -> HealthCheck:
    path = settings.soundfont or SOUND_FONT
    if path.is_file() and path.stat().st_size > MEGABYTE:
        return _ok("sound font", str(path.name))
    remedy = (
        "Point GREENROOM_SOUNDFONT at an SF3 or SF2 file, or unset it."
        if settings.soundfont
        else "Check the repository out again; the file belongs to it."
    )
    return _broken("sound font", f"{path} is missing or empty", remedy)


def _voice(settings: Settings) -> HealthCheck:
    """Also makes the voice ready to sing, which the first song then need not wait for."""
    try:
        path = prepare_voice(settings.cache_dir / VOICES)
    except GreenroomError as error:
        return _broken("voice", error.message, error.remedy)
    except OSError as error:
        return _broken("voice", f"it cannot be kept: {error}", "Check GREENROOM_CACHE_DIR.")
    return _ok("voice", f"{path.stem}, {len(load_singers())} singers")


def _codecs(settings: Settings) -> HealthCheck:
    missing = [name for name in ("soundfile", "lameenc", "mutagen") if find_spec(name) is None]
    if missing:
        return _broken("codecs", f"not installed: {', '.join(missing)}", "Run: make setup")
    return _ok("codecs", "FLAC, Ogg and MP3")


def _libraries(settings: Settings) -> HealthCheck:
    if ctypes.util.find_library("gomp") is None:
        return _broken("system libraries", "libgomp is missing", "Run: apt-get install -y libgomp1")
    return _ok("system libraries", "libgomp")


def _packs(settings: Settings) -> HealthCheck:
    try:
        names = [load_pack(pack_id).name for pack_id in pack_ids()]
    except GreenroomError as error:
        return _broken("genre packs", error.message, error.remedy)
    return _ok("genre packs", ", ".join(names))


def _disk(settings: Settings) -> HealthCheck:
    folder = _nearest(settings.home)
    free = shutil.disk_usage(folder).free // MEGABYTE
    said = f"{free:,} MB free at {settings.home}"
    if free < settings.disk_reserve_mb + SONG_MEGABYTES:
        return _broken("disk", said, "Free some space, or set GREENROOM_HOME to another disk.")
    return _ok("disk", said)


def _nearest(path: Path) -> Path:
    return next(p for p in (path, *path.parents) if p.exists())


async def _database(settings: Settings) -> HealthCheck:
    try:
        revision = await current(settings.database)
    except GreenroomError as error:
        return _broken("database", error.message, error.remedy)
    if revision is None:
        return _ok("database", "not made yet; the first start makes it")
    if revision != head():
        return _broken("database", f"at revision {revision}", "Run: greenroom db upgrade")
    return _ok("database", f"at revision {revision}")


def _shared(settings: Settings) -> list[Callable[[Settings], Awaitable[HealthCheck]]]:
    """Checks of the servers that processes share, where settings name any."""
    named = ((settings.redis_url, _redis), (settings.chroma_url, _chroma))
    return [check for address, check in named if address is not None]


async def _redis(settings: Settings) -> HealthCheck:
    assert settings.redis_url is not None
    try:
        async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
            info = await redis.info("server")
    except (RedisError, OSError, ValueError) as error:
        remedy = "Check GREENROOM_REDIS_URL and the server behind it, or unset it."
        return _broken("redis", f"it does not answer: {type(error).__name__}", remedy)
    return _ok("redis", f"version {info['redis_version']}")


async def _chroma(settings: Settings) -> HealthCheck:
    url = f"{str(settings.chroma_url).rstrip('/')}/api/v2/heartbeat"
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            answer = (await client.get(url)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        remedy = "Check GREENROOM_CHROMA_URL and the server behind it, or unset it."
        return _broken("chroma", f"it does not answer: {type(error).__name__}", remedy)
    return _ok("chroma", f"{settings.chroma_url} answers ({answer.status_code})")


def _ok(name: str, message: str) -> HealthCheck:
    return HealthCheck(name=name, verdict="ok", message=message)


def _warning(name: str, message: str, remedy: str) -> HealthCheck:
    return HealthCheck(name=name, verdict="warning", message=message, remedy=remedy)


def _broken(name: str, message: str, remedy: str | None) -> HealthCheck:
    return HealthCheck(name=name, verdict="broken", message=message, remedy=remedy)
