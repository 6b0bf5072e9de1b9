"""What an administrator sees of a desk's people and of how the mirror keeps step, and says about people."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from markupsafe import Markup

from kcs.chores import make_due
from kcs.database import db
from kcs.errors import BadRequest, InvalidInput, KcsError, NotFound, WorkflowError
from kcs.markup import mark_safe
from kcs.people import identities
from kcs.people.access import Permission, current_agent, requires
from kcs.people.models import Agent, Identity
from kcs.people.queries import everybody, get_agent
from kcs.syncing import services
from kcs.syncing.chores import PEOPLE, RECONCILE
from kcs.syncing.credit import settle_credit
from kcs.syncing.models import Reason, SyncKind, Way
from kcs.syncing.people_queries import (
    ATTENTION,
    DeskPerson,
    Standing,
    count_standings,
    get_identity,
    needs_attention,
    page_of_people,
    people_named,
)
from kcs.syncing.queries import findings_of, latest_run, latest_runs
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.queries import get_connection, get_ticket
from kcs.views import Listing

bp = Blueprint("desk_people", __name__, url_prefix="/admin/connections", template_folder="templates")

RUNS_SHOWN = 5
ASKED_WORDS = {
    SyncKind.RECONCILE: lazy_gettext("It is looked through within half a minute."),
    SyncKind.PEOPLE: lazy_gettext("Its people are read within half a minute."),
    SyncKind.BACKFILL: lazy_gettext("Its past tickets come in the background; this page says how far it is."),
}
FINDINGS_SHOWN = 20
SETTLED_AT_ONCE = 400
STANDING_WORDS = {
    Standing.SHARED: lazy_gettext("Two for one"),
    Standing.MOVED: lazy_gettext("Address changed"),
    Standing.INACTIVE: lazy_gettext("Has left us"),
    Standing.LEFT: lazy_gettext("Has left the desk"),
    Standing.UNMAPPED: lazy_gettext("Unknown here"),
    Standing.MAPPED: lazy_gettext("Known"),
    Standing.MACHINE: lazy_gettext("Machine"),
    Standing.NOBODY: lazy_gettext("Nobody of ours"),
    Standing.GONE: lazy_gettext("Gone"),
}
STANDING_HELP = {
    Standing.SHARED: lazy_gettext(
        "Two users of the desk seem to be one colleague. Say who is who: nothing is merged by itself."
    ),
    Standing.MOVED: lazy_gettext(
        "This user's address on the desk is now another colleague's. Say who it is."
    ),
    Standing.INACTIVE: lazy_gettext(
        "Works on the desk, but the colleague with this address has no access here."
    ),
    Standing.LEFT: lazy_gettext("No longer works on the desk, but can still sign in here."),
    Standing.UNMAPPED: lazy_gettext("No colleague has this address."),
}
NO_ADDRESS = lazy_gettext("The desk has no address of this user. Say who it is.")
NOT_VERIFIED = lazy_gettext("The desk has not verified this address, so it proves nothing. Say who it is.")
REASON_WORDS = {
    Reason.ABSENT: lazy_gettext("was not here"),
    Reason.OLDER: lazy_gettext("had changed"),
    Reason.STATUS: lazy_gettext("had another status"),
    Reason.DELETED: lazy_gettext("was deleted"),
    Reason.RESTORED: lazy_gettext("was restored"),
    Reason.UNDELIVERED: lazy_gettext("its webhook failed"),
}
WAY_WORDS = {
    Way.LISTED: lazy_gettext("found in the list of changes"),
    Way.UNDELIVERED: lazy_gettext("found among the failed deliveries"),
}
# What may be said of a desk user, by how they stand: act, words, kind of button.
MACHINE = ("machine", lazy_gettext("It is a machine"), "quiet")
NOBODY = ("nobody", lazy_gettext("Nobody of ours"), "quiet")
CREATE = ("create", lazy_gettext("Add as a colleague"), "")
LEAVERS = (
    ("leave", lazy_gettext("Take the access away"), "danger"),
    ("stays", lazy_gettext("Still with us"), ""),
)
OFFERED: dict[Standing, tuple[tuple[str, object, str], ...]] = {
    Standing.LEFT: LEAVERS,
    Standing.UNMAPPED: (CREATE, MACHINE, NOBODY),
    **dict.fromkeys((Standing.SHARED, Standing.MOVED, Standing.INACTIVE, Standing.MAPPED), (MACHINE, NOBODY)),
}
MAPPABLE = frozenset(Standing) - {Standing.LEFT, Standing.GONE}
DONE_WORDS = {
    "map": lazy_gettext("%(name)s is known from now on; what they solved counts as theirs."),
    "create": lazy_gettext("%(name)s is a colleague now. Give them a licence with the kcs command."),
    "machine": lazy_gettext("%(name)s is a machine: what it solves is nobody's."),
    "nobody": lazy_gettext("%(name)s is nobody of ours."),
    "stays": lazy_gettext("%(name)s stays a colleague."),
    "leave": lazy_gettext("%(name)s has no access here any more."),
    "undo": lazy_gettext("What was said of %(name)s is taken back."),
}


@bp.get("/<connection>/people")
@requires(Permission.OPERATE)
def people(connection: str) -> ResponseReturnValue:
    """Show who works on a desk, and who of us they are."""
    return _page(get_connection(connection))


@bp.post("/<connection>/sync")
@requires(Permission.OPERATE)
def sync(connection: str) -> ResponseReturnValue:
    """Let the desk be looked through, its people read, or its past taken in: soon, in the background."""
    desk, asked = get_connection(connection), request.form.get("what", "")
    if asked not in ASKED_WORDS:
        raise BadRequest("That is nothing one can ask of a connection.")
    if asked == SyncKind.BACKFILL:
        services.begin(desk, SyncKind.BACKFILL, services.EVERYTHING, in_background=True)
    else:
        make_due(RECONCILE if asked == SyncKind.RECONCILE else PEOPLE)
    db.session.commit()
    flash(str(ASKED_WORDS[SyncKind(asked)]), "success")
    back = "desk_people.people" if asked == SyncKind.PEOPLE else "connections.show"
    return redirect(url_for(back, connection=connection), 303)


@bp.post("/<connection>/people/<int:identity_id>")
@requires(Permission.OPERATE)
def decide(connection: str, identity_id: int) -> ResponseReturnValue:
    """Say who a desk user is, or take back what was said last."""
    desk = get_connection(connection)
    identity, said = get_identity(desk, identity_id), request.form.get("act", "")
    if said not in DONE_WORDS:
        raise BadRequest("That is nothing one can say of a user of a desk.")
    try:
        _say(said, identity)
        db.session.commit()
    except (InvalidInput, WorkflowError, NotFound) as error:
        db.session.rollback()
        return _page(desk, problem=error, about=identity_id), error.status
    done = DONE_WORDS[said] % {"name": identity.name}
    settle_credit(desk.id, most=SETTLED_AT_ONCE)  # the rest within the hour
    flash(done, "success")
    back = url_for(
        "desk_people.people",
        connection=connection,
        standing=request.form.get("standing") or None,
        page=request.form.get("page") or None,
    )
    return redirect(back, code=303)


def in_step(connection: Connection) -> Markup:
    """Return the part of a connection's page that tells how the mirror keeps step."""
    last = latest_run(connection, SyncKind.RECONCILE)
    counts = count_standings(connection.id)
    html = render_template(
        "syncing/_in_step.html",
        connection=connection,
        runs=latest_runs(connection, SyncKind.RECONCILE, limit=RUNS_SHOWN),
        findings=findings_of(last, limit=FINDINGS_SHOWN) if last else [],
        reasons=REASON_WORDS,
        ways=WAY_WORDS,
        backfill=latest_run(connection, SyncKind.BACKFILL),
        attention=needs_attention(counts),
        unmapped=counts.get(Standing.UNMAPPED, 0),
    )
    return mark_safe(html)


