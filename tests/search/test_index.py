"""The derived index: always in step, never in the way, and the same beside both databases."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from kcs.app import create_app
from kcs.articles import services as articles
from kcs.articles.imports import import_lines
from kcs.articles.models import Article
from kcs.database import db, reading
from kcs.errors import ConfigError
from kcs.people.models import Agent
from kcs.search.commands import search
from kcs.search.filling import BATCH
from kcs.search.index import SearchIndex
from kcs.search.models import SearchChange
from kcs.search.queries import find
from kcs.solving.services import link_article, unlink
from tests.conftest import settings_for
from tests.factories import make_agent, make_article, make_ticket
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence


@pytest.fixture
def index(app: Flask) -> SearchIndex:
    """The app's own index."""
    found: SearchIndex = app.extensions["kcs.search"]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the app keeps its index."""
    return tmp_path / "search.db"


@pytest.fixture
def publisher(app: Flask) -> Agent:
    """Somebody who may do everything with articles."""
    return make_agent(Licence.PUBLISHER)


def article(words: str, state: ArticleState = ArticleState.VALIDATED) -> Article:
    """Add an article whose title is these words, and commit it."""
    made = make_article(state, title=words, parts={"resolution": "Restart it."})
    db.session.commit()
    return made


def ids(index: SearchIndex, words: str, *, public: bool = False) -> list[int]:
    """Return the ids of what is found."""
    return [hit.article_id for hit in index.search(words, public=public)]


def feed() -> int:
    """Return how many changes the feed tells of."""
    return db.session.execute(select(func.count()).select_from(SearchChange)).scalar_one()


# --- in step ---


def test_what_was_committed_is_found_by_the_next_search(index: SearchIndex) -> None:
    assert ids(index, "printer") == []
    printer = article("Printer jams")
    assert ids(index, "printer") == [printer.id]


def test_what_was_rolled_back_is_not(index: SearchIndex) -> None:
    make_article(title="Printer jams")
    db.session.rollback()
    assert ids(index, "printer") == []
    assert feed() == 0


def test_a_change_that_was_rolled_back_is_told_by_no_later_commit(
    index: SearchIndex, publisher: Agent
) -> None:
    printer = article("Printer jams")
    articles.save_version(printer, "Scanner sticks", {"resolution": "Restart it."}, by=publisher, base=1)
    db.session.rollback()
    article("Fax hums")
    assert feed() == 2
    assert (ids(index, "scanner"), ids(index, "printer")) == ([], [printer.id])


def test_an_edit_takes_the_old_words_away(index: SearchIndex, publisher: Agent) -> None:
    printer = article("Printer jams")
    articles.save_version(printer, "Scanner sticks", {"resolution": "Restart it."}, by=publisher, base=1)
    db.session.commit()
    assert (ids(index, "printer"), ids(index, "scanner")) == ([], [printer.id])


@pytest.mark.parametrize(
    ("state", "move"), [(ArticleState.VALIDATED, Move.ARCHIVE), (ArticleState.WIP, Move.DELETE)]
)
def test_what_is_put_away_is_found_no_more(
    index: SearchIndex, publisher: Agent, state: ArticleState, move: Move
) -> None:
    printer = article("Printer jams", state)
    assert ids(index, "printer") == [printer.id]
    articles.move_article(printer, move, by=publisher)
    db.session.commit()
    assert ids(index, "printer") == []


def test_what_is_restored_is_found_again(index: SearchIndex, publisher: Agent) -> None:
    printer = article("Printer jams", ArticleState.ARCHIVED)
    assert ids(index, "printer") == []
    articles.move_article(printer, Move.RESTORE, by=publisher)
    db.session.commit()
    assert ids(index, "printer") == [printer.id]


def test_the_words_of_solved_tickets_find_the_article_while_it_is_linked(
    index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    printer = article("Printer jams")
    ticket = make_ticket(desk, body="My zebra has stopped moving.")
    link = link_article(ticket, printer, by=publisher)
    db.session.commit()
    (hit,) = index.search("zebra")
    assert (hit.article_id, hit.fields, hit.words) == (printer.id, ("words",), ("zebra",))
    unlink(link, by=publisher)
    db.session.commit()
    assert ids(index, "zebra") == []


def test_refresh_looks_only_at_what_changed(index: SearchIndex) -> None:
    for number in range(3):
        article(f"Printer {number}")
    assert index.lag() is None
    assert index.refresh() == 3
    assert (index.refresh(), index.lag()) == (0, 0)
    article("Scanner")
    assert index.lag() == 1
    assert (index.refresh(), index.lag()) == (1, 0)


def test_an_article_changed_twice_in_one_transaction_is_one_change(
    index: SearchIndex, publisher: Agent
) -> None:
    made = make_article(title="Printer jams")
    articles.move_article(made, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    db.session.commit()
    assert feed() == 1


def test_the_feed_is_followed_over_many_batches(index: SearchIndex) -> None:
    printer = article("Printer jams")
    index.refresh()
    db.session.add_all(SearchChange(article_id=printer.id) for _ in range(BATCH + 7))
    db.session.commit()
    assert index.lag() == BATCH + 7
    index.refresh()
    assert index.lag() == 0
    assert ids(index, "printer") == [printer.id]


# --- rebuilt ---


def _delete(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _scribble(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def _break_pages(path: Path) -> None:
    """Leave the head in order and damage the rest."""
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


def _cut(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _drop_table(path: Path) -> None:
    _alter(path, "DROP TABLE inside_terms")


def _of_another(path: Path) -> None:
    _alter(path, "UPDATE meta SET value = 'another' WHERE name = 'source'")


def _from_the_future(path: Path) -> None:
    """As after the database was put back from a copy."""
    _alter(path, "UPDATE meta SET value = 1000000 WHERE name = 'position'")


def _without_place(path: Path) -> None:
    _alter(path, "DELETE FROM meta")


def _alter(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        _delete,
        _empty,
        _scribble,
        _break_pages,
        _cut,
        _drop_table,
        _of_another,
        _from_the_future,
        _without_place,
    ],
)
def test_a_file_that_is_no_good_is_built_anew(
    index: SearchIndex, path: Path, damage: Callable[[Path], None]
) -> None:
    printer = article("Printer jams")
    assert ids(index, "printer") == [printer.id]
    damage(path)
    assert ids(index, "printer") == [printer.id]
    scanner = article("Scanner sticks")
    assert ids(index, "scanner") == [scanner.id]
    kept = sorted(each.name for each in path.parent.glob("search.db*"))
    assert kept == ["search.db", "search.db.lock"], "nothing is left over"


def test_a_folder_in_the_place_of_the_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    path.mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        SearchIndex(path)
    assert path.is_dir()


def test_the_journal_of_a_writer_that_died_does_not_spoil_the_file_built_after_it(
    index: SearchIndex, path: Path
) -> None:
    printer = article("Printer jams")
    index.refresh()
    _kill_within_a_write(path)
    scanner = article("Scanner sticks")
    assert index.refresh() == 2
    assert index.lag() == 0, "it is whole, nothing has to be built again"
    assert (ids(index, "printer"), ids(index, "scanner")) == ([printer.id], [scanner.id])


def _kill_within_a_write(path: Path) -> None:
    """Leave the journal of a writer that died, and take the file it belongs to away."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE meta SET value = 'x' WHERE name = 'source'")
    rows = [(10**12 + number, "printer " * 5000) for number in range(40)]
    connection.executemany("INSERT INTO inside_grams VALUES (?, ?)", rows)
    journal = path.with_name("search.db-journal")
    left = journal.read_bytes()
    connection.rollback()
    connection.close()
    assert any(left[:8])
    path.unlink()
    journal.write_bytes(left)


