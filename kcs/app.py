"""create_app: the one place where everything is wired, and the only one that names a provider."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from integrations.freshdesk.provider import FreshdeskProvider
from integrations.zendesk.provider import ZendeskProvider
from kcs import blueprints, config, database, error_handlers, health, i18n, requests, views
from kcs.admin import connection_pages
from kcs.admin.connection_parts import add_part as add_connection_part
from kcs.adopting import pages as adopting_pages
from kcs.adopting import wiring as adopting
from kcs.articles import plan_pages, planning
from kcs.articles.addresses import add_reader, own_pages
from kcs.articles.flags import pass_on_overdue
from kcs.articles.models import Article
from kcs.articles.panels import add_panel
from kcs.articles.signals import (
    article_changed,
    article_deleting,
    article_going_outside,
    article_redrawn,
    articles_merged,
    claims_changed,
)
from kcs.authoring.panels import standard_panel
from kcs.chores import Chore
from kcs.config import Settings
from kcs.database import Encrypted, db
from kcs.embedding import admin_pages as embedding_admin
from kcs.embedding import pages as embedding_pages
from kcs.evolving import patterns
from kcs.evolving.doubts import DoubtFinder
from kcs.experts import answer_pages
from kcs.experts import wiring as experts
from kcs.extensions import RedisBell, ThreadBell, csrf, limiter, login, migrate
from kcs.improving import visiting
from kcs.improving import wiring as improving
from kcs.live import pages as live_pages
from kcs.metrics import wiring as metrics
from kcs.metrics.digests import pages as report_mail_pages
from kcs.my_work import pages as my_work_pages
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people import access
from kcs.people.models import Agent
from kcs.people.sessions import agent_of_cookie
from kcs.ports import Provider
from kcs.privacy import pages as privacy_pages
from kcs.privacy.gate import PrivacyGate, mask
from kcs.publishing import pages as publishing_pages
from kcs.publishing import rule_pages as publishing_rules
from kcs.publishing import wiring as publishing
from kcs.publishing.queries import article_published_at
from kcs.reviews import services as reviews
from kcs.reviews import showing as reviews_showing
from kcs.reviews.models import Asks
from kcs.search import duplicate_acts
from kcs.search import following as search_following
from kcs.search import services as search
from kcs.search.index import SearchIndex
from kcs.search.log import forget_old
from kcs.semantic.semantic import semantic_of
from kcs.solving import measuring, measuring_again, merges, panel_pages
from kcs.solving.gaps import GapFinder
from kcs.solving.panels import tickets_panel
from kcs.solving.parts import add_part
from kcs.solving.services import refuse_linked
from kcs.solving.signals import ticket_moved
from kcs.syncing import pages as syncing_pages
from kcs.syncing import wiring as syncing
from kcs.syncing.hints import Desks
from kcs.tickets.signals import product_field_changed, words_taken_back
from kcs.worklist import Worklist
from kcs.writing_back import pages as writing_back_pages
from kcs.writing_back import wiring as writing_back
from webhooks.models import Delivery
from webhooks.services import NAME as INBOX
from webhooks.services import Inbox, Intake, arrived, erase_payloads, hint, left

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# A server that does not answer must not hold a webhook longer than the desk waits.
POSTGRESQL = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
MIGRATIONS = Path(__file__).parent / "migrations"


def create_app(settings: Settings | None = None, providers: Mapping[str, Provider] | None = None) -> Flask:
    """Make the application. Raises ConfigError when a setting is missing or unsafe."""
    settings = settings or config.load()
    app = Flask(__name__, instance_path=str(settings.instance), static_folder="static")
    _configure(app, settings)
    _wire_database(app)
    _wire_work(app, settings, providers or {"zendesk": ZendeskProvider(), "freshdesk": FreshdeskProvider()})
    _wire_addresses(app, settings)
    _wire_web(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.is_secure
    app.config.update(
        KCS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={} if settings.is_sqlite else POSTGRESQL,
        DEBUG=settings.debug,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,  # one long article in a form, each sign of it escaped
        SESSION_COOKIE_NAME="__Host-kcs" if secure else "kcs",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
        API_TITLE="KCS engine",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        RATELIMIT_STORAGE_URI=_limits_storage(settings.redis_url),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    Encrypted.keys = settings.encryption_keys


def _limits_storage(redis_url: str | None) -> str:
    """The limiter's library names a Redis socket in its own way."""
    if redis_url is None:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def _wire_database(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        database.prepare_engine(db.engine)
        search.follow(db.session)
        database.forget_after_transactions()


def _wire_work(app: Flask, settings: Settings, providers: Mapping[str, Provider]) -> None:
    effects = outbox.Outbox()
    effects.handle(planning.EFFECT, planning.make_planned_move)
    writing_back.wire(effects, providers, settings)
    app.extensions["kcs.chores"] = [
        Chore("flags.pass_on", timedelta(minutes=10), pass_on_overdue),
        Chore("tickets.measure", timedelta(seconds=15), measuring_again.measure_earlier),
        Chore(
            "search.forget",
            timedelta(minutes=10),
            partial(forget_old, settings.search_log_days, ZoneInfo(settings.timezone)),
        ),
        Chore("patterns", patterns.EVERY, patterns.work),
    ]
    publishing.wire(app, effects, providers, settings)
    syncing.wire(app, Desks(providers, hint, left))
    words_taken_back.connect(erase_payloads)
    ticket_moved.connect(measuring.follow_moved)
    product_field_changed.connect(measuring_again.begin_again)
    claims_changed.connect(measuring_again.begin_again)
    adopting.wire(app, providers)
    experts.wire(app, effects, settings)
    metrics.wire(app, effects, settings)
    lease, tries = settings.lease_seconds, settings.max_attempts
    app.extensions |= {"kcs.providers": providers, "kcs.arrived": arrived}
    app.extensions["kcs.intake"] = Intake(providers, settings.webhook_window)
    app.extensions["kcs.worklists"] = {
        INBOX: Worklist(Delivery, Inbox(providers).work, lease, tries),
        outbox.NAME: Worklist(Effect, effects.work, lease, tries),
    }
    app.extensions["kcs.bell"] = RedisBell(settings.redis_url) if settings.redis_url else ThreadBell()
    semantic = semantic_of(settings)
    app.extensions["kcs.semantic"] = semantic
    if semantic is not None:
        app.extensions["kcs.chores"].append(Chore("semantic", timedelta(seconds=1), semantic.build))
    app.extensions["kcs.search"] = SearchIndex(settings.instance / "search.db", semantic)
    app.extensions |= {"kcs.gaps": GapFinder(), "kcs.doubts": DoubtFinder()}
    article_changed.connect(search.touch)
    article_changed.connect(reviews.follow)
    app.extensions["kcs.ask_review"] = _ask_review
    add_panel(app, privacy_pages.panel)
    add_panel(app, reviews_showing.panel)
    add_panel(app, standard_panel)
    add_panel(app, plan_pages.panel)
    views.add_count(app, "Reviews", reviews_showing.waiting_for)
    article_redrawn.connect(search.touch)
    article_deleting.connect(refuse_linked)
    articles_merged.connect(merges.follow_merge)
    articles_merged.connect(duplicate_acts.follow_merge)
    add_panel(app, tickets_panel)
    add_panel(app, publishing_pages.panel)
    live_pages.wire(app)
    add_part(app, live_pages.part)
    improving.wire(app, effects, settings)
    views.add_count(app, "My work", my_work_pages.waiting_for)
    app.extensions["kcs.gate"] = PrivacyGate(settings.public_contacts)
    article_going_outside.connect(_pass_the_gate)


def _wire_addresses(app: Flask, settings: Settings) -> None:
    """Say which addresses in a reply lead to an article."""
    add_reader(app, own_pages(settings.base_url))
    add_reader(app, article_published_at)


def _ask_review(article: Article, asks: str, by: Agent) -> object:
    return reviews.ask_review(article, Asks(asks), by=by)


def _pass_the_gate(article: Article) -> None:
    """Ask the gate of the app at work: two in one process may know different contacts."""
    current_app.extensions["kcs.gate"].check(article)


def _wire_web(app: Flask, settings: Settings) -> None:
    login.init_app(app)
    login.user_loader(agent_of_cookie)
    csrf.init_app(app)
    answer_pages.wire(app)
    report_mail_pages.wire(app)
    panel_pages.wire(app)
    connection_pages.wire(app)
    embedding_pages.wire(app, hint)
    add_connection_part(app, 50, writing_back_pages.part)
    add_connection_part(app, 60, embedding_admin.part)
    add_connection_part(app, 30, publishing_rules.connection_part)
    add_connection_part(app, 35, adopting_pages.part)
    add_connection_part(app, 40, syncing_pages.in_step)
    talisman = Talisman(
        app,
        force_https=settings.is_secure,
        strict_transport_security=settings.is_secure,
        session_cookie_secure=settings.is_secure,
        frame_options="DENY",
        referrer_policy="same-origin",
        content_security_policy=CONTENT_SECURITY_POLICY,
    )
    requests.wire(app)
    i18n.wire(app)
    views.wire(app)
    health.wire(app)
    access.guard(app)
    views.keep_choices(app)
    search_following.wire(app, partial(mask, requester=None))
    visiting.wire(app)
    # After the guard, so that a limit counts by agent and not by the address of their office.
    limiter.init_app(app)
    blueprints.register(app)
    # After flask-smorest, which brings a handler of its own for HTTP errors.
    error_handlers.wire(app)
    for endpoint in ("health.alive", "health.ready"):
        # Probes come over plain http from inside.
        app.view_functions[endpoint] = talisman(force_https=False)(app.view_functions[endpoint])
