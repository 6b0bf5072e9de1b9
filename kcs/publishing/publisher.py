"""Bring one article with its translations in step with one help centre, and never write over another's edit.

An effect names an article and a target, not a text: whoever carries it out reads what should be there now
and brings it about, so effects may be lost, repeated or late without harm. Before each write the help
centre is asked what it holds; what nobody here has written stops the work and waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kcs import database
from kcs.database import db
from kcs.errors import ConfigError, RemoteError, ShownToMore
from kcs.outbox.services import EffectClaim
from kcs.ports import Document, HelpCentre, Provider, RemoteArticle, RemoteText
from kcs.publishing import pictures, storing
from kcs.publishing.drifts import kind_of
from kcs.publishing.fingerprint import fingerprint
from kcs.publishing.groups import root_named
from kcs.publishing.models import DriftKind, PublicationState, Target
from kcs.publishing.plan import Member, Outgoing, Plan, plan_of, sent_hash
from kcs.publishing.services import SETTLED, ask_for_sync
from kcs.sentences import Sentence
from kcs.tickets.accounts import credentials_of
from kcs.worklist import LeaseLostError

GONE = Sentence("Its article is no longer in the help centre: somebody has to decide about that first.")


class Publisher:
    """Carries out `publication.sync` effects through the HelpCentre port."""

    def __init__(self, providers: Mapping[str, Provider], base_url: str) -> None:
        self._providers = providers
        self._base_url = base_url

    def sync(self, claim: EffectClaim) -> None:
        """Bring one article and its translations in step. Raises RemoteError, LeaseLostError."""
        with database.reading():
            root = root_named(claim.payload["article_id"])
            target = db.session.get_one(Target, claim.payload["target_id"])
            plan = plan_of(root, target, self._base_url)
            provider = self._providers[target.connection.provider]
            credentials = credentials_of(target.connection, provider)
        try:
            help_centre = provider.help_centre(credentials, plan.settings)
        except ConfigError as error:
            refused = RemoteError(error.message, permanent=True)
            storing.note_problems(
                claim, (each for each in plan.members if each.state not in SETTLED), refused
            )
            raise refused from error
        run = _Run(plan, help_centre, claim)
        try:
            run.bring_about()
            claim.finish()
        except LeaseLostError:
            self._step_back(plan, run)
            raise
        db.session.commit()

    def _step_back(self, plan: Plan, run: _Run) -> None:
        """We were overtaken, and may have written an older text over a newer one: have it looked at again."""
        db.session.rollback()
        ask_for_sync(plan.root_id, plan.target_id, look=True, ours=run.written)
        db.session.commit()


class _Run:
    """One attempt at one group in one target."""

    def __init__(self, plan: Plan, help_centre: HelpCentre, claim: EffectClaim) -> None:
        self._plan, self._centre, self._claim = plan, help_centre, claim
        self._remote_id = plan.remote_id
        self._kept = dict(plan.kept)
        self._look = bool(claim.payload.get("look"))
        self._ours: Mapping[str, str] = claim.payload.get("ours") or {}
        self._failures: list[RemoteError] = []
        self._moved: dict[str, str] = {}
        self.written: dict[str, str] = {}

    def bring_about(self) -> None:
        """Take away what is not wanted, then write what is. Raises the failure that is worth another try."""
        for member in self._plan.members:
            if member.outgoing is None:
                self._attempt(member, self._take_away)
        wanted = [member for member in self._plan.members if member.outgoing is not None]
        due = self._due(wanted)
        if due:
            self._write_all(due)
        if self._failures:
            raise min(self._failures, key=lambda error: error.permanent)

    def _attempt(self, member: Member, act: Callable[[Member], None]) -> None:
        try:
            act(member)
        except RemoteError as error:
            self._failures.append(error)
            storing.note_problems(self._claim, [member], error)

    # ---- looking -------------------------------------------------------------------------------------------

    def _due(self, wanted: list[Member]) -> list[Member]:
        """Return the members to write: none while an article of ours is gone there, none that drifted."""
        due: list[Member] = []
        kinds: set[DriftKind] = set()

        def look(member: Member) -> None:
            kind, writes = self._looked_at(member)
            kinds.update({kind} if kind else ())
            if writes:
                due.append(member)

        for member in wanted:
            self._attempt(member, look)
        if DriftKind.GONE not in kinds:
            return due
        for member in due:
            storing.note_waiting(self._claim, member, GONE)
        return []

    def _looked_at(self, member: Member) -> tuple[DriftKind | None, bool]:
        """Return what happened to a text there, and whether it is to be written."""
        document = self._document(member)
        unsettled = member.state is not PublicationState.LIVE or self._is_other(member, document)
        if self._remote_id is None:
            return None, unsettled
        if not (unsettled or self._look):
            return None, False
        text = self._centre.read(self._remote_id, member.locale)
        kind = self._judge(member, text, document)
        if kind is not None:
            storing.note_drift(self._claim, member, kind, text)
            return kind, False
        now = fingerprint(text.title, text.html) if text else None
        stale = now != member.fingerprint and now != fingerprint(document.title, document.html)
        if not (unsettled or stale):
            storing.note_look(self._claim, member)
        return None, unsettled or stale

    def _judge(self, member: Member, text: RemoteText | None, document: Document) -> DriftKind | None:
        ours = {mark for mark in (self._ours.get(member.locale),) if mark}
        known = member.known | ours | {fingerprint(document.title, document.html)}
        return kind_of(text, known, shown=self._was_shown(member))

    def _was_shown(self, member: Member) -> bool:
        """Return whether readers saw the text when we last looked, in the article it is to be in."""
        return member.shown and self._now(member.remote_id) == self._remote_id

    def _now(self, remote_id: str | None) -> str | None:
        """Return the number of an article there, also where it was just made anew."""
        return self._moved.get(remote_id or "", remote_id)

    def _is_other(self, member: Member, document: Document) -> bool:
        return member.sent is not None and member.sent != sent_hash(document, self._plan.settings)

    # ---- writing -------------------------------------------------------------------------------------------

    def _write_all(self, due: list[Member]) -> None:
        """Write translations first and what leads the group last, so that it goes live when all are there."""
        leader, *others = due
        if self._remote_id is None:
            due = self._begun(leader, others)
        for member in (*others, leader):
            if member in due:
                self._attempt(member, self._write)

    def _begun(self, leader: Member, others: list[Member]) -> list[Member]:
        """Find or create the article there; return the members that may be written into it."""
        self._attempt(leader, self._find_or_create)
        if self._remote_id is None:
            return []
        return [member for member in (leader, *others) if self._unchanged(member)]

    def _unchanged(self, member: Member) -> bool:
        """Look at the article that carries our marker: an earlier attempt may have written into it."""
        found: list[Member] = []

        def look(each: Member) -> None:
            text = self._centre.read(self._remote_id or "", each.locale)
            kind = self._judge(each, text, self._document(each))
            if kind is None:
                found.append(each)
            else:
                storing.note_drift(self._claim, each, kind, text)

        self._attempt(member, look)
        return bool(found)

    def _find_or_create(self, member: Member) -> None:
        """An earlier create may have taken effect although its answer was lost: look for our marker first."""
        document = self._document(member)
        remote = self._centre.find(document.marker)
        if remote is None:
            # Only while the effect is ours: another worker may have looked and created meanwhile.
            storing.intend(self._claim, member, fingerprint(document.title, document.html))
            remote = self._centre.create_draft(document)
        storing.keep_remote(self._claim, member, remote.id)
        self._remote_id = remote.id

    def _write(self, member: Member) -> None:
        document = self._with_images(member)
        mark = fingerprint(document.title, document.html)
        storing.intend(self._claim, member, mark)
        self.written[member.locale] = mark
        try:
            remote = self._publish(member, document)
        except RemoteError as error:
            if not error.missing:
                raise
            if self._was_shown(member):
                storing.note_drift(self._claim, member, DriftKind.GONE, None)
                return
            # It was withdrawn, and archived there since: it begins anew.
            self._remote_id = None
            self._find_or_create(member)
            remote = self._publish(member, document)
        self._leave_old_place(member)
        held = remote.text or self._centre.read(remote.id, member.locale)
        mark = fingerprint(held.title, held.html) if held else mark
        self.written[member.locale] = mark
        self._store(member, document, remote, mark)

    def _publish(self, member: Member, document: Document) -> RemoteArticle:
        """Publish; where that would show it to too many, what they see of it already is taken away."""
        before = self._remote_id or ""
        try:
            remote = self._centre.publish(before, document)
        except ShownToMore:
            if self._was_shown(member):
                storing.note_taking_away(self._claim, member)
                self._centre.withdraw(before, member.locale)
            raise
        if remote.id != before:
            storing.note_moved(self._claim, self._plan, before, remote.id)
            self._moved[before] = self._remote_id = remote.id
        return remote

    def _store(self, member: Member, document: Document, remote: RemoteArticle, mark: str) -> None:
        outgoing = _outgoing(member)
        written = storing.Written(
            remote_id=remote.id,
            url=remote.url,
            version_id=outgoing.version_id,
            fingerprint=mark,
            sent=sent_hash(document, self._plan.settings),
            placed=outgoing.placement.written,
            links=outgoing.links,
        )
        storing.store_live(self._claim, member, written)

    def _leave_old_place(self, member: Member) -> None:
        """A text that was an article of its own there is now one of the group's."""
        if self._now(member.remote_id) not in (None, self._remote_id):
            self._centre.withdraw(member.remote_id or "", member.locale)

    def _take_away(self, member: Member) -> None:
        refused = member.state is PublicationState.FAILED and member.problem and not member.shown
        away = member.state is PublicationState.WITHDRAWN or refused
        if member.left_alone or (away and not self._look):
            return
        archive = self._plan.archive and member.remote_id is not None
        if member.remote_id is not None and (
            member.state is not PublicationState.WITHDRAWN or self._is_shown(member)
        ):
            storing.note_taking_away(self._claim, member)
            if archive and storing.is_nobody_elses(self._plan, member):
                self._centre.archive(member.remote_id)
            else:
                self._centre.withdraw(member.remote_id, member.locale)
        storing.store_withdrawn(self._claim, member)

    def _is_shown(self, member: Member) -> bool:
        text = self._centre.read(member.remote_id or "", member.locale)
        return text is not None and not text.draft

    # ---- texts ---------------------------------------------------------------------------------------------

    def _document(self, member: Member) -> Document:
        return _outgoing(member).addressed(self._kept)

    def _with_images(self, member: Member) -> Document:
        """Return the document with every picture of ours uploaded, each once."""
        for name, ours in _outgoing(member).images.items():
            if name not in self._kept:
                document = _outgoing(member).document
                kept = pictures.keep(self._claim, self._plan, self._centre, name, self._remote_id)
                self._kept[name] = kept or pictures.shown_here(document, ours)
        return self._document(member)


def _outgoing(member: Member) -> Outgoing:
    if member.outgoing is None:
        raise ValueError(f"publication {member.publication_id} has nothing to send")
    return member.outgoing
