"""Every setting of Greenroom: one typed class, read once, here and nowhere deeper.

Each field is an environment variable with the prefix `GREENROOM_`, e.g. `GREENROOM_HOME`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings with defaults that run everything on one laptop."""

    model_config = SettingsConfigDict(
        env_prefix="GREENROOM_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("greenroom"),
        description="Folder that holds all data of one label; two homes are two labels.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("greenroom"),
        description="Per-user cache for model files and converted sound fonts.",
    )
    database_url: str | None = Field(
        default=None, description="SQLAlchemy async URL; unset means SQLite inside the home."
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis for what processes share: events, rate limits, breakers, caches; "
        "unset means in process.",
    )
    chroma_url: str | None = Field(
        default=None, description="Chroma server; unset means Chroma in process, in the home."
    )
    media_url: str | None = Field(
        default=None,
        description="Where works' files are kept: a folder (`file:///srv/media`) or a bucket "
        "(`s3://bucket/prefix?endpoint=https://...`); unset means a folder in the home.",
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="Folder of secrets, shared by all processes of a label; "
        "unset means `secrets` in the home.",
    )
    token: SecretStr | None = Field(
        default=None,
        description="The operator's token, the same for every API process; "
        "unset means one is made and kept with the secrets.",
    )
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(
        default=8765, ge=0, le=65535, description="Port of the server; 0 takes a free one."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Lowest level that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Log lines for people or for machines."
    )

    concurrency: int = Field(
        default=16, ge=1, le=512, description="Runs one worker works on at a time."
    )
    renders: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Renders at a time on one host; unset means as many as cores and memory allow.",
    )
    render_memory_mb: int = Field(
        default=1200, ge=64, description="Memory that one render may need, for counting them."
    )
    worker_dead_s: float = Field(
        default=6.0, gt=0.5, description="Silence after which a worker's runs go to others."
    )
    drain_s: float = Field(
        default=60.0, ge=0, description="Longest wait for steps to end when a worker is stopped."
    )
    step_limit_s: float = Field(
        default=1800.0, gt=0, description="Longest time one step may take before it is tried again."
    )
    run_retries: int = Field(
        default=6, ge=0, le=50, description="Times a run is tried again after failures that pass."
    )
    run_retry_s: float = Field(
        default=5.0, gt=0, description="Seconds before the first of those tries; each wait doubles."
    )
    run_deaths: int = Field(
        default=5,
        ge=1,
        description="Workers that may die in one step of a run before it is put aside.",
    )
    schedule_grace_s: float = Field(
        default=3600.0,
        ge=0,
        description="How late a missed slot is still kept; later it is skipped.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port of a worker's or scheduler's metrics and health; unset means none.",
    )
    otlp_url: str | None = Field(
        default=None, description="OTLP/HTTP address that traces are sent to; unset means none."
    )
    alert_disk_mb: int = Field(
        default=2000, ge=0, description="Free space on the disk below which an alert is raised."
    )
    alert_queue_s: float = Field(
        default=900.0, gt=0, description="Wait of a queued run after which an alert is raised."
    )
    webhook_private: bool = Field(
        default=False,
        description="Let webhooks go to addresses of your own network, also without https.",
    )

    model_url: str | None = Field(
        default=None, description="Address of an OpenAI-compatible endpoint, ending in `/v1`."
    )
    model_key: SecretStr | None = Field(
        default=None, description="Key for that endpoint, where it wants one."
    )
    model_name: str | None = Field(
        default=None, validate_default=True, description="Model to ask at that endpoint."
    )
    model_fast: str | None = Field(
        default=None, description="Model for the `fast` tier; unset means the main model."
    )
    model_judge: str | None = Field(
        default=None, description="Model for the `judge` tier; unset means the main model."
    )
    model_small: bool = Field(
        default=False,
        description="Treat the endpoint's model as small: short prompts, split tasks.",
    )
    model_prefill: bool = Field(
        default=False,
        description="The endpoint continues a begun answer, as llama.cpp's server does; "
        "small models write better lines that way.",
    )
    model_timeout_s: float = Field(default=120.0, gt=0, description="Longest wait for one answer.")
    model_price_in: float = Field(
        default=0.0, ge=0, description="US dollars per million prompt tokens."
    )
    model_price_out: float = Field(
        default=0.0, ge=0, description="US dollars per million completion tokens."
    )
    model_context_tokens: int = Field(
        default=32_768, ge=1024, description="Tokens the endpoint's model can read at a time."
    )
    model_slots: int = Field(
        default=8, ge=1, le=256, description="Calls sent to the endpoint at the same time."
    )
    model_requests_minute: int | None = Field(
        default=None, ge=1, description="Calls to the endpoint a minute, by all workers together."
    )
    model_tokens_minute: int | None = Field(
        default=None, ge=1, description="Tokens through the endpoint a minute, by all workers."
    )
    model_attempts: int = Field(
        default=3, ge=1, le=10, description="Times a failing endpoint is asked before the fallback."
    )
    model_answer_tries: int = Field(
        default=3, ge=1, le=10, description="Tries for an answer that fits the asked form."
    )
    model_fallback: bool = Field(
        default=True,
        description="Use the embedded model when the endpoint is down; a run records which.",
    )
    embedded_model: str = Field(
        default="qwen2.5-coder-1.5b", description="Embedded model, by its name in the catalogue."
    )
    embedded_threads: int = Field(
        default=2, ge=1, le=64, description="Threads of the embedded model."
    )
    embedded_idle_s: float = Field(
        default=300.0,
        gt=0,
        description="Seconds without a user after which the embedded model ends.",
    )
    embedded_slots: int = Field(
        default=3, ge=1, le=16, description="Requests the embedded model works on at a time."
    )
    embedded_context_tokens: int = Field(
        default=4096, ge=512, description="Tokens each of those requests can hold."
    )
    embedded_memory_mb: int = Field(
        default=4096, ge=256, description="Memory above which the embedded model is restarted."
    )
    embedded_start_s: float = Field(
        default=120.0, gt=0, description="Longest wait for the embedded model to load."
    )
    model_script: Path | None = Field(
        default=None, description="JSON file of scripted answers; replaces every model (tests)."
    )
    forbid_real_models: bool = Field(
        default=False, description="Refuse to reach any real model (tests set this)."
    )

    budget_run_tokens: int = Field(
        default=200_000, ge=1, description="Tokens one run may use before it stops."
    )
    budget_artist_tokens_day: int = Field(
        default=2_000_000, ge=1, description="Tokens one artist may use within 24 hours."
    )
    budget_artist_usd_day: float = Field(
        default=5.0, ge=0, description="US dollars one artist may spend within 24 hours."
    )
    budget_label_usd_day: float = Field(
        default=50.0, ge=0, description="US dollars the whole label may spend within 24 hours."
    )
    budget_song_usd: float = Field(
        default=1.0,
        ge=0,
        description="US dollars that providers may cost for one song, revisions included.",
    )
    loop_guard_repeats: int = Field(
        default=6, ge=2, description="Identical requests in one run before it is stopped."
    )

    music_providers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Music providers in the order they are preferred, with commas between; "
        "the embedded engine is `greenroom-music` and stands last unless it is named.",
    )
    providers: dict[str, dict[str, SecretStr]] = Field(
        default_factory=dict,
        description="Credentials of providers that are not kept in the home, one variable a "
        "field, such as `GREENROOM_PROVIDERS__ELEVENLABS__KEY` or "
        "`GREENROOM_PROVIDERS__ACE_STEP__URL`.",
    )
    provider_take_suggestions: bool = Field(
        default=True,
        description="Where a provider refuses a style and proposes another, try that one, once.",
    )
    provider_deadline_s: float = Field(
        default=900.0, gt=0, description="Longest wait for a provider's song."
    )
    soundfont: Path | None = Field(
        default=None, description="Another SF3 or SF2 sound font; unset means the shipped one."
    )
    song_form: str | None = Field(
        default=None,
        description="Force a form for quick trials, such as `verse:4`; unset: the pack chooses.",
    )
    song_stems: bool = Field(
        default=False,
        description="Keep every instrument of an artist's song as a file: 100 MB a song or more.",
    )
    cover_size_px: int = Field(
        default=3000, ge=256, le=4000, description="Side of a cover in pixels."
    )
    revisions: int = Field(
        default=2, ge=0, le=10, description="Times a work is revised before it is given up."
    )
    revisions_asked_max: int = Field(
        default=5,
        ge=0,
        le=50,
        description="Versions that a person may ask for one after another of the same thing.",
    )
    approval_ttl_hours: float = Field(
        default=72.0, gt=0, description="Hours after which an undecided approval expires."
    )
    approvals_waiting_max: int = Field(
        default=3,
        ge=1,
        description="Undecided approvals after which an artist makes nothing that needs one.",
    )
    disk_reserve_mb: int = Field(
        default=500, ge=0, description="Free space below which nothing new is made."
    )
    channels_loopback: bool = Field(
        default=False,
        description="Let artists be connected to network servers on this machine, "
        "without https (trials, tests).",
    )
    operator_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        default=(),
        description="Networks besides this machine from which the operator's pages may be opened, "
        "with commas between, such as a container's own `172.31.77.0/24`; the token is asked "
        "for as ever.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins of other sites whose pages may use the API, with commas between, "
        "such as `https://desk.example.org`; they send a key, and cookies never count.",
    )
    api_requests_minute: int = Field(
        default=6000, ge=1, description="Requests a minute that one person may send to the API."
    )
    audit_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="Days after which entries of the audit log are forgotten; 0 keeps them all.",
    )
    model_texts_days: int = Field(
        default=14,
        ge=0,
        le=36_500,
        description="Days for which it can be read what models were asked in runs and what they "
        "answered; 0 keeps none of it.",
    )
    public_url: str | None = Field(
        default=None, description="Address visitors use, for links in feeds; unset means the host."
    )

    @field_validator("music_providers", "operator_networks", "cors_origins", mode="before")
    @classmethod
    def _with_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name.strip() for name in value.split(",") if name.strip())

    @field_validator("model_name")
    @classmethod
    def _endpoint_is_whole(cls, name: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("model_url") and not name:
            raise ValueError("set it beside GREENROOM_MODEL_URL")
        return name

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home / 'label.db'}"

    @property
    def shared_database(self) -> bool:
        """Whether several processes may use the database at a time."""
        return self.database.startswith("postgresql")

    @property
    def apart(self) -> bool:
        """Whether processes of the label can stand side by side: nothing has one owner."""
        return self.shared_database and self.chroma_url is not None

    @property
    def media_dir(self) -> Path:
        """Where works' files are kept."""
        return self.home / "media"

    @property
    def works_dir(self) -> Path:
        """Where works' files stand under names for people."""
        return self.home / "works"

    @property
    def chroma_dir(self) -> Path:
        """Where Chroma keeps its vectors."""
        return self.home / "chroma"
