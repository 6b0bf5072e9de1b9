"""The mail of a report: its table, what it was in the period before, where to see it, how to stop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from kcs import database, i18n
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.mail import Mailer
from kcs.metrics import addresses
from kcs.metrics.comparing import Compare
from kcs.metrics.digests.links import token_of
from kcs.metrics.digests.models import ReportDigest
from kcs.metrics.digests.services import window_before
from kcs.metrics.figures import written
from kcs.metrics.hints import Hint
from kcs.metrics.missing import Missing, missing_of
from kcs.metrics.model import Count, Metric, Report, Row
from kcs.metrics.period_names import called
from kcs.metrics.reach import reach_of
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import ReportQuery, only_of, segment_of
from kcs.metrics.services import TOTAL, Asked, Table, compute
from kcs.outbox.services import EffectClaim

MOST_ROWS = 30
MOST_FIGURES = 5


@dataclass(frozen=True)
class Terms:
    """What every mail of a report needs to know of this installation."""

    key: str = field(repr=False)
    base_url: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Mail:
    """One mail as it goes out."""

    to: str
    subject: str
    text: str
    html: str
    name: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Line:
    """A row as the mail shows it: for each figure what it is and what it was."""

    label: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Addressee:
    """Whom a mail is for, and by which names its parts go."""

    name: str
    email: str
    language: str
    stop_path: str
    mail_name: str


class Postman:
    """Carries out `mail.report` effects."""

    def __init__(self, mailer: Mailer, terms: Terms) -> None:
        self._mailer = mailer
        self._terms = terms

    def send(self, claim: EffectClaim) -> None:
        """Send one mail, none to somebody who may no longer see its report.

        Raises RemoteError, LeaseLostError, NotReady while figures are being made.
        """
        mail = self._written(claim.payload["digest_id"])
        if mail is not None:
            # Held anew, so that nobody else sends it; the database is let go of while the mail is on its way.
            claim.hold()
            db.session.commit()
            self._mailer.send(
                mail.to, mail.subject, mail.text, message_id=mail.name, html=mail.html, headers=mail.headers
            )
        claim.finish("" if mail else "Nobody may have it any more.")
        if mail is not None:
            db.session.get_one(ReportDigest, claim.payload["digest_id"]).sent_at = database.now()
        db.session.commit()

    def _written(self, digest_id: int) -> Mail | None:
        with database.reading():
            digest = db.session.get_one(ReportDigest, digest_id)
            subscription, agent = digest.subscription, digest.subscription.agent
            report = REPORTS.get(subscription.report)
            if report is None or not agent.active or subscription.stopped_at or digest.sent_at:
                return None
            to = _Addressee(
                agent.name,
                agent.email,
                agent.language or i18n.ENGLISH,
                f"/reports/subscriptions/stop/{token_of(subscription.id, self._terms.key)}",
                f"report-{digest.id}",
            )
            try:
                query = ReportQuery().load({**subscription.filters, "by": subscription.by})
                asked = Asked(
                    window=window_before(digest.period, subscription.every, self._terms.zone),
                    by=segment_of(report, query),
                    reach=reach_of(agent),
                    as_of=digest.as_of,
                    only=only_of(query),
                    compare=Compare.PREVIOUS,
                )
                table = compute(report, asked)
                missing = missing_of(table)
            except (NotAllowed, NotFound, InvalidInput):
                # Beyond their reach by now, or a report that is no longer told apart so.
                return None
        with force_locale(i18n.LOCALES.get(to.language, to.language)):
            return _mail(table, missing, to, self._terms.base_url)


def _mail(table: Table, missing: Missing, to: _Addressee, base_url: str) -> Mail:
    shown = _figures(table.report)
    first, last = table.scope.window.start, table.scope.window.end
    zone = table.scope.window.zone
    stop = f"{base_url}{to.stop_path}"
    held = {
        "title": i18n.translated(table.report.title),
        "name": to.name,
        "first": i18n.day(first.astimezone(zone)),
        "end": i18n.day(last.astimezone(zone)),
        "headings": [i18n.translated(figure.title) for figure in shown],
        "lines": [_line(row, shown, table) for row in called(table.rows[:MOST_ROWS], table.by)],
        "total": _line(table.total, shown, table),
        "reasons": [_reason(hint, base_url) for hint in _reasons(shown, missing)],
        "more": max(0, len(table.rows) - MOST_ROWS),
        "url": f"{base_url}/reports/{table.report.name}?{urlencode(addresses.of_table(table))}",
        "stop": stop,
        "list": f"{base_url}/reports/subscriptions",
    }
    subject = _(
        "%(report)s, %(first)s to %(end)s", report=held["title"], first=held["first"], end=held["end"]
    )
    return Mail(
        to=to.email,
        subject=subject,
        text=_rendered("metrics/digest.txt", held),
        html=_rendered("metrics/digest.html", held),
        name=to.mail_name,
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def _rendered(template: str, held: Mapping[str, object]) -> str:
    """Render without what pages have around them: there is no request here."""
    locale = get_locale()
    direction = locale.text_direction if locale else "ltr"
    made = current_app.jinja_env.get_template(template)
    return made.render(**held, lang=i18n.language(), text_direction=direction)


def _figures(report: Report) -> list[Count | Metric]:
    """Return what the mail has room for: what the chart shows first, then metrics, then counts."""
    every: list[Count | Metric] = [*report.metrics, *(count for count in report.counts if count.listed)]
    drawn = [figure for figure in every if figure.name in report.drawn]
    return [*drawn, *(figure for figure in every if figure not in drawn)][:MOST_FIGURES]


def _reasons(shown: list[Count | Metric], missing: Missing) -> list[Hint]:
    """Return why there are dashes in the mail, each reason once."""
    table = missing.table
    found = (
        hint
        for row in (*table.rows[:MOST_ROWS], table.total)
        for why in (missing.of(row), missing.beside(row.key))
        for figure in shown
        for hint in why.get(figure.name, ())
    )
    return list({hint.code: hint for hint in found}.values())


def _reason(hint: Hint, base_url: str) -> tuple[str, str]:
    """Return the words of a reason, and where it is put right, "" for nowhere."""
    return i18n.translated(hint.words), f"{base_url}{hint.url}" if hint.url else ""


def _line(row: Row, shown: list[Count | Metric], table: Table) -> _Line:
    before = (table.compared or {}).get(row.key)
    figures = tuple(
        (
            written(row.figures.get(figure.name), figure.unit),
            written(before.figures.get(figure.name) if before else None, figure.unit),
        )
        for figure in shown
    )
    label = _("Total") if row.key == TOTAL else i18n.translated(row.label)
    return _Line(label, figures)
