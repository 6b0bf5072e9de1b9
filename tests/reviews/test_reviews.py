"""What becomes of a text somebody wants reviewed: who is asked, what they may do, and what it changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask

from kcs import database
from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.domains import general_domain
from kcs.articles.models import Article
from kcs.articles.policy import TemplateRow
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.reviews import deciding, judging, queries, services
from kcs.reviews.comments import Passage, marked
from kcs.reviews.deciding import Amendment
from kcs.reviews.models import Asks, Cause, ReviewRequest, ReviewState
from kcs.reviews.queries import QueueList
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState, Audience, Confidence, Move
from workflow.permissions import Governance, Licence, Role

S = ArticleState
PARTS = {"issue": "Cannot export", "environment": "Reports 4.2", "resolution": "Allow pop-ups."}


def candidate(coach: Agent | None = None) -> Agent:
    """Somebody who needs others for everything beyond a draft."""
    agent = make_agent(Licence.CANDIDATE)
    agent.coach_id = coach.id if coach else None
    return agent


def draft(author: Agent, state: ArticleState = S.NOT_VALIDATED) -> Article:
    return make_article(state, author=author)


def asked(coach: Agent | None = None, asks: Asks = Asks.VALIDATE) -> ReviewRequest:
    """A review a candidate asked for."""
    author = candidate(coach)
    article = draft(author, S.NOT_VALIDATED if asks is Asks.VALIDATE else S.VALIDATED)
    return services.ask_review(article, asks, by=author)


def change(article: Article, text: str, by: Agent) -> None:
    parts = {**article.current_version.parts, "resolution": text}
    articles.save_version(article, article.title, parts, by=by, base=article.current_version.number)


def propose(article: Article, text: str, by: Agent, base: int | None = None) -> ReviewRequest:
    parts = {**article.current_version.parts, "resolution": text}
    number = base or article.current_version.number
    return services.propose(article, article.title, parts, by=by, base=number)


def acts(article: Article) -> list[str]:
    rows = db.session.query(Activity).filter(Activity.article_id == article.id).order_by(Activity.id)
    return [row.kind for row in rows if row.kind.startswith("review.")]


# ---- Who is asked, and by when ----


def test_the_authors_coach_is_asked_first(app: Flask) -> None:
    make_agent(Licence.PUBLISHER)
    coach = make_agent(None, [Role.COACH])
    assert asked(coach).assigned_to_id == coach.id


def test_a_coach_who_left_or_may_not_judge_is_passed_over(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    gone, helpless = make_agent(None, [Role.COACH]), make_agent(Licence.CANDIDATE)
    gone.active = False
    assert asked(gone).assigned_to_id == publisher.id
    assert asked(helpless).assigned_to_id == publisher.id
    coach = make_agent(None, [Role.COACH])
    assert asked(coach, Asks.PUBLISH).assigned_to_id == publisher.id


def test_a_change_goes_to_the_owner_first_when_they_may_decide(app: Flask) -> None:
    make_agent(Licence.PUBLISHER)
    owner = make_agent(Licence.PUBLISHER)
    article = make_article(S.PUBLISHED, author=owner)
    assert propose(article, "Restart.", candidate()).assigned_to_id == owner.id


def test_validation_goes_to_the_domains_expert_then_to_the_least_busy(app: Flask) -> None:
    first, second = make_agent(Licence.CONTRIBUTOR), make_agent(Licence.CONTRIBUTOR)
    assert [asked().assigned_to_id for _ in range(3)] == [first.id, second.id, first.id]
    expert = make_agent(Licence.CANDIDATE, [Role.EXPERT])
    domain = general_domain()
    domain.experts = [expert]
    db.session.add(domain)
    assert asked().assigned_to_id == expert.id


def test_colleagues_of_the_same_team_come_first(app: Flask) -> None:
    make_agent(Licence.CONTRIBUTOR, team="Billing")
    near = make_agent(Licence.CONTRIBUTOR, team="Exports")
    author = make_agent(Licence.CANDIDATE, team="Exports")
    assert services.ask_review(draft(author), Asks.VALIDATE, by=author).assigned_to_id == near.id


def test_nobody_is_asked_about_their_own_text(app: Flask) -> None:
    author = make_agent(Licence.PUBLISHER)
    author.coach_id = author.id
    review = services.ask_review(draft(author), Asks.VALIDATE, by=author)
    assert review.assigned_to_id is None
    with pytest.raises(NotAllowed, match="own text"):
        deciding.accept(review, by=author)
    colleague = make_agent(Licence.CONTRIBUTOR)
    db.session.commit()
    assert [each.id for each in queries.page_of_reviews(colleague, page=1, queue=QueueList.ANYONE)] == [
        review.id
    ]
    assert queries.page_of_reviews(author, page=1, queue=QueueList.ANYONE).total == 0


@pytest.mark.parametrize(
    ("moment", "days", "due"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), 5, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (datetime(2026, 3, 6, 9, tzinfo=UTC), 1, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), 1, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (datetime(2026, 3, 8, 9, tzinfo=UTC), 2, datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), 0, datetime(2026, 3, 7, 9, tzinfo=UTC)),
    ],
)
def test_due_dates_count_working_days(moment: datetime, days: int, due: datetime) -> None:
    assert judging.working_days_later(moment, days) == due


def test_who_asked_does_not_decide_though_a_colleague_wrote_since(app: Flask) -> None:
    author, colleague = make_agent(Licence.PUBLISHER), make_agent(Licence.PUBLISHER)
    article = make_article(S.VALIDATED, author=author)
    review = services.ask_review(article, Asks.PUBLISH, by=author)
    change(article, "Press F5.", colleague)
    review.assigned_to_id = None
    db.session.flush()
    third = make_agent(Licence.PUBLISHER)
    offered = {
        who.id: queries.page_of_reviews(who, page=1, queue=QueueList.ANYONE).total
        for who in (author, colleague, third)
    }
    assert offered == {author.id: 0, colleague.id: 0, third.id: 1}
    for who in (author, colleague):
        with pytest.raises(NotAllowed, match="own text"):
            deciding.accept(review, by=who, audience=Audience.PUBLIC)


# ---- Asking ----


def test_asking_again_renews_the_review_that_waits(app: Flask) -> None:
    review = asked()
    author = review.asked_by
    assert author is not None
    assert services.ask_review(review.article, Asks.VALIDATE, by=author) is review
    assert acts(review.article) == ["review.asked"]
    services.ask_review(review.article, Asks.VALIDATE, by=author, note="Please look at step 2")
    change(review.article, "Allow pop-ups, then reload.", author)
    assert (review.note, review.version_id) == ("Please look at step 2", review.article.current_version_id)
    assert db.session.query(ReviewRequest).count() == 1


REFUSED_TO_ASK = {
    "a stranger": (S.NOT_VALIDATED, Asks.VALIDATE, "stranger", "author and the owner"),
    "validated already": (S.VALIDATED, Asks.VALIDATE, "author", "nothing to validate"),
    "archived": (S.ARCHIVED, Asks.VALIDATE, "author", "nothing to validate"),
    "not validated yet": (S.NOT_VALIDATED, Asks.PUBLISH, "author", "nothing to publish"),
    "nothing new to publish": (S.PUBLISHED, Asks.PUBLISH, "author", "see the present text"),
    "a change without a text": (S.PUBLISHED, Asks.CHANGE, "author", "by proposing"),
    "without a licence": (S.NOT_VALIDATED, Asks.VALIDATE, "manager", "may not propose"),
}


def test_what_cannot_be_asked_is_refused_in_words(app: Flask) -> None:
    for state, asks, who, words in REFUSED_TO_ASK.values():
        author = make_agent(None, [Role.MANAGER]) if who == "manager" else candidate()
        article = draft(author, state)
        by = make_agent(Licence.PUBLISHER) if who == "stranger" else author
        with pytest.raises((NotAllowed, WorkflowError), match=words):
            services.ask_review(article, asks, by=by)


def test_an_incomplete_text_is_not_put_before_a_reviewer(app: Flask) -> None:
    author = candidate()
    article = make_article(S.WIP, author=author, parts={"issue": "Cannot export"})
    with pytest.raises(WorkflowError, match="fill in Resolution"):
        services.ask_review(article, Asks.VALIDATE, by=author)


def test_demand_asks_once_for_each_kind_ever(app: Flask) -> None:
    reviewer = make_agent(Licence.PUBLISHER)
    article = draft(candidate())
    review = services.ask_by_demand(article, Asks.VALIDATE)
    assert review is not None
    assert (review.cause, review.asked_by_id, review.assigned_to_id) == (Cause.DEMAND, None, reviewer.id)
    assert services.ask_by_demand(article, Asks.VALIDATE) is None
    assert services.ask_by_demand(article, Asks.PUBLISH) is None
    deciding.accept(review, by=reviewer)
    articles.move_article(article, Move.DOUBT, by=reviewer, reason="It fails on Safari")
    assert services.ask_by_demand(article, Asks.VALIDATE) is None
    [row] = db.session.query(Activity).filter(Activity.kind == "review.asked")
    assert (row.authority, row.agent_id) == ("system", None)


# ---- Deciding ----


def test_accepting_does_what_was_asked(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    review = asked()
    deciding.accept(review, by=publisher, seen=review.version.number)
    article = review.article
    assert (article.state, review.state, review.decided_by_id) == (
        S.VALIDATED,
        ReviewState.ACCEPTED,
        publisher.id,
    )
    assert review.asked_by is not None
    wish = services.ask_review(article, Asks.PUBLISH, by=review.asked_by)
    with pytest.raises(InvalidInput, match="audience"), db.session.begin_nested():
        deciding.accept(wish, by=publisher)
    deciding.accept(wish, by=publisher, audience=Audience.PUBLIC)
    assert (article.state, article.live_version_id) == (S.PUBLISHED, wish.version_id)
    assert acts(article) == ["review.asked", "review.accepted", "review.asked", "review.accepted"]


def test_every_act_again_is_no_second_one(app: Flask) -> None:
    reviewer = make_agent(Licence.CONTRIBUTOR)
    review = asked()
    author = review.asked_by
    assert author is not None
    said = (Passage("Say which browser", "resolution", "pop-ups"),)
    steps: list[Callable[[], object]] = [
        lambda: deciding.take(review, by=reviewer),
        lambda: deciding.return_with_comments(review, by=reviewer, comments=said),
        lambda: services.answer(review, by=author, text="All of them"),
        lambda: services.resubmit(review, by=author),
        lambda: deciding.accept(review, by=reviewer),
    ]
    for step in steps:
        step()
        once = acts(review.article)
        step()
        assert acts(review.article) == once
    assert acts(review.article) == [
        "review.asked",
        "review.returned",
        "review.answered",
        "review.resubmitted",
        "review.accepted",
    ]
    assert len(review.comments) == 2


ASKED_IN = {Asks.VALIDATE: S.NOT_VALIDATED, Asks.PUBLISH: S.VALIDATED, Asks.CHANGE: S.PUBLISHED}
WHO_DECIDES: dict[str, tuple[Licence | None, tuple[Role, ...], set[Asks]]] = {
    # licence, roles: what they may decide about somebody else's text
    "candidate": (Licence.CANDIDATE, (), set()),
    "contributor": (Licence.CONTRIBUTOR, (), {Asks.VALIDATE}),
    "publisher": (Licence.PUBLISHER, (), {Asks.VALIDATE, Asks.PUBLISH, Asks.CHANGE}),
    "coach": (None, (Role.COACH,), {Asks.VALIDATE}),
    "expert": (Licence.CANDIDATE, (Role.EXPERT,), {Asks.VALIDATE}),
    "manager": (None, (Role.MANAGER, Role.ADMIN), set()),
}


def test_the_queue_offers_what_the_rights_allow_and_nothing_else(app: Flask) -> None:
    for (licence, roles, usually), governance in product(WHO_DECIDES.values(), Governance):
        decides = usually if governance is Governance.EXPERIENCE or Role.EXPERT in roles else set()
        agent, author = make_agent(licence, roles), candidate()
        reviews = []
        for asks, state in ASKED_IN.items():
            article = draft(author, state)
            article.governance = governance
            change_asked = asks is Asks.CHANGE
            review = (
                propose(article, "Restart.", candidate())
                if change_asked
                else services.ask_review(article, asks, by=author)
            )
            review.assigned_to_id = None
            reviews.append(review)
        db.session.flush()
        offered = queries.page_of_reviews(agent, page=1, queue=QueueList.ANYONE)
        case = (licence, roles, governance)
        assert {each.asks for each in offered} == decides, case
        assert {each.asks for each in reviews if judging.may_decide(agent, each)} == decides, case
        for review in reviews:
            if review.asks not in decides:
                with pytest.raises(NotAllowed):
                    deciding.accept(review, by=agent, audience=Audience.PUBLIC)
            review.state = ReviewState.DROPPED


def test_a_later_text_than_the_one_judged_is_refused(app: Flask) -> None:
    reviewer, review = make_agent(Licence.CONTRIBUTOR), asked()
    seen = review.version.number
    change(review.article, "Press F5.", make_agent(Licence.CONTRIBUTOR))
    assert review.version_id == review.article.current_version_id
    with pytest.raises(StaleVersion):
        deciding.accept(review, by=reviewer, seen=seen)


def test_a_reviewer_mends_the_text_and_stays_its_reviewer(app: Flask) -> None:
    reviewer, review = make_agent(Licence.CONTRIBUTOR), asked()
    text = Amendment("Export is grey", {**PARTS, "resolution": "Allow pop-ups for the site."}, 1)
    version = deciding.mend(review, text, by=reviewer)
    assert (version.author_id, review.version_id) == (reviewer.id, version.id)
    with pytest.raises(StaleVersion), db.session.begin_nested():
        deciding.mend(review, Amendment("Another", PARTS, 1), by=reviewer)
    deciding.accept(review, by=reviewer)
    assert review.article.state is S.VALIDATED


def test_a_domain_that_wants_other_eyes_refuses_the_menders_own_word(app: Flask) -> None:
    domain = general_domain()
    domain.others_validate = True
    db.session.add(domain)
    db.session.flush()
    database.forget_once(db.session())
    reviewer, review = make_agent(Licence.CONTRIBUTOR), asked()
    text = Amendment("Export is grey", PARTS, 1)
    with pytest.raises(WorkflowError, match="their own article"), db.session.begin_nested():
        deciding.accept(review, by=reviewer, amendment=text)
    assert review.article.state is S.NOT_VALIDATED


# ---- Sending back ----


REFUSED_COMMENTS = {
    "no words": (Passage("  "), "needs words"),
    "an unknown field": (Passage("Why?", "workaround", "pop-ups"), "names 'workaround'"),
    "a quote from nowhere": (Passage("Why?", "", "pop-ups"), "names no field"),
    "words that are not there": (Passage("Why?", "resolution", "pop-downs"), "does not stand in Resolution"),
    "words of another field": (Passage("Why?", "issue", "pop-ups"), "does not stand in Issue"),
}


def test_a_comment_stands_on_words_that_are_there(app: Flask) -> None:
    reviewer, review = make_agent(Licence.CONTRIBUTOR), asked()
    for passage, words in REFUSED_COMMENTS.values():
        with pytest.raises(InvalidInput, match=words):
            deciding.return_with_comments(review, by=reviewer, comments=(passage,))
    assert review.comments == []


def test_sending_back_says_what_is_to_be_done(app: Flask) -> None:
    reviewer, review = make_agent(Licence.CONTRIBUTOR), asked()
    with pytest.raises(InvalidInput, match="what is to be done"), db.session.begin_nested():
        deciding.return_with_comments(review, by=reviewer)
    deciding.comment(review, Passage("Which browser?", "title", "Export  button"), by=reviewer)
    deciding.return_with_comments(review, by=reviewer)
    assert (review.state, review.assigned_to_id) == (ReviewState.RETURNED, reviewer.id)
    with pytest.raises(WorkflowError, match="sent back"), db.session.begin_nested():
        deciding.accept(review, by=reviewer)
    [said] = review.comments
    assert [(each.text, bool(each.comments)) for each in marked(review.version.title, [said])] == [
        ("Export button", True),
        (" is grey, Reports 4.2", False),
    ]


def test_resubmitting_brings_the_newest_text_to_the_same_reviewer(app: Flask) -> None:
    make_agent(Licence.PUBLISHER)
    coach = make_agent(None, [Role.COACH])
    review = asked(coach)
    author = review.asked_by
    assert author is not None
    deciding.return_with_comments(review, by=coach, comments=(Passage("Shorter"),))
    change(review.article, "Pop-ups on.", author)
    assert review.state is ReviewState.RETURNED
    services.resubmit(review, by=author)
    assert (review.state, review.assigned_to_id) == (ReviewState.OPEN, coach.id)
    assert review.version_id == review.article.current_version_id
    with pytest.raises(NotAllowed):
        services.resubmit(review, by=make_agent(Licence.PUBLISHER))


def test_what_is_hidden_from_a_reader_is_neither_commented_on_nor_shown(app: Flask) -> None:
    fields = [
        {"name": "resolution", "label": "Resolution", "need": "answer"},
        {"name": "secret", "label": "For publishers", "readers": ["publisher"]},
    ]
    moment = database.now()
    db.session.add(TemplateRow(key="split", name="Split", fields=fields, changed_at=moment))
    publisher, contributor, author = (
        make_agent(Licence.PUBLISHER),
        make_agent(),
        make_agent(Licence.PUBLISHER),
    )
    article = articles.create_article(
        "Title", {"resolution": "Reload.", "secret": "The code is 1234."}, by=author, template="split"
    )
    review = services.ask_review(article, Asks.VALIDATE, by=author)
    with pytest.raises(InvalidInput, match="names 'secret'"):
        deciding.comment(review, Passage("Old?", "secret", "1234"), by=contributor)
    deciding.comment(review, Passage("Old?", "secret", "1234"), by=publisher)
    db.session.commit()
    seen = {}
    for agent in (publisher, contributor):
        headers, browser = token_for(agent), sign_in(app.test_client(), agent)
        pages = [browser.get(f"/reviews/{review.id}").text, browser.get("/reviews").text]
        pages.append(app.test_client().get(f"/api/v1/reviews/{review.id}", headers=headers).text)
        seen[agent.licence] = "1234" in "".join(pages)
    assert seen == {Licence.PUBLISHER: True, Licence.CONTRIBUTOR: False}
    mended = Amendment("Title", {"resolution": "Press F5."}, 1)
    deciding.accept(review, by=contributor, amendment=mended)
    assert article.current_version.part("secret") == "The code is 1234."


# ---- Proposals ----


def test_a_proposal_is_no_text_of_the_article_until_it_is_accepted(app: Flask) -> None:
    publisher, proposer = make_agent(Licence.PUBLISHER), candidate()
    article = make_article(S.PUBLISHED)
    live = article.live_version_id
    review = propose(article, "Restart the browser.", proposer)
    assert (article.current_version_id, article.live_version_id) == (live, live)
    assert propose(article, "Restart the browser.", proposer) is review
    first = review.version_id
    assert propose(article, "Restart Safari.", proposer) is review
    assert review.version_id != first
    deciding.accept(review, by=publisher)
    assert article.current_version_id == review.version_id
    assert article.live_version_id == live, "accepting is not publishing"
    articles.move_article(article, Move.PUBLISH, by=publisher)
    assert article.live_version_id == review.version_id


def test_a_proposal_on_an_old_text_is_put_together_by_hand(app: Flask) -> None:
    publisher, proposer = make_agent(Licence.PUBLISHER), candidate()
    article = make_article(S.PUBLISHED)
    review = propose(article, "Restart.", proposer)
    change(article, "Press F5.", publisher)
    with pytest.raises(StaleVersion) as refused, db.session.begin_nested():
        deciding.accept(review, by=publisher)
    texts = refused.value.errors
    assert [texts["present"]["resolution"], texts["proposed"]["resolution"]] == ["Press F5.", "Restart."]  # type: ignore[index]
    both = Amendment(
        article.title, {**PARTS, "resolution": "Press F5, then restart."}, article.current_version.number
    )
    deciding.accept(review, by=publisher, amendment=both)
    assert article.current_version.part("resolution") == "Press F5, then restart."
    assert article.current_version.author_id == publisher.id
    assert "version 2" in article.current_version.note
    with pytest.raises(StaleVersion):
        propose(article, "Wait.", proposer, base=1)


def test_accepting_an_unvouched_text_takes_the_validation_away(app: Flask) -> None:
    owner, proposer = candidate(), candidate()
    article = make_article(S.VALIDATED, author=owner)
    review = propose(article, "Restart.", proposer)
    deciding.accept(review, by=owner)
    assert article.state is S.NOT_VALIDATED


def test_the_same_text_is_no_proposal(app: Flask) -> None:
    article = make_article(S.PUBLISHED)
    with pytest.raises(InvalidInput, match="word for word"):
        services.propose(article, article.title, article.current_version.parts, by=candidate(), base=1)
    articles.move_article(article, Move.ARCHIVE, by=make_agent(Licence.PUBLISHER))
    with pytest.raises(WorkflowError, match="archived"):
        propose(article, "Restart.", candidate())


# ---- Overtaken by events ----

EVENTS: dict[str, tuple[Asks, Callable[[Article, Agent], object], ReviewState]] = {
    "validated elsewhere": (
        Asks.VALIDATE,
        lambda article, by: articles.move_article(article, Move.VALIDATE, by=by),
        ReviewState.DROPPED,
    ),
    "archived": (
        Asks.VALIDATE,
        lambda article, by: articles.move_article(article, Move.ARCHIVE, by=by),
        ReviewState.DROPPED,
    ),
    "published elsewhere": (
        Asks.PUBLISH,
        lambda article, by: articles.move_article(article, Move.PUBLISH, by=by, audience=Audience.PUBLIC),
        ReviewState.DROPPED,
    ),
    "cast into doubt": (
        Asks.PUBLISH,
        lambda article, by: articles.move_article(article, Move.DOUBT, by=by, reason="Fails"),
        ReviewState.DROPPED,
    ),
    "edited": (Asks.VALIDATE, lambda article, by: change(article, "Press F5.", by), ReviewState.OPEN),
    "edited by somebody who vouches": (
        Asks.PUBLISH,
        lambda article, by: change(article, "Press F5.", by),
        ReviewState.OPEN,
    ),
}


def test_a_review_follows_what_happens_to_its_article(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    for event, (asks, happens, state) in EVENTS.items():
        review = asked(asks=asks)
        happens(review.article, publisher)
        assert (review.state, review.version_id) == (state, review.article.current_version_id), event
        if state is ReviewState.DROPPED:
            assert (acts(review.article)[-1], review.decided_by_id) == ("review.dropped", None)


def test_an_archived_article_has_no_proposals_waiting(app: Flask) -> None:
    article = make_article(S.PUBLISHED)
    review = propose(article, "Restart.", candidate())
    articles.move_article(article, Move.ARCHIVE, by=make_agent(Licence.PUBLISHER))
    assert review.state is ReviewState.DROPPED
    assert article.confidence is Confidence.ARCHIVED


# ---- The queue ----


def test_each_list_holds_what_its_name_says(app: Flask) -> None:
    coach, colleague = make_agent(None, [Role.COACH]), make_agent(Licence.CONTRIBUTOR)
    mine, late, back = asked(coach), asked(coach), asked(coach)
    late.due_at = database.now() - timedelta(hours=1)
    deciding.return_with_comments(back, by=coach, comments=(Passage("Shorter"),))
    db.session.commit()
    author = back.asked_by
    assert author is not None

    def ids(agent: Agent, queue: QueueList) -> list[int]:
        return [each.id for each in queries.page_of_reviews(agent, page=1, queue=queue)]

    assert ids(coach, QueueList.ME) == [late.id, mine.id]
    assert ids(colleague, QueueList.ANYONE) == [late.id], "what is overdue is anybody's"
    assert ids(author, QueueList.RETURNED) == ids(author, QueueList.MINE) == [back.id]
    assert queries.count_by_list(coach) == {
        QueueList.ME: 2,
        QueueList.ANYONE: 0,
        QueueList.RETURNED: 0,
        QueueList.MINE: 0,
    }
    after, before = queries.next_in_queue(late, coach), queries.next_in_queue(late, coach, back=True)
    assert after is mine
    assert before is mine, "it goes round"
    deciding.accept(mine, by=coach)
    assert queries.next_in_queue(mine, coach) is late
    deciding.accept(late, by=coach)
    assert queries.next_in_queue(late, coach) is None


def test_a_text_is_compared_with_what_was_vouched_for_before(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    review = asked()
    author = review.asked_by
    assert author is not None
    assert queries.compared_with(review) is None
    change(review.article, "Press F5.", author)
    first = queries.compared_with(review)
    assert first is not None
    assert first.number == 1
    deciding.accept(review, by=publisher)
    change(review.article, "Wait.", author)
    again = services.ask_review(review.article, Asks.VALIDATE, by=author)
    before = queries.compared_with(again)
    assert before is not None
    assert before.number == 2


def number_before(review: ReviewRequest) -> int | None:
    before = queries.compared_with(review)
    return before.number if before else None


def test_a_settled_review_is_compared_with_what_stood_there_before_it(app: Flask) -> None:
    publisher, author = make_agent(Licence.PUBLISHER), candidate()
    article = draft(author)
    validated: list[ReviewRequest] = []
    published: list[ReviewRequest] = []
    for text in ("Press F5.", "Wait."):
        if published:
            articles.move_article(article, Move.WITHDRAW, by=publisher, reason="It fails on Safari")
        change(article, text, author)
        validated.append(services.ask_review(article, Asks.VALIDATE, by=author))
        deciding.accept(validated[-1], by=publisher)
        published.append(services.ask_review(article, Asks.PUBLISH, by=author))
        deciding.accept(published[-1], by=publisher, audience=Audience.PUBLIC)
    proposal = services.propose(article, "Export", {"resolution": "Log in."}, by=author, base=3)
    assert number_before(proposal) == 3
    deciding.accept(proposal, by=publisher)
    assert [number_before(each) for each in (*validated, *published, proposal)] == [1, 2, None, 2, 3]
