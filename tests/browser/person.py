"""Somebody at a browser with a keyboard and no mouse."""

from __future__ import annotations

import re

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.factories import PASSWORD

# Chromium notes every answer of 400 and more as an error; which of them are meant, the tests say themselves.
_REFUSED_PAGE = re.compile(r"the server responded with a status of 4\d\d")
_NAMES = """(() => {
  const e = document.activeElement;
  return [e.getAttribute("aria-label"), e.innerText, e.labels?.[0]?.innerText];
})()"""
_MOST_TABS = 80
_MOST_LOOKS = 1200
# htmx takes the forms over a moment after the page is there; before that they are sent without it.
_READY = "!document.querySelector('[hx-post], [hx-get]') || document.querySelector('[data-htmx-powered]')"
# What is suggested comes a moment after the page; keys that link wait for it, as people do.
_SUGGESTED = "!document.querySelector('#suggestions[aria-busy]')?.checkVisibility()"
# What has the focus from the start gets it with the first frame, which may come after the page is there.
_WAITS = "(e) => e.checkVisibility() && !e.closest('[inert]')"
_AWAKE = f"""({_READY}) && ({_SUGGESTED}) && (location.hash || document.activeElement !== document.body
  || ![...document.querySelectorAll('[autofocus]')].some({_WAITS}))"""


# What the browser says of a page within another one that may not take the focus: as it should be.
_NO_FOCUS = "Blocked autofocusing"


class Person:
    """A page of their own, and everything that went wrong in it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.problems: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        refused = _REFUSED_PAGE.search(message.text) and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not refused and not message.text.startswith(_NO_FOCUS):
            self.problems.append(f"{self.page.url}: {message.text}")

    def _wait_until(self, condition: str) -> None:
        """Ask again and again from outside: the page's own rules forbid a script that does so from within."""
        for _ in range(_MOST_LOOKS):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{self.page.url} never became ready: {condition}")

    def open(self, path: str) -> int:
        """Go to an address; return the status of the answer."""
        answer = self.page.goto(self.base + path)
        self._wait_until(_AWAKE)
        return answer.status if answer else 0

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def press_to_leave(self, *keys: str) -> None:
        """Press keys, the last of which leads to another page."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])
        self._wait_until(_AWAKE)

    def go_back(self) -> None:
        """Return to the page before."""
        self.page.go_back()
        self._wait_until(f"({_READY}) && ({_SUGGESTED})")

    def write(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.insert_text(text)

    def tab_to(self, words: str) -> None:
        """Press Tab until the control with these words has the focus."""
        for _ in range(_MOST_TABS):
            self.press("Tab")
            named = self.page.evaluate(_NAMES)
            if any(words in (name or "") for name in named):
                return
        raise AssertionError(f"{words!r} is not reached with Tab on {self.page.url}")

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in; the address has the focus from the start."""
        self.open("/sign-in")
        self.write(email)
        self.press("Tab")
        self.write(password)
        self.press_to_leave("Enter")

    def sees(self, words: str) -> None:
        """The words are to be seen in the page's content."""
        expect(self.page.locator("main")).to_contain_text(words)

    def hears(self, words: str) -> None:
        """A screen reader is told the words."""
        expect(self.page.locator("#announcer")).to_contain_text(words)

    def sees_badge(self, words: str) -> None:
        """The state of the page's thing, or its first, is this."""
        expect(self.page.locator("main .badge").first).to_have_text(words)

    @property
    def focused(self) -> Locator:
        """What has the focus."""
        return self.page.locator("*:focus")
