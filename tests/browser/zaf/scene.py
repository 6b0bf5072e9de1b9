"""A server that can be stopped or made to do badly, and somebody at the desk's pages with a keyboard."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Flask
from playwright.sync_api import ConsoleMessage, Frame, Locator, Page, expect

from kcs.database import db
from kcs.demo.serving import listening
from tests.browser.outcome import holds
from tests.browser.zaf.host import Host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# What the browser says of things that are meant: refused calls, and a focus no frame of another site gets.
MEANT = re.compile(r"Blocked autofocusing|the server responded with a status of|net::ERR_")
MOST_TABS = 60


class Server:
    """Our server, which can be stopped, started again, or made to do badly."""

    def __init__(self, app: Flask) -> None:
        self.app, self.mood, self._goes_on = app, "", threading.Event()
        self._inner, self._running = app.wsgi_app, ExitStack()
        app.wsgi_app = self._answer  # type: ignore[method-assign]
        self.address = self._running.enter_context(listening(app))

    def stop(self) -> None:
        """Stop: nobody listens any more."""
        self._goes_on.set()
        self._running.close()

    def start(self) -> None:
        """Listen again, where it did before."""
        self._running.enter_context(listening(self.app, int(self.address.rpartition(":")[2])))

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith("/closing") and self.mood:
            if self.mood == "slow":
                self._goes_on.wait()
            else:
                start_response(f"{self.mood} No", [("Content-Type", "text/plain")])
                return [b"no"]
        return self._inner(environ, start_response)


@dataclass
class AtTheDesk:
    """Somebody at the desk's pages, with a keyboard and no mouse."""

    page: Page
    host: Host
    problems: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the browser complains of."""
        if message.type in ("error", "warning") and not MEANT.search(message.text):
            self.problems.append(message.text)

    def open(self, *, wait: bool = True) -> AtTheDesk:
        """Open the desk, and wait until every frame offers articles."""
        db.session.commit()
        self.page.goto(self.host.origin)
        for place in range(len(self.host.tickets)) if wait else ():
            expect(self.part("#suggestions [data-article]", place)).not_to_have_count(0)
        return self

    def part(self, selector: str, place: int = 0) -> Locator:
        """Return a part of the app beside the ticket at this place."""
        return self.page.frame_locator("iframe").nth(place).locator(selector)

    def frame(self) -> Frame:
        """Return the first app's page."""
        return self.page.frames[1]

    def told(self, name: str) -> Any:
        """Return what the desk noted of its first ticket."""
        return self.page.evaluate(f"tickets[0].{name}")

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until this has the focus, in the desk's page or in the app's."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            script = "selector => document.activeElement?.matches(selector) ?? false"
            if any(holds(each, script, selector) for each in self.page.frames):
                return
        raise AssertionError(f"{selector} is not reached with Tab")

    def choose(self, status: str) -> None:
        """Choose a status in the desk's form."""
        self.tab_to("select[name=status]")
        self.page.keyboard.type(status)

    def submit(self, *, back: bool = False) -> None:
        """Press the desk's button."""
        self.tab_to(
            "form button[type=submit]:not(.kcs *)" if not back else "body > .ticket button", back=back
        )
        self.page.keyboard.press("Enter")

    def solve(self) -> None:
        """Save the ticket as solved."""
        self.choose("solved")
        self.submit()

    def is_saved(self) -> None:
        """The desk says so."""
        expect(self.page.locator("body > .ticket [role=status]").first).to_have_text("Saved as solved")

    def is_told(self, words: str) -> None:
        """The desk shows the app's words, and has not saved."""
        expect(self.page.locator("body > .ticket [role=alert]").first).to_contain_text(words)
        assert self.told("saves") == []
