"""Settings: read from the environment (prefix `KCS_`), checked once at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kcs.errors import ConfigError
from kcs.secret_keys import encryption_keys_of, secret_key_of

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAIL_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
TRUST_FACTS = frozenset({"checked", "solved"})


@dataclass(frozen=True)
class Settings:
    """Every setting with its checked value. Times are in seconds, sizes in bytes."""

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    base_url: str
    instance: Path
    encryption_keys: tuple[str, ...] = field(repr=False)
    timezone: str = "UTC"
    public_contacts: tuple[str, ...] = ()
    help_centre_trust: frozenset[str] = frozenset({"checked"})
    help_centre_contact: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = ""
    webhook_window: int = 300
    webhook_max_bytes: int = 512 * 1024
    lease_seconds: int = 60
    sweep_seconds: int = 15
    max_attempts: int = 10
    search_log_days: int = 400
    no_article_percent: int = 75
    contributor_reviews: int = 10
    publisher_reviews: int = 10
    review_pass_percent: int = 90
    samples_per_month: int = 4
    embedding_model: Path | None = None
    embedding_languages: frozenset[str] = frozenset()
    live_streams: int = 16
    expert_remind_days: int = 2
    expert_days: int = 14
    experts_outside: frozenset[str] = frozenset()
    trusted_proxies: int = 0
    debug: bool = False

    @property
    def is_secure(self) -> bool:
        """True when people reach the product over https."""
        return self.base_url.startswith("https://")

    @property
    def is_local(self) -> bool:
        """True when the product is reached on this machine alone, as for a trial."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def is_sqlite(self) -> bool:
        """True on the embedded database."""
        return self.database_url.startswith("sqlite")


