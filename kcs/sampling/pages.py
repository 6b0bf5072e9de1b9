"""Pages on which coaches judge samples, and on which people see how their own work was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.articles.models import Article, Version
from kcs.articles.rendering import reader_markup
from kcs.config import Settings
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.access import Permission, current_agent, requires
from kcs.people.coaching import coaches, is_close, people_close_to, people_coached_by
from kcs.people.models import Agent
from kcs.sampling import queries, services
from kcs.sampling.drawing import Drawn, Due, Dues, draw, week_of
from kcs.sampling.models import Sample
from kcs.sampling.questions import Kind
from kcs.sampling.things import Thing, get_thing, require_judge
from kcs.sentences import Sentence
from kcs.solving.evidence import shown_evidence
from kcs.solving.queries import present_exemption, present_links
from kcs.views import Listing

bp = Blueprint("samples", __name__, url_prefix="/samples", template_folder="templates")

ANSWERS = {"yes": True, "no": False, "na": None}
KIND_WORDS = {Kind.ARTICLE: Sentence("Article"), Kind.TICKET: Sentence("Ticket"), Kind.LINK: Sentence("Link")}
KINDS_WORDS = {
    Kind.ARTICLE: Sentence("Articles"),
    Kind.TICKET: Sentence("Tickets"),
    Kind.LINK: Sentence("Links"),
}
FORM_TITLES = {
    Kind.ARTICLE: Sentence("Does this article follow our standard?"),
    Kind.TICKET: Sentence("How did the knowledge fare in this ticket?"),
    Kind.LINK: Sentence("Does this article answer this ticket?"),
}


@dataclass(frozen=True)
class Row:
    """One person on the page of a coach or manager; `dues` None where the reader is no coach of theirs."""

    person: Agent
    dues: Mapping[Kind, Due] | None

    @property
    def to_do(self) -> list[Drawn]:
        """What is to be judged of this person, articles first."""
        return [thing for due in (self.dues or {}).values() for thing in due.to_do]

    @property
    def done(self) -> int:
        """How many things of this person were judged lately."""
        return sum(due.done for due in (self.dues or {}).values())


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show whom this person coaches, and what of their work is drawn to be judged."""
    rows = _rows(current_agent())
    settings: Settings = current_app.config["KCS"]
    return render_template(
        "sampling/index.html",
        rows=rows,
        next=next((thing for row in rows for thing in row.to_do), None),
        left=sum(len(row.to_do) for row in rows),
        per_month=settings.samples_per_month,
        kinds=KINDS_WORDS,
    )