def test_an_index_of_another_database_is_not_believed(
    index: SearchIndex, path: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    shutil.copy(sqlite_template, folder / "kcs.db")
    other = create_app(settings_for(folder))
    with other.app_context():
        article("Secret printer")
        assert len(ids(other.extensions["kcs.search"], "secret")) == 1
        db.session.remove()
        db.engine.dispose()
    shutil.copy(folder / "search.db", path)
    scanner = article("Scanner sticks")
    assert index.lag() is None
    assert (ids(index, "secret"), ids(index, "scanner")) == ([], [scanner.id])


def test_rebuilding_gives_what_following_gave(index: SearchIndex, desk: FakeDesk, publisher: Agent) -> None:
    words = ["printer jams", "printer offline", "scanner sticks", "printer printer"]
    for each in words:
        article(each, ArticleState.PUBLISHED)
        index.refresh()
    first = db.session.query(Article).order_by(Article.id).first()
    assert first is not None
    link_article(make_ticket(desk, body="The printer smokes"), first, by=publisher)
    db.session.commit()
    queries = ["printer", "printer smokes", "scanner", "restart it", "jams sticks"]
    followed = [index.search(text, public=public) for text in queries for public in (False, True)]
    assert index.rebuild() == len(words)
    assert [index.search(text, public=public) for text in queries for public in (False, True)] == followed


def test_rebuild_says_how_far_it_is(index: SearchIndex) -> None:
    for number in range(3):
        article(f"Printer {number}")
    article("Old", ArticleState.ARCHIVED)
    told: list[tuple[int, int]] = []
    assert index.rebuild(lambda done, total: told.append((done, total))) == 3
    assert told == [(3, 3)]


def test_the_command_rebuilds(app: Flask, index: SearchIndex, path: Path) -> None:
    printer = article("Printer jams")
    db.session.remove()
    answer = FlaskCliRunner(app).invoke(search, ["rebuild"])
    assert answer.exit_code == 0, answer.output
    assert "1 articles indexed." in answer.output
    assert path.exists()
    assert ids(index, "printer") == [printer.id]


def test_what_a_killed_build_left_is_cleared_by_the_next(index: SearchIndex, path: Path) -> None:
    article("Printer jams")
    dead, living = (
        path.with_name("search.db.999999999-1.new"),
        path.with_name(f"search.db.{os.getppid()}-1.new"),
    )
    for left in (dead, living):
        left.write_bytes(b"half an index")
    index.rebuild()
    assert not dead.exists()
    assert living.exists(), "another process is at it"


# --- many at once ---


def test_two_indexes_on_one_file_see_what_either_took_in(index: SearchIndex, path: Path) -> None:
    second = SearchIndex(path)
    printer = article("Printer jams")
    assert ids(index, "printer") == ids(second, "printer") == [printer.id]
    scanner = article("Scanner sticks")
    assert second.refresh() == 1
    assert index.refresh() == 0
    assert ids(index, "scanner") == [scanner.id]
    path.unlink()
    assert ids(second, "scanner") == ids(index, "scanner") == [scanner.id]


def test_a_build_begun_before_the_latest_commits_loses_nothing_when_it_ends_after_them(
    index: SearchIndex, path: Path
) -> None:
    """What another process does that is slow to build: its file is older than the one it replaces."""
    first, second = article("Printer jams"), []
    index.refresh()

    def meanwhile(_done: int, _total: int) -> None:
        second.append(article("Printer offline").id)
        assert ids(index, "offline") == second, "searches go on while it builds"

    SearchIndex(path).rebuild(meanwhile)
    assert sorted(ids(index, "printer")) == [first.id, *second]


def test_who_writes_waits_for_a_writer_in_another_process(app: Flask, index: SearchIndex, path: Path) -> None:
    printer = article("Printer jams")
    db.session.remove()
    found: list[int] = []

    def look() -> None:
        with app.app_context(), reading():
            found.extend(ids(index, "printer"))

    searching = threading.Thread(target=look)
    with path.with_name("search.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        searching.start()
        searching.join(timeout=0.5)
        assert searching.is_alive()
        assert found == []
    searching.join(timeout=30)
    assert found == [printer.id]


class Reader(threading.Thread):
    """Searches again and again, and keeps what was less than had been committed before."""

    def __init__(self, app: Flask, index: SearchIndex, committed: list[int], done: threading.Event) -> None:
        super().__init__()
        self.app, self.index, self.committed, self.done = app, index, committed, done
        self.rounds = 0
        self.wrong: list[object] = []

    def run(self) -> None:
        """Search until told that it is done."""
        try:
            while not self.done.is_set():
                self._look()
        except Exception as error:  # noqa: BLE001 -- handed to the test's own thread
            self.wrong.append(error)

    def _look(self) -> None:
        expected = set(self.committed)
        with self.app.app_context(), reading():
            found = {hit.article_id for hit in self.index.search("printer", limit=50)}
        self.rounds += 1
        if not found >= expected:
            self.wrong.append((found, expected))


def test_threads_search_while_articles_come_and_the_file_goes(
    app: Flask, index: SearchIndex, path: Path
) -> None:
    """Each search finds everything that was committed before it began."""
    committed, done = [article("Printer 0").id], threading.Event()
    db.session.remove()
    readers = [Reader(app, own, committed, done) for own in (index, index, SearchIndex(path))]
    for reader in readers:
        reader.start()
    try:
        for number in range(1, 9):
            committed.append(article(f"Printer {number}").id)
            db.session.remove()
            if number == 4:
                path.unlink(missing_ok=True)
    finally:
        done.set()
        for reader in readers:
            reader.join(timeout=60)
    assert [reader.wrong for reader in readers] == [[], [], []]
    assert all(reader.rounds for reader in readers)
    assert sorted(hit.article_id for hit in index.search("printer", limit=50)) == sorted(committed)


# --- what a visitor may find ---


@pytest.mark.parametrize("state", [each for each in ArticleState if each not in ("published", "deleted")])
def test_a_visitor_finds_nothing_that_is_not_published(index: SearchIndex, state: ArticleState) -> None:
    article("Printer jams", state)
    assert ids(index, "printer", public=True) == []
    assert find(index, "printer", reader=None) == []


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.CUSTOMER])
def test_a_visitor_finds_nothing_for_partners_or_customers(
    index: SearchIndex, publisher: Agent, audience: Audience
) -> None:
    printer = article("Printer jams")
    articles.move_article(printer, Move.PUBLISH, by=publisher, audience=audience)
    db.session.commit()
    assert ids(index, "printer", public=True) == []
    assert ids(index, "printer") == [printer.id]


