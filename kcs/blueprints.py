"""Every page and every call of the JSON API: the blueprints, in one list each."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from kcs import health
from kcs.admin import article_settings, connection_acts, connection_adding, connection_pages
from kcs.admin import pages as admin_pages
from kcs.adopting import pages as adopting_pages
from kcs.articles import api as articles_api
from kcs.articles import bulk_pages, image_pages, merge_pages, plan_pages, version_pages
from kcs.articles import pages as articles_pages
from kcs.authoring import assistance, writing_request_pages
from kcs.authoring import pages as authoring_pages
from kcs.embedding import admin_pages as embedding_admin
from kcs.embedding import pages as embedding_pages
from kcs.evolving import api as evolving_api
from kcs.evolving import pages as evolving_pages
from kcs.experts import answer_pages
from kcs.experts import pages as expert_pages
from kcs.extensions import csrf
from kcs.help_centre import pages as help_centre_pages
from kcs.improving import api as improving_api
from kcs.improving import pages as improving_pages
from kcs.live import pages as live_pages
from kcs.metrics import api as metrics_api
from kcs.metrics import pages as metrics_pages
from kcs.metrics import radar_pages
from kcs.metrics.digests import pages as report_mails
from kcs.metrics.roi import pages as report_inputs
from kcs.my_work import api as my_work_api
from kcs.my_work import pages as my_work_pages
from kcs.people import access
from kcs.people import pages as people_pages
from kcs.people.access import Permission
from kcs.privacy import api as privacy_api
from kcs.privacy import pages as privacy_pages
from kcs.publishing import api as drifts_api
from kcs.publishing import pages as drifts_pages
from kcs.publishing import rule_pages
from kcs.reviews import api as reviews_api
from kcs.reviews import pages as reviews_pages
from kcs.sampling import admin_pages as sample_questions
from kcs.sampling import pages as sample_pages
from kcs.search import api as search_api
from kcs.search import duplicate_pages
from kcs.search import pages as search_pages
from kcs.search import sample_pages as search_sample
from kcs.search import settings_pages as search_settings
from kcs.solving import api as solving_api
from kcs.solving import closing_pages, gap_pages, panel_acts, panel_pages
from kcs.solving import pages as solving_pages
from kcs.syncing import pages as syncing_pages
from kcs.writing_back import pages as writing_back_pages
from webhooks import routes as webhooks_routes

BLUEPRINTS = (
    webhooks_routes.bp,
    people_pages.bp,
    solving_pages.bp,
    panel_pages.bp,
    panel_acts.bp,
    closing_pages.bp,
    gap_pages.bp,
    evolving_pages.bp,
    live_pages.bp,
    adopting_pages.bp,
    embedding_pages.bp,
    embedding_admin.bp,
    expert_pages.bp,
    answer_pages.bp,
    articles_pages.bp,
    authoring_pages.bp,
    writing_request_pages.bp,
    assistance.bp,
    version_pages.bp,
    merge_pages.bp,
    duplicate_pages.bp,
    improving_pages.bp,
    image_pages.bp,
    privacy_pages.bp,
    plan_pages.bp,
    bulk_pages.bp,
    reviews_pages.bp,
    sample_pages.bp,
    sample_questions.bp,
    drifts_pages.bp,
    rule_pages.bp,
    search_pages.bp,
    metrics_pages.bp,
    radar_pages.bp,
    report_mails.bp,
    report_mails.stop_bp,
    report_inputs.bp,
    my_work_pages.bp,
    syncing_pages.bp,
    help_centre_pages.bp,
    admin_pages.bp,
    article_settings.bp,
    connection_pages.bp,
    connection_adding.bp,
    connection_acts.bp,
    writing_back_pages.bp,
    search_settings.bp,
    search_sample.bp,
    health.bp,
)
API_BLUEPRINTS = (
    solving_api.bp,
    articles_api.bp,
    privacy_api.bp,
    reviews_api.bp,
    drifts_api.bp,
    improving_api.bp,
    search_api.bp,
    metrics_api.bp,
    evolving_api.bp,
    my_work_api.bp,
)


def register(app: Flask) -> None:
    """Let the app answer under every address of the lists above, and under those of the static files."""
    access.requires(Permission.PUBLIC)(app.view_functions["static"])
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api = Api(app)
    app.extensions["kcs.api"] = api
    for blueprint in API_BLUEPRINTS:
        # Bearer tokens only: no cookie is read there, so there is nothing to forge.
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint)
