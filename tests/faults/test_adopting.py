"""A help centre taken over by `kcs adopt`, killed on the way: all of it is here, once, in flat memory."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import func, select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from kcs import database
from kcs.adopting.models import AdoptedText
from kcs.articles.models import Article
from kcs.database import db
from kcs.demo.stage import CONNECTION, connect
from kcs.publishing.models import Publication
from tests.processes import Product, until

pytestmark = pytest.mark.long

ARTICLES = int(os.environ.get("KCS_TEST_ADOPTED", "1000"))
KILLED_AT = (ARTICLES // 10, ARTICLES // 2)
MORE_MEMORY = 60_000  # KiB that the second half may cost over the first tenth
BODY = """<h2>What to do</h2><p>Open <strong>Settings</strong>, choose <em>Export {n}</em> and press
<a href="/hc/en-us/articles/{before}">Save</a>.</p><ul><li>Allow pop-ups.</li><li>Try again.</li></ul>
<table><tr><th>Plan</th><th>Limit</th></tr><tr><td>Free</td><td>{n}</td></tr></table>"""


@pytest.fixture
def shelf(desk: Emulator) -> None:
    """A help centre as others wrote it, every fifth article in Spanish too."""
    section = desk.guide.add_section("Answers", desk.guide.add_category("Help"))
    before = 1
    for n in range(ARTICLES):
        body = BODY.format(n=n, before=before) + "<p>It takes a minute.</p>" * (n % 7)
        article = desk.guide.add_article(section, f"Export {n}", body, labels=("export", f"plan-{n % 9}"))
        before = article.id
        if n % 5 == 0:
            desk.guide.translate(article, "es", f"Exportar {n}", f"<p>Permita las ventanas {n}.</p>")
        desk.guide.vote(article, 1, count=n % 4)


def test_all_of_it_is_here_once_and_nothing_was_written_there(
    app: Flask, desk: Emulator, desk_server: EmulatorServer, shelf: None, product: Product
) -> None:
    connect(desk, desk_server.api_base)
    db.session.commit()
    db.session.remove()
    memory, begun = [], time.monotonic()
    for killed_at in KILLED_AT:
        process = product.start("adopt", CONNECTION)
        until(lambda: count(AdoptedText) >= killed_at, 900, f"{killed_at} texts")  # noqa: B023 -- at once
        memory.append(peak(process.pid))
        product.kill("adopt")
    process = product.start("adopt", CONNECTION)
    while process.poll() is None:
        memory[2:] = [peak(process.pid) or memory[-1]]
        time.sleep(0.2)
    took = time.monotonic() - begun
    click.echo(f"\n{ARTICLES} articles, killed twice, in {took:.0f} s; peaks in KiB: {memory}")
    assert process.returncode == 0, product.output
    texts = ARTICLES + -(-ARTICLES // 5)
    assert [count(AdoptedText), count(Article), count(Publication)] == [texts, texts, texts]
    assert len(desk.guide.articles) == ARTICLES
    assert writes(desk) == 0
    assert max(memory) - memory[0] < MORE_MEMORY


def count(model: type[AdoptedText | Article | Publication]) -> int:
    """Return how many rows there are."""
    with database.reading():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def writes(desk: Emulator) -> int:
    """Return the calls that change something."""
    return sum(desk.calls.total("help_center", method=method) for method in ("POST", "PUT", "DELETE"))


def peak(pid: int) -> int:
    """Return the most memory a process has held, in KiB; 0 when it has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0