def test_a_visitor_finds_the_live_text_and_no_word_of_a_newer_one(
    index: SearchIndex, publisher: Agent
) -> None:
    printer = article("Printer jams", ArticleState.PUBLISHED)
    articles.save_version(printer, "Printer unicorn", {"resolution": "Wait."}, by=publisher, base=1)
    db.session.commit()
    assert (ids(index, "jams", public=True), ids(index, "unicorn", public=True)) == ([printer.id], [])
    assert (ids(index, "jams"), ids(index, "unicorn")) == ([], [printer.id])
    articles.move_article(printer, Move.PUBLISH, by=publisher)
    db.session.commit()
    assert (ids(index, "jams", public=True), ids(index, "unicorn", public=True)) == ([], [printer.id])


def test_a_visitor_finds_nothing_by_what_customers_wrote_in_tickets(
    index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    printer = article("Printer jams", ArticleState.PUBLISHED)
    link_article(make_ticket(desk, body="My zebra has stopped"), printer, by=publisher)
    db.session.commit()
    assert ids(index, "zebra", public=True) == []
    assert ids(index, "zebra") == [printer.id]


def test_a_withdrawn_article_is_gone_for_visitors_at_once(index: SearchIndex, publisher: Agent) -> None:
    printer = article("Printer jams", ArticleState.PUBLISHED)
    assert ids(index, "printer", public=True) == [printer.id]
    articles.move_article(printer, Move.WITHDRAW, by=publisher, reason="wrong")
    db.session.commit()
    assert ids(index, "printer", public=True) == []


def test_unpublished_texts_do_not_change_a_visitors_order_or_scores(
    index: SearchIndex, publisher: Agent
) -> None:
    article("Printer jams", ArticleState.PUBLISHED)
    article("Printer scanner", ArticleState.PUBLISHED)
    before = index.search("printer scanner", public=True)
    for _ in range(5):
        article("Scanner secret scanner")
    assert index.search("printer scanner", public=True) == before


# --- in words and in order ---


def test_each_finding_says_why(index: SearchIndex, desk: FakeDesk, publisher: Agent) -> None:
    printer = article("Printer jams")
    for _ in range(2):
        link_article(make_ticket(desk, body="My zebra has stopped"), printer, by=publisher)
    draft = article("Zebra", ArticleState.WIP)
    db.session.commit()
    found = {each.article.id: each.reasons for each in find(index, "printer zebra", reader=publisher)}
    assert found[printer.id] == (
        "same words: printer, zebra",
        "in the title",
        "solved 2 of the nearest past tickets",
        "solved 2 tickets",
    )
    assert found[draft.id] == ("same words: zebra", "in the title", "still work in progress")


def test_a_visitor_is_not_told_how_many_tickets_an_article_solved(
    index: SearchIndex, desk: FakeDesk, publisher: Agent
) -> None:
    printer = article("Printer jams", ArticleState.PUBLISHED)
    link_article(make_ticket(desk), printer, by=publisher)
    db.session.commit()
    (found,) = find(index, "printer", reader=None)
    assert found.reasons == ("same words: printer", "in the title")


def test_the_order_is_the_same_every_time_and_equal_scores_go_by_age(index: SearchIndex) -> None:
    same = [article("Printer jams").id for _ in range(6)]
    best = article("Printer printer jams jams", ArticleState.VALIDATED).id
    found = [index.search("printer jams") for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert sorted(hit.article_id for hit in found[0]) == sorted([*same, best])
    assert [hit.article_id for hit in found[0] if hit.article_id != best] == same
    scores = [hit.score for hit in found[0]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_a_title_weighs_more_than_a_text(index: SearchIndex) -> None:
    in_text = make_article(title="Something else", parts={"resolution": "Printer."})
    in_title = make_article(title="Printer", parts={"resolution": "Something else."})
    db.session.commit()
    assert ids(index, "printer") == [in_title.id, in_text.id]


def test_a_limit_is_kept(index: SearchIndex) -> None:
    for _ in range(4):
        article("Printer jams")
    assert len(index.search("printer", limit=2)) == 2


# --- whatever is typed ---


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("PRINTER", True),
        ("printers", True),
        ("Prínter", True),
        ("printer AND nothing", True),
        ("NOT printer", True),
        ("printer NEAR(x, 2)", True),
        ("title:printer", True),
        ("inside_title:printer", True),
        ('"printer"', True),
        ('"printer', True),
        ("printer*", True),
        ("^printer", True),
        ("-printer", True),
        ("(printer", True),
        ("printer)", True),
        ("{printer} : +", True),
        ("'; DROP TABLE inside_terms; --printer", True),
        ("printer\x00jams", True),
        ("\ud800 printer", True),
        ("printer " * 50_000, True),
        (" ".join(f"word{number}" for number in range(79)) + " printer", True),
        ("", False),
        (" \t\n", False),
        ("\x00", False),
        ("*", False),
        ('"', False),
        ('""""', False),
        ("AND", False),
        ("OR NOT NEAR", False),
        ("%_?", False),
        ("a b c", False),
        ("x" * 1_000_000, False),
        ("\U0001f5a8\ufe0f", False),
        ("\u202e\u200b", False),
    ],
    ids=lambda value: ascii(value)[:30] if isinstance(value, str) else "",
)
def test_whatever_is_typed_is_words_and_never_an_error(index: SearchIndex, typed: str, finds: bool) -> None:
    printer = article("Printer jams")
    for public in (False, True):
        found = ids(index, typed, public=public)
        assert found == ([printer.id] if finds and not public else [])


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Impresión en español", "impresion"),
        ("Drucker läuft heiß", "läuft"),
        ("Принтер не печатает", "ПРИНТЕР"),
        ("Εκτυπωτής εκτός λειτουργίας", "ΕΚΤΥΠΩΤΉΣ"),
        ("الطابعة لا تعمل", "الطابعة"),
        ("מדפסת תקועה", "מדפסת"),
        ("프린터 용지 걸림", "프린터"),
        ("打印机 卡纸", "打印机"),
        ("プリンター 紙詰まり", "プリンター"),
        ("Error 0x80070005", "0x80070005"),
    ],
)
def test_other_scripts_are_found(index: SearchIndex, title: str, typed: str) -> None:
    made = article(title)
    article("Printer jams")
    assert ids(index, typed) == [made.id]


