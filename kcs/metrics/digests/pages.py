"""The reports somebody gets by mail: asking for one, the list, stopping one here or by the link in a mail."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _

from kcs.config import Settings
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.extensions import csrf, limiter
from kcs.i18n import translated
from kcs.metrics import asking
from kcs.metrics.digests import services
from kcs.metrics.digests.links import subscription_of
from kcs.metrics.digests.models import Every, ReportSubscription
from kcs.metrics.labels import names_of
from kcs.metrics.naming import SEGMENT_WORDS
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import NARROWING, ReportQuery, only_of, segment_of
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence

bp = Blueprint("report_mails", __name__, url_prefix="/reports/subscriptions", template_folder="../templates")
stop_bp = Blueprint(
    "report_mail_stop", __name__, url_prefix="/reports/subscriptions/stop", template_folder="../templates"
)
EVERY_WORDS = {
    Every.WEEK: Sentence("Every Monday, about the week before"),
    Every.MONTH: Sentence("On the first of each month, about the month before"),
}

# What forges a request would have to know the link itself, which stops one mail and shows nothing.
csrf.exempt(stop_bp)


def wire(app: Flask) -> None:
    """Let no page behind a link be indexed or handed on. Before Talisman is bound: this is the last word."""
    app.after_request(_keep_apart)


def _keep_apart(response: Response) -> Response:
    if request.blueprint == stop_bp.name:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("")
@requires(Permission.REPORTS)
def index() -> ResponseReturnValue:
    """List what this person gets."""
    found = services.subscriptions_of(current_agent())
    return render_template(
        "metrics/subscriptions.html",
        subscriptions=[(each, _shown(each)) for each in found],
        every_words=EVERY_WORDS,
        mails_go_out=_settings().smtp_url is not None,
    )


@bp.post("")
@requires(Permission.REPORTS)
def subscribe() -> ResponseReturnValue:
    """Send the report that is shown every week or month. Without a mail server nothing is promised."""
    if _settings().smtp_url is None:
        raise InvalidInput(
            "No mail leaves here: mail is not set up. Ask an administrator to set KCS_SMTP_URL."
        )
    form = request.form.to_dict()
    report = asking.report_named(form.get("report", ""))
    filters = {segment.value: form[segment.value] for segment in NARROWING if form.get(segment.value)}
    query = ReportQuery().load({"by": form.get("by", ""), **filters})
    every = form.get("every", "")
    if every not in set(Every):
        raise InvalidInput("Choose how often: every week or every month.")
    services.subscribe(
        current_agent(), report, by=segment_of(report, query), filters=filters, every=Every(every)
    )
    db.session.commit()
    flash(_("You get %(report)s by mail.", report=translated(report.title)), "success")
    return redirect(url_for(".index"), code=303)


@bp.post("/<int:subscription_id>/stop")
@requires(Permission.REPORTS)
def stop(subscription_id: int) -> ResponseReturnValue:
    """Stop one of one's own."""
    services.stop(subscription_id, by=current_agent())
    db.session.commit()
    flash(_("That mail is stopped."), "success")
    return redirect(url_for(".index"), code=303)


@stop_bp.get("/<token>")
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute")
def ask(token: str) -> ResponseReturnValue:
    """Show the button that stops a mail: programs that look at links in mails must not press it."""
    _named(token)
    return render_template("metrics/stop.html", token=token, stopped=False)


@stop_bp.post("/<token>")
@requires(Permission.PUBLIC)
@limiter.limit("20 per minute")
def stop_by_link(token: str) -> ResponseReturnValue:
    """Stop a mail, pressed here or by a mail program (RFC 8058)."""
    services.stop(_named(token))
    db.session.commit()
    return render_template("metrics/stop.html", token=token, stopped=True)


def _named(token: str) -> int:
    found = subscription_of(token, _settings().secret_key)
    if found is None:
        raise NotFound("This link stops nothing: it may have been cut in the mail. Copy it whole.")
    return found


def _shown(subscription: ReportSubscription) -> dict[str, object]:
    """Return what is said of a subscription; its report may be gone by now."""
    report = REPORTS.get(subscription.report)
    asked = {"by": subscription.by, **subscription.filters}
    query = ReportQuery().load(asked)
    narrowed = {
        translated(SEGMENT_WORDS[segment]): translated(names_of(segment, [key])[key])
        for segment, key in only_of(query).keys.items()
    }
    return {
        "title": report.title if report else subscription.report,
        "by": SEGMENT_WORDS[query["by"]],
        "narrowed": narrowed,
        "url": f"{url_for('reports.show', name=subscription.report)}?{urlencode(asked)}",
    }


def _settings() -> Settings:
    settings: Settings = current_app.config["KCS"]
    return settings