def _help_of(person: DeskPerson) -> object:
    """Return what to know of how somebody stands: of an unknown one, why the address told nothing."""
    if person.standing is Standing.UNMAPPED and not person.identity.email:
        return NO_ADDRESS
    if person.standing is Standing.UNMAPPED and not person.identity.email_verified:
        return NOT_VERIFIED
    return STANDING_HELP.get(person.standing, "")


def _say(said: str, identity: Identity) -> None:
    if said == "map":
        identities.map_to(identity, get_agent(request.form.get("agent", "")), by=current_agent())
    else:
        identities.ACTS[said](identity, by=current_agent())


def _page(connection: Connection, *, problem: KcsError | None = None, about: int = 0) -> str:
    given = request.values.get("standing", "")
    standing = Standing(given) if given in list(Standing) else None
    page = Listing.asked_for(lambda number: page_of_people(connection, standing, page=number))
    counts = count_standings(connection.id)
    return render_template(
        "syncing/people.html",
        connection=connection,
        page=page,
        url_for_page=partial(_url_for_page, connection, standing),
        people=people_named(page.items),
        standing=standing,
        counts=counts,
        total=sum(counts.values()),
        shown=[each for each in Standing if counts.get(each)],
        attention=frozenset(ATTENTION),
        words=STANDING_WORDS,
        help=_help_of,
        offered=OFFERED,
        mappable=MAPPABLE,
        colleagues=[agent for agent in everybody() if agent.active],
        last=latest_run(connection, SyncKind.PEOPLE),
        problem=problem.message if problem else "",
        about=about,
    )


def _url_for_page(connection: Connection, standing: Standing | None, number: int) -> str:
    return url_for("desk_people.people", connection=connection.name, standing=standing, page=number)


def beside(ticket: Ticket, _agent: Agent) -> str:
    """Say beside a ticket that it takes up a closed one again."""
    if not ticket.follows:
        return ""
    return render_template("syncing/_beside.html", ticket=ticket, source=_source(ticket))


def _source(ticket: Ticket) -> Ticket | None:
    """Return the ticket that this one takes up again, None when it is not here."""
    try:
        return get_ticket(ticket.connection.name, ticket.follows or "")
    except NotFound:
        return None
