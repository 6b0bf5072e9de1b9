"""The mails of a question: to the expert with the link, once more as a reminder, and to the asker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from kcs import database
from kcs.database import db
from kcs.errors import NotFound
from kcs.experts.links import Terms
from kcs.experts.models import QuestionState, Turn
from kcs.experts.queries import closed_because
from kcs.experts.services import ANSWERED, REMINDER
from kcs.i18n import LOCALES
from kcs.mail import Mailer
from kcs.outbox.services import EffectClaim
from kcs.tickets.models import Ticket


@dataclass(frozen=True)
class Mail:
    """One mail as it goes out."""

    to: str
    subject: str
    text: str
    name: str


class Postman:
    """Carries out `mail.question` effects."""

    def __init__(self, mailer: Mailer, terms: Terms) -> None:
        self._mailer = mailer
        self._terms = terms

    def send(self, claim: EffectClaim) -> None:
        """Send one mail as things stand now, none where it is no longer wanted. Raises RemoteError,
        LeaseLostError.
        """
        with database.reading():
            turn = db.session.get(Turn, claim.payload["turn_id"])
            if turn is None:
                raise NotFound("The question this mail is about is gone.")
            mail = self._written(turn, claim.payload["about"], database.now())
        if mail is not None:
            # Held anew, so that nobody else sends it; the database is let go of while the mail is on its way.
            claim.hold()
            db.session.commit()
            self._mailer.send(mail.to, mail.subject, mail.text, message_id=mail.name)
        claim.finish()
        if mail is not None and claim.payload["about"] != ANSWERED:
            db.session.get_one(Turn, claim.payload["turn_id"]).mailed_at = database.now()
        db.session.commit()

    def _written(self, turn: Turn, about: str, moment: datetime) -> Mail | None:
        question = turn.question
        reader = question.asked_by if about == ANSWERED else turn.agent
        chosen = (reader.language if reader else None) or question.language
        with force_locale(LOCALES.get(chosen, chosen)):
            if about == ANSWERED:
                return _to_asker(turn, self._terms) if question.asked_by.active else None
            address = self._terms.address_of(turn)
            open_still = question.state is QuestionState.OPEN and closed_because(turn, moment) is None
            return _to_expert(turn, about, address) if open_still and address else None


def _to_expert(turn: Turn, about: str, address: str) -> Mail:
    question = turn.question
    asker = question.asked_by.name
    again = about == REMINDER
    before = next((each.name for each in reversed(question.turns) if each.id < turn.id), "")
    lines = [
        _("Hello %(name)s,", name=turn.name),
        "",
        _("%(asker)s in support has a question that you may know the answer to:", asker=asker),
        "",
        question.text,
    ]
    if question.quote:
        lines += [
            "",
            _("What the customer wrote:"),
            "",
            *(f"> {line}" for line in question.quote.splitlines()),
        ]
    if before:
        lines += ["", _("%(name)s was asked first and named you.", name=before)]
    lines += [
        "",
        _("Answer here, without signing in; you can also say who knows it better:"),
        address,
        "",
        _(
            "The link opens this one question, for you alone, until %(day)s.",
            day=f"{turn.expires_at:%Y-%m-%d}",
        ),
    ]
    subject = (
        _("Still open: a question from %(asker)s", asker=asker)
        if again
        else _("A question from %(asker)s", asker=asker)
    )
    name = f"question-{question.id}-{turn.id}-{about}"
    return Mail(turn.email, subject, "\n".join(lines) + "\n", name)


def _to_asker(turn: Turn, terms: Terms) -> Mail:
    question = turn.question
    lines = [
        _("Hello %(name)s,", name=question.asked_by.name),
        "",
        _("%(expert)s has answered your question. The answer is beside the ticket:", expert=turn.name),
        _ticket_address(question.ticket, terms),
    ]
    subject = _("%(expert)s has answered your question", expert=turn.name)
    return Mail(question.asked_by.email, subject, "\n".join(lines) + "\n", f"question-{question.id}-answered")


def _ticket_address(ticket: Ticket, terms: Terms) -> str:
    return f"{terms.base_url}/tickets/{ticket.connection.name}/{ticket.remote_id}"
