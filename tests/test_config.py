"""Settings: each bad value is refused at start with a sentence that names the setting and what to do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from flask import Flask

from kcs import config
from kcs.config import Settings
from kcs.database import db
from kcs.errors import ConfigError
from kcs.people import services as people
from kcs.running import refuse_sample_people
from kcs.secret_keys import SHORTEST_SECRET
from tests.conftest import SECRET, AppMaker, settings_for

PUBLIC = {"BASE_URL": "https://kcs.example.com"}
PLAIN = "http://kcs.example.com"
POSTGRES = "postgresql://kcs@db.example.com/kcs"
KEY = "nVfPVZcjZ0bqJmQ0dI6Qq0o1bJ6mBq8lCkFTgqzGJ1A="
NUMBERS = ("WEBHOOK_WINDOW", "WEBHOOK_MAX_BYTES", "LEASE_SECONDS", "SWEEP_SECONDS", "MAX_ATTEMPTS")

# What is set (without KCS_), and the words the refusal must hold.
REFUSED: list[tuple[dict[str, str], list[str]]] = [
    ({"BASE_URL": PLAIN}, ["KCS_BASE_URL", PLAIN, "without encryption", "https"]),
    ({"BASE_URL": "http://127.0.0.1.example.com"}, ["KCS_BASE_URL", "without encryption"]),
    ({"BASE_URL": "http://0.0.0.0:8080"}, ["KCS_BASE_URL", "loopback"]),
    ({"BASE_URL": "kcs.example.com"}, ["KCS_BASE_URL", "'kcs.example.com'"]),
    ({"BASE_URL": "ftp://kcs.example.com"}, ["KCS_BASE_URL", "'ftp://kcs.example.com'"]),
    ({"BASE_URL": "https://"}, ["KCS_BASE_URL", "'https://'"]),
    ({"BASE_URL": "https://kcs.example.com/kcs"}, ["KCS_BASE_URL", "/kcs"]),
    ({"BASE_URL": "http://127.0.0.1:http"}, ["KCS_BASE_URL", "'http://127.0.0.1:http'"]),
    ({"BASE_URL": "https://kcs.example.com:70000"}, ["KCS_BASE_URL", "70000"]),
    ({"BASE_URL": "https://[kcs.example.com"}, ["KCS_BASE_URL", "[kcs"]),
    ({"BASE_URL": "https://kcs.example.com?x=1"}, ["KCS_BASE_URL", "?x=1"]),
    ({"BASE_URL": "https://ada@kcs.example.com"}, ["KCS_BASE_URL", "ada@"]),
    ({**PUBLIC, "DEBUG": "1"}, ["KCS_DEBUG", "switch it off"]),
    ({**PUBLIC, "DEBUG": "True"}, ["KCS_DEBUG", "switch it off"]),
    ({"SECRET_KEY": "x" * 31}, ["KCS_SECRET_KEY", "31 characters", "at least 32", "token_urlsafe"]),
    ({"DATABASE_URL": "mysql://db/kcs"}, ["KCS_DATABASE_URL", "'mysql:'", "sqlite:///", "postgresql://"]),
    ({"DATABASE_URL": "kcs.db"}, ["KCS_DATABASE_URL", "'kcs.db:'"]),
    ({"REDIS_URL": "localhost:6379"}, ["KCS_REDIS_URL", "redis://"]),
    ({"ENCRYPTION_KEYS": "hunter2"}, ["KCS_ENCRYPTION_KEYS", "Fernet.generate_key"]),
    ({"ENCRYPTION_KEYS": f"{KEY},"}, ["KCS_ENCRYPTION_KEYS", "Fernet.generate_key"]),
    ({"HELP_CENTRE_CONTACT": "mailto:us"}, ["KCS_HELP_CENTRE_CONTACT", "'mailto:us'", "https://"]),
    ({"HELP_CENTRE_TRUST": "checked,flags"}, ["KCS_HELP_CENTRE_TRUST", "'flags'", "checked, solved", "none"]),
    ({"SMTP_URL": "mail.example.com:25", "MAIL_FROM": "a@example.com"}, ["KCS_SMTP_URL", "smtp://"]),
    ({"SMTP_URL": "smtp://a:b@host:mail", "MAIL_FROM": "a@example.com"}, ["KCS_SMTP_URL", "smtps://"]),
    ({"SMTP_URL": "smtp://mail.example.com"}, ["KCS_MAIL_FROM", "kcs@example.com"]),
    ({"MAIL_FROM": "somebody"}, ["KCS_MAIL_FROM", "'somebody'"]),
    ({"TIMEZONE": "Mars/Olympus"}, ["KCS_TIMEZONE", "'Mars/Olympus'", "Europe/Madrid"]),
    ({"TIMEZONE": "Europe"}, ["KCS_TIMEZONE", "'Europe'"]),
    ({"TIMEZONE": "../etc/passwd"}, ["KCS_TIMEZONE"]),
    ({"EXPERTS_OUTSIDE": "example.com,somebody"}, ["KCS_EXPERTS_OUTSIDE", "'somebody'", "*"]),
    ({"EXPERT_DAYS": "400"}, ["KCS_EXPERT_DAYS", "'400'", "365"]),
    ({"LIVE_STREAMS": "-1"}, ["KCS_LIVE_STREAMS", "'-1'", "at least 0"]),
    ({"TRUSTED_PROXIES": "-1"}, ["KCS_TRUSTED_PROXIES", "'-1'", "at least 0"]),
    ({"REVIEW_PASS_PERCENT": "101"}, ["KCS_REVIEW_PASS_PERCENT", "'101'", "from 1 to 100"]),
    ({"CONTRIBUTOR_REVIEWS": "0"}, ["KCS_CONTRIBUTOR_REVIEWS", "'0'", "from 1 to 100"]),
    *(({name: "0"}, [f"KCS_{name}", "'0'", "at least 1"]) for name in NUMBERS),
    *(({name: "soon"}, [f"KCS_{name}", "'soon'", "whole number"]) for name in NUMBERS),
    ({"LEASE_SECONDS": "1.5"}, ["KCS_LEASE_SECONDS", "'1.5'", "whole number"]),
]


@pytest.mark.parametrize(
    ("given", "words"), REFUSED, ids=lambda value: str(value)[:50] if isinstance(value, dict) else ""
)
def test_a_bad_setting_is_refused_by_name(tmp_path: Path, given: dict[str, str], words: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_for(tmp_path, **given)
    for word in words:
        assert word in refused.value.message


def test_a_short_secret_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_for(tmp_path, SECRET_KEY="hunter2")
    assert "hunter2" not in refused.value.message


def test_postgresql_needs_a_secret_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="KCS_SECRET_KEY is not set"):
        config.load({"KCS_DATABASE_URL": POSTGRES}, instance=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_any_setting_everything_has_a_default(tmp_path: Path) -> None:
    settings = config.load({}, instance=tmp_path / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'kcs.db'}"
    assert (settings.base_url, settings.redis_url) == ("http://127.0.0.1:8080", None)
    assert (settings.debug, settings.trusted_proxies, settings.is_secure) == (False, 0, False)


def test_what_is_empty_counts_as_not_set(tmp_path: Path) -> None:
    empty = {f"KCS_{name}": "" for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", *NUMBERS)}
    assert config.load(empty, instance=tmp_path) == config.load({}, instance=tmp_path)


def test_only_our_own_prefix_is_read(tmp_path: Path) -> None:
    assert config.load({"BASE_URL": PLAIN, "DEBUG": "1"}, instance=tmp_path).debug is False


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes"])
def test_debug_is_allowed_on_this_machine(tmp_path: Path, value: str) -> None:
    assert settings_for(tmp_path, DEBUG=value).debug is True


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("postgres://kcs@db/kcs", "postgresql+psycopg://kcs@db/kcs"),
        ("postgresql://kcs@db/kcs", "postgresql+psycopg://kcs@db/kcs"),
        ("postgresql+psycopg://kcs@db/kcs", "postgresql+psycopg://kcs@db/kcs"),
        ("sqlite:////srv/kcs.db", "sqlite:////srv/kcs.db"),
    ],
)
def test_the_usual_ways_to_name_a_database_are_understood(
    tmp_path: Path, given: str, understood: str
) -> None:
    assert settings_for(tmp_path, DATABASE_URL=given).database_url == understood


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost", "http://[::1]:8080"])
def test_plain_http_is_fine_on_this_machine(tmp_path: Path, url: str) -> None:
    assert settings_for(tmp_path, BASE_URL=url).base_url == url


def test_an_address_is_kept_without_its_last_slash(tmp_path: Path) -> None:
    assert settings_for(tmp_path, BASE_URL="https://kcs.example.com/").base_url == PUBLIC["BASE_URL"]


# ---- the secret of the embedded default --------------------------------------------------------------------


def test_the_secret_is_made_once_kept_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    permissive = os.umask(0)
    try:
        first = config.load({}, instance=tmp_path)
    finally:
        os.umask(permissive)
    file = tmp_path / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == first.secret_key
    assert len(first.secret_key) >= SHORTEST_SECRET
    assert config.load({}, instance=tmp_path).secret_key == first.secret_key


def test_two_installations_have_two_secrets(tmp_path: Path) -> None:
    one, other = (config.load({}, instance=tmp_path / name) for name in ("one", "other"))
    assert one.secret_key != other.secret_key


def test_a_given_secret_writes_no_file(tmp_path: Path) -> None:
    assert settings_for(tmp_path).secret_key == SECRET
    assert not (tmp_path / "secret_key").exists()


def test_keys_for_stored_credentials_follow_the_secret_unless_given(tmp_path: Path) -> None:
    derived = settings_for(tmp_path).encryption_keys
    assert derived == settings_for(tmp_path).encryption_keys
    assert derived != settings_for(tmp_path, SECRET_KEY="y" * 40).encryption_keys
    assert SECRET not in derived[0]
    given = settings_for(tmp_path, ENCRYPTION_KEYS=f"{derived[0]}, {derived[0]}")
    assert given.encryption_keys == (derived[0], derived[0])


def test_printed_settings_hold_no_secret(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert SECRET not in repr(settings)
    assert settings.encryption_keys[0] not in repr(settings)


# ---- the demo's people -------------------------------------------------------------------------------------


def settings_of(app: Flask) -> Settings:
    found: Settings = app.config["KCS"]
    return found


@pytest.mark.parametrize(
    ("base_url", "sample", "refused"),
    [
        ("https://kcs.example.com", True, True),
        ("https://kcs.example.com", False, False),
        ("http://127.0.0.1:8080", True, False),
    ],
)
def test_sample_people_are_refused_where_others_can_reach_them(
    make_app: AppMaker, base_url: str, sample: bool, refused: bool
) -> None:
    app = make_app(BASE_URL=base_url)
    with app.app_context():
        people.add_agent("ada@example.com", "Ada", password="correct horse", sample=sample)
        db.session.commit()
        if refused:
            with pytest.raises(ConfigError, match="sample people"):
                refuse_sample_people(settings_of(app))
        else:
            refuse_sample_people(settings_of(app))


def test_sample_people_who_left_do_not_count(make_app: AppMaker) -> None:
    app = make_app(BASE_URL="https://kcs.example.com")
    with app.app_context():
        agent = people.add_agent("ada@example.com", "Ada", password="correct horse", sample=True)
        people.deactivate(agent)
        db.session.commit()
        refuse_sample_people(settings_of(app))