# --- the import feeds it ---


def test_a_refused_line_leaves_nothing_behind_and_the_others_are_found(index: SearchIndex) -> None:
    lines = [
        '{"key": "A-1", "title": "Printer jams", "body": "Open tray 2."}',
        '{"key": "A-1", "title": "Printer again", "body": "The key is taken."}',
        '{"key": "A-2", "title": "Printer draft", "issue": "x", "audience": "public", "confidence": "wip"}',
        '{"key": "A-3", "title": "Printer unanswered", "issue": "x", "confidence": "validated"}',
        '{"title": "", "body": ""}',
        '{"title": "Printer unknown part", "nonsense": 1}',
        "not JSON",
        "[]",
        "",
        '{"key": "A-4", "title": "Scanner sticks", "body": "Wipe it."}',
    ]
    outcomes = list(import_lines(lines))
    assert [outcome.key for outcome in outcomes if outcome.key] == ["A-1", "A-4"]
    assert {outcome.line for outcome in outcomes if outcome.problem} == {2, 3, 4, 5, 6, 7, 8}
    kept = {each.key: each.id for each in db.session.query(Article)}
    assert set(kept) == {"A-1", "A-4"}
    told = list(db.session.execute(select(SearchChange.article_id)).scalars())
    assert sorted(told) == sorted(kept.values())
    assert ids(index, "printer") == [kept["A-1"]]
    assert ids(index, "scanner") == [kept["A-4"]]


def test_an_import_that_breaks_off_leaves_what_was_committed(index: SearchIndex) -> None:
    def lines() -> Iterator[str]:
        yield '{"title": "Printer jams", "body": "Open tray 2."}'
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        list(import_lines(lines()))
    db.session.rollback()
    assert (feed(), ids(index, "printer")) == (0, [])