def load(environment: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Read and check the settings. Raises ConfigError naming the setting and what to do."""
    env = {
        key.removeprefix("KCS_"): value
        for key, value in (os.environ if environment is None else environment).items()
        if key.startswith("KCS_") and value != ""
    }
    folder = (instance or Path(env.get("INSTANCE", "instance"))).resolve()
    database_url = _database_url(env.get("DATABASE_URL"), folder)
    base_url = _base_url(env.get("BASE_URL", "http://127.0.0.1:8080"))
    secret_key = secret_key_of(env.get("SECRET_KEY"), folder, embedded=database_url.startswith("sqlite"))
    settings = Settings(
        database_url=database_url,
        redis_url=_redis_url(env.get("REDIS_URL")),
        secret_key=secret_key,
        base_url=base_url,
        instance=folder,
        encryption_keys=encryption_keys_of(env.get("ENCRYPTION_KEYS"), secret_key),
        timezone=_timezone(env.get("TIMEZONE", "UTC")),
        public_contacts=tuple(
            part.strip() for part in env.get("PUBLIC_CONTACTS", "").split(",") if part.strip()
        ),
        help_centre_trust=_help_centre_trust(env.get("HELP_CENTRE_TRUST", "checked")),
        help_centre_contact=_help_centre_contact(env.get("HELP_CENTRE_CONTACT")),
        smtp_url=_smtp_url(env.get("SMTP_URL")),
        mail_from=_mail_from(env.get("MAIL_FROM", ""), sends="SMTP_URL" in env),
        webhook_window=_number(env, "WEBHOOK_WINDOW", 300),
        webhook_max_bytes=_number(env, "WEBHOOK_MAX_BYTES", 512 * 1024),
        lease_seconds=_number(env, "LEASE_SECONDS", 60),
        sweep_seconds=_number(env, "SWEEP_SECONDS", 15),
        max_attempts=_number(env, "MAX_ATTEMPTS", 10),
        search_log_days=_number(env, "SEARCH_LOG_DAYS", 400),
        no_article_percent=_number(env, "NO_ARTICLE_PERCENT", 75),
        contributor_reviews=_number(env, "CONTRIBUTOR_REVIEWS", 10, most=100),
        publisher_reviews=_number(env, "PUBLISHER_REVIEWS", 10, most=100),
        review_pass_percent=_number(env, "REVIEW_PASS_PERCENT", 90, most=100),
        samples_per_month=_number(env, "SAMPLES_PER_MONTH", 4, least=0, most=100),
        embedding_model=_folder(env.get("EMBEDDING_MODEL")),
        embedding_languages=_embedding_languages(
            env.get("EMBEDDING_LANGUAGES", ""), used="EMBEDDING_MODEL" in env
        ),
        live_streams=_number(env, "LIVE_STREAMS", 16, least=0),
        expert_remind_days=_number(env, "EXPERT_REMIND_DAYS", 2),
        expert_days=_number(env, "EXPERT_DAYS", 14, most=365),
        experts_outside=_experts_outside(env.get("EXPERTS_OUTSIDE", "")),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, least=0),
        debug=env.get("DEBUG", "").lower() in ("1", "true", "yes"),
    )
    _refuse_unsafe(settings)
    return settings


def _refuse_unsafe(settings: Settings) -> None:
    if settings.is_local:
        return
    if not settings.is_secure:
        raise ConfigError(
            f"KCS_BASE_URL is {settings.base_url}: people would sign in without encryption. "
            "Use https, or a loopback address for a trial on this machine."
        )
    if settings.debug:
        raise ConfigError("KCS_DEBUG is on while KCS_BASE_URL is public: switch it off.")


def _database_url(value: str | None, folder: Path) -> str:
    if value is None or value == "sqlite:///instance/kcs.db":
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'kcs.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        scheme = value.split(":", 1)[0]
        raise ConfigError(
            f"KCS_DATABASE_URL begins with '{scheme}:'. Use sqlite:///path/to/kcs.db or postgresql://…"
        )
    return value


def _base_url(value: str) -> str:
    if not _is_address(value):
        raise ConfigError(
            f"KCS_BASE_URL is '{value}'. It is the address people type, as in https://kcs.example.com"
        )
    return value.rstrip("/")


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is none
    except ValueError:
        return False
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not more


def _redis_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
        # Not repeated: it may hold a password.
        raise ConfigError(
            "KCS_REDIS_URL is no address of a Redis. Use redis://host:6379/0, rediss://… or unix:///path."
        )
    return value


def _help_centre_trust(value: str) -> frozenset[str]:
    """Return what visitors see of an article's trust; "none" shows nothing."""
    named = {part.strip() for part in value.split(",") if part.strip()} - {"none"}
    unknown = sorted(named - TRUST_FACTS)
    if unknown:
        raise ConfigError(
            f"KCS_HELP_CENTRE_TRUST names '{unknown[0]}'. It knows {', '.join(sorted(TRUST_FACTS))} and none."
        )
    return frozenset(named)


def _help_centre_contact(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        usable = urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"KCS_HELP_CENTRE_CONTACT is '{value}'. It is the address of the page where customers ask a "
            "person, as in https://acme.example.com/requests/new"
        )
    return value


def _experts_outside(value: str) -> frozenset[str]:
    """Return the mail domains whose addresses may be asked without a seat; "*" is any."""
    named = frozenset(part.strip().lower().removeprefix("@") for part in value.split(",") if part.strip())
    wrong = sorted(each for each in named if each != "*" and not _MAIL_DOMAIN.fullmatch(each))
    if wrong:
        raise ConfigError(
            f"KCS_EXPERTS_OUTSIDE names '{wrong[0]}'. List mail domains, as in example.com,partner.example, "
            "or * for any address."
        )
    return named


def _folder(value: str | None) -> Path | None:
    return None if value is None else Path(value).resolve()


def _embedding_languages(value: str, *, used: bool) -> frozenset[str]:
    """Return the languages the model is used for; empty: those its folder names."""
    named = frozenset(part.strip().lower() for part in value.split(",") if part.strip())
    if named and not used:
        raise ConfigError(
            "KCS_EMBEDDING_LANGUAGES is set without KCS_EMBEDDING_MODEL: name the model's folder."
        )
    return named


def _smtp_url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is none
        usable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        # Not repeated: it may hold a password.
        raise ConfigError(
            "KCS_SMTP_URL is no address of a mail server. "
            "Use smtp://user:password@host:587 or smtps://user:password@host:465."
        )
    return value


def _mail_from(value: str, *, sends: bool) -> str:
    if "@" not in value and (value or sends):
        raise ConfigError(
            f"KCS_MAIL_FROM is '{value}'. Name the address that mails come from, as in kcs@example.com."
        )
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"KCS_TIMEZONE is '{value}'. Use a name such as Europe/Madrid or UTC.") from error
    return value


def _number(
    env: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int | None = None
) -> int:
    text = env.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
        bound = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ConfigError(f"KCS_{name} is '{text}'. It must be a whole number {bound}.")
    return int(text)
