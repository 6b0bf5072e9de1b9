"""The mail of a report: its table, what it was in the period before, where to see it, how to stop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
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
from kcs.metrics.digests.columns import Column, columns_of
from kcs.metrics.digests.links import token_of
from kcs.metrics.digests.models import ReportDigest
from kcs.metrics.digests.services import window_before
from kcs.metrics.files.notes import KINDS
from kcs.metrics.hints import Hint
from kcs.metrics.model import Kind, Row
from kcs.metrics.naming import SEGMENT_WORDS, said_narrowed
from kcs.metrics.period_names import called
from kcs.metrics.periods import day_of
from kcs.metrics.reach import reach_of
from kcs.metrics.reports import REPORTS
from kcs.metrics.schemas import ReportQuery, only_of, segment_of
from kcs.metrics.services import TOTAL, Asked, Table, compute
from kcs.outbox.services import EffectClaim
from kcs.text import clean_line

MOST_ROWS = 30


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
                columns = columns_of(table)
            except (NotAllowed, NotFound, InvalidInput):
                # Beyond their reach by now, or a report that is no longer told apart so.
                return None
            with force_locale(i18n.LOCALES.get(to.language, to.language)):
                return _mail(table, columns, to, self._terms.base_url)


def _mail(table: Table, columns: list[Column], to: _Addressee, base_url: str) -> Mail:
    window, zone = table.scope.window, table.scope.window.zone
    narrowed = clean_line(i18n.translated(said_narrowed(table.scope) or ""))
    stop = f"{base_url}{to.stop_path}"
    held = {
        "title": i18n.translated(table.report.title),
        "name": to.name,
        "first": i18n.day(day_of(window.start, zone)),
        "last": i18n.day(day_of(window.end, zone) - timedelta(1)),
        "narrowed": narrowed,
        "as_of": i18n.clock(table.as_of, zone),
        "zone": zone.key,
        "by": i18n.translated(SEGMENT_WORDS[table.by]),
        "headings": [_heading(column) for column in columns],
        "activities": any(column.kind is Kind.ACTIVITY for column in columns),
        "lines": [_line(row, columns) for row in called(table.rows[:MOST_ROWS], table.by)],
        "total": _line(table.total, columns),
        "reasons": [_reason(hint, base_url) for hint in _reasons(table, columns)],
        "more": max(0, len(table.rows) - MOST_ROWS),
        "url": f"{base_url}/reports/{table.report.name}?{urlencode(addresses.of_table(table))}",
        "stop": stop,
        "list": f"{base_url}/reports/subscriptions",
    }
    named = f"{held['title']} ({narrowed})" if narrowed else held["title"]
    return Mail(
        to=to.email,
        subject=_("%(report)s, %(first)s to %(end)s", report=named, first=held["first"], end=held["last"]),
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


def _heading(column: Column) -> tuple[str, str]:
    """Return the title of a figure and its kind, "" for a count."""
    kind = i18n.translated(KINDS[column.kind]) if column.kind else ""
    return i18n.translated(column.figure.title), kind


def _reasons(table: Table, columns: list[Column]) -> list[Hint]:
    """Return why there are dashes in the mail, each reason once."""
    rows = (*table.rows[:MOST_ROWS], table.total)
    found = (hint for row in rows for column in columns for hint in column.reasons(row.key))
    return list({hint.code: hint for hint in found}.values())


def _reason(hint: Hint, base_url: str) -> tuple[str, str]:
    """Return the words of a reason, and where it is put right, "" for nowhere."""
    return i18n.translated(hint.words), f"{base_url}{hint.url}" if hint.url else ""


def _line(row: Row, columns: list[Column]) -> _Line:
    label = _("Total") if row.key == TOTAL else i18n.translated(row.label)
    named = f"{label} {_('(in part)')}" if row.partial else label
    return _Line(named, tuple(column.cell(row.key) for column in columns))
