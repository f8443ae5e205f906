"""The folder of one job: what was sent under the key, and what came back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import DiskFull, NotFound, ProviderInputInvalid
from domain.ports.providers import Generated
from media.files import write_atomically
from tools.vendors.transport import unknown

TICKET = "sent.json"
RESULT = "result.json"
# Ten minutes of lossless sound, with room to write it beside what it replaces.
ROOM_BYTES = 100_000_000
JOBS_KNOWN = 1000


class Ticket(BaseModel):
    """Written before the request leaves; `job_id` is added when the vendor names it."""

    model_config = ConfigDict(frozen=True)

    vendor: str
    payload_sha256: str
    cost_usd: float = 0.0
    job_id: str | None = None


class JobFolder:
    """`out_dir/key`: the ticket is what keeps a job from being sent, and paid, twice."""

    def __init__(self, vendor: str, key: str, out_dir: Path) -> None:
        if key in ("", "..") or Path(key).name != key:
            raise ProviderInputInvalid(f"{key!r} is no name for a job", field="idempotency_key")
        self.vendor = vendor
        self.key = key
        self.path = out_dir / key

    def begin(self, payload: Mapping[str, object], cost_usd: float) -> str | None:
        """The job that stands under the key; None: there is none, and the ticket is written.

        Raises `DiskFull` when a song that is paid would have no room here,
        `ProviderTimeout` when one was begun and no answer is known, and
        `ProviderInputInvalid` when the key stands for another request.
        """
        if not (self.path / TICKET).exists():
            self._must_have_room()
        ticket = Ticket(vendor=self.vendor, payload_sha256=digest(payload), cost_usd=cost_usd)
        if self._claim(ticket):
            return None
        known = self.ticket()
        if known is not None and (known.payload_sha256, known.vendor) != (
            ticket.payload_sha256,
            ticket.vendor,
        ):
            raise ProviderInputInvalid(
                f"the key {self.key} stands for another request", field="idempotency_key"
            )
        if known is not None and known.job_id is not None:
            return known.job_id
        if self.kept():
            # It was made at once, and the process ended before the ticket said so.
            return self.key
        raise unknown(self.vendor, f"the key {self.key} was sent before and nothing came back")

    def _must_have_room(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise self._unwritten(error) from error
        if free < ROOM_BYTES:
            raise DiskFull(
                f"{free / 1e6:.0f} MB are free, and a song may take {ROOM_BYTES / 1e6:.0f} MB",
                remedy=f"Make room at {self.path.parent}; nothing was sent.",
                sent=False,
            )

    def _unwritten(self, error: OSError) -> DiskFull:
        return DiskFull(
            f"the job cannot be written down: {error.strerror}",
            remedy=f"Make room at {self.path.parent}.",
            sent=False,
        )

    def _claim(self, ticket: Ticket) -> bool:
        """Create the ticket, which one of two racing processes manages."""
        try:
            with (self.path / TICKET).open("x") as file:
                file.write(ticket.model_dump_json())
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return False
        except OSError as error:
            raise self._unwritten(error) from error
        return True

    def sent(self, job_id: str) -> None:
        """The vendor has named the job."""
        ticket = self.ticket()
        if ticket is not None:
            named = ticket.model_copy(update={"job_id": job_id})
            write_atomically(self.path / TICKET, named.model_dump_json().encode())

    def refused(self) -> None:
        """The vendor took nothing: the key is free again."""
        (self.path / TICKET).unlink(missing_ok=True)

    def ticket(self) -> Ticket | None:
        """What was sent; None when nothing was, or when the writing was cut short."""
        try:
            return Ticket.model_validate_json((self.path / TICKET).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def keep(self, generated: Generated) -> None:
        """Write down that everything is here."""
        write_atomically(self.path / RESULT, generated.model_dump_json().encode())

    def kept(self) -> Generated | None:
        """What was brought before; the folder may have moved since."""
        try:
            found = Generated.model_validate_json((self.path / RESULT).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        files = tuple(
            file.model_copy(update={"path": self.path / file.path.name}) for file in found.files
        )
        whole = all(file.path.exists() for file in files)
        return found.model_copy(update={"files": files}) if whole else None


class Folders:
    """The folders of the jobs met last; a worker that runs for months must not keep all."""

    def __init__(self, most: int = JOBS_KNOWN) -> None:
        self._most = most
        self._known: OrderedDict[str, JobFolder] = OrderedDict()

    def put(self, job_id: str, folder: JobFolder) -> None:
        """Know a job, and forget the one that was met longest ago."""
        self._known[job_id] = folder
        self._known.move_to_end(job_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def of(self, job_id: str) -> JobFolder:
        """The job's folder; raises `NotFound` for one that was not met, or long ago."""
        try:
            return self._known[job_id]
        except KeyError:
            raise NotFound(f"no such job: {job_id}") from None


def digest(payload: Mapping[str, object]) -> str:
    """A request's fingerprint."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