@bp.get("/mine")
@requires(Permission.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show this person how their own work was judged."""
    return _person_page(current_agent())


@bp.get("/of/<int:agent_id>")
@requires(Permission.SIGNED_IN)
def of_person(agent_id: int) -> ResponseReturnValue:
    """Show what was judged of a person's work, and to their coach what is drawn."""
    person = db.session.get(Agent, agent_id)
    if person is None or not is_close(current_agent(), person):
        raise NotFound("There is no such person among those whose samples you may see.")
    return _person_page(person)


@bp.get("/<int:sample_id>")
@requires(Permission.SIGNED_IN)
def show(sample_id: int) -> ResponseReturnValue:
    """Show one sample: what was answered and said, and to a coach what comes next."""
    reader, sample = current_agent(), queries.get_sample(sample_id, current_agent())
    coached, version = coaches(reader, sample.agent), _version(sample)
    return render_template(
        "sampling/show.html",
        sample=sample,
        title=_title(sample),
        version=version,
        article=db.session.get(Article, version.article_id) if version is not None else None,
        ticket=sample.link.ticket if sample.link else sample.ticket,
        kind=KIND_WORDS[sample.kind],
        answered=_answered(sample),
        comment=queries.comment_on(sample),
        again=coached and sample.coach_id == reader.id,
        next=next((thing for row in _rows(reader) for thing in row.to_do), None) if coached else None,
    )


@bp.get("/<kind>/<int:thing_id>")
@requires(Permission.SIGNED_IN)
def form(kind: str, thing_id: int) -> ResponseReturnValue:
    """Show a thing with its questions; what this coach answered before is filled in."""
    thing = _thing(kind, thing_id)
    require_judge(thing, current_agent())
    present = queries.sample_of(thing, current_agent())
    words = {value: name for name, value in ANSWERS.items()}
    typed = {f"answer-{code}": words[answer] for code, answer in present.answers.items()} if present else {}
    comment = queries.comment_on(present) if present else ""
    return _form_page(thing, {**typed, "comment": comment}, again=present is not None)


@bp.post("/<kind>/<int:thing_id>")
@requires(Permission.SIGNED_IN)
def judge(kind: str, thing_id: int) -> ResponseReturnValue:
    """Keep the answers."""
    thing, typed = _thing(kind, thing_id), request.form.to_dict()
    answers = {
        name.removeprefix("answer-"): ANSWERS[value]
        for name, value in typed.items()
        if name.startswith("answer-") and value in ANSWERS
    }
    try:
        comment = typed.get("comment", "")
        sample = services.judge(thing, answers, by=current_agent(), comment=comment)
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _form_page(_thing(kind, thing_id), typed, error=error), error.status
    flash(_("Kept. %(name)s sees it under My samples.", name=thing.of.name), "success")
    return redirect(url_for("samples.show", sample_id=sample.id), code=303)


def _thing(kind: str, thing_id: int) -> Thing:
    if kind not in list(Kind):
        raise NotFound("There are samples of articles, tickets and links.")
    return get_thing(Kind(kind), thing_id, current_agent())


def _draw(people: list[Agent]) -> Dues:
    settings: Settings = current_app.config["KCS"]
    now = database.now()
    week = week_of(now.astimezone(ZoneInfo(settings.timezone)).date())
    return draw(people, week=week, per_month=settings.samples_per_month, now=now)


def _rows(reader: Agent) -> list[Row]:
    """Whom the reader coaches, and for a manager the people of their team as well."""
    dues = _draw(people_coached_by(reader))
    return [Row(person, dues.get(person.id)) for person in people_close_to(reader)]


def _person_page(person: Agent) -> str:
    reader = current_agent()
    dues = _draw([person])[person.id] if coaches(reader, person) else None
    page = Listing.asked_for(lambda number: queries.page_of_samples(person, page=number))
    return render_template(
        "sampling/person.html",
        person=person,
        own=person.id == reader.id,
        dues=dues,
        to_do=Row(person, dues).to_do,
        page=page,
        kind_words=KIND_WORDS,
        kinds=KINDS_WORDS,
        titles={sample.id: _title(sample) for sample in page.items},
    )


def _version(sample: Sample) -> Version | None:
    return sample.link.version if sample.link else sample.version


def _title(sample: Sample) -> str:
    version = _version(sample)
    return version.title if version else sample.ticket.subject if sample.ticket else ""


def _answered(sample: Sample) -> list[tuple[str, str, bool | None]]:
    """Return code, words and answer of each question; words that are gone are the code."""
    words = {question.code: question.text for question, _ in queries.all_questions(sample.kind)}
    ordered = [code for code in words if code in sample.answers]
    rest = [code for code in sample.answers if code not in words]
    return [(code, words.get(code, code), sample.answers[code]) for code in ordered + rest]


def _form_page(
    thing: Thing, typed: dict[str, str], *, again: bool = False, error: InvalidInput | None = None
) -> str:
    reader = current_agent()
    questions = queries.questions_of(thing.kind)
    return render_template(
        "sampling/form.html",
        thing=thing,
        title=FORM_TITLES[thing.kind],
        scored=[question for question in questions if question.scored],
        others=[question for question in questions if not question.scored],
        typed=typed,
        again=again,
        errors=error.errors if error else {},
        html=reader_markup(thing.version, reader) if thing.version is not None else "",
        links=present_links(thing.ticket) if thing.ticket is not None else [],
        exemption=present_exemption(thing.ticket) if thing.ticket is not None else None,
        **(shown_evidence(thing.ticket, reader) if thing.ticket is not None else {}),
    )
