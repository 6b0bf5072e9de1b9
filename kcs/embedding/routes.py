"""Which endpoints a page within a desk's frame may use, with its bearer token: the panel's own, and no other.

Each names the connection in its address, and answers for that connection's tickets alone.
"""

from __future__ import annotations

EMBEDDED_ENDPOINTS = frozenset(
    {
        "embedding.panel",
        "embedding.ask_for",
        "embedding.closing",
        "embedding.renew",
        "embedding.keep_passed_saves",
        "panel.knowledge",
        "panel.suggestions",
        "panel.suggestions_for_text",
        "panel.search",
        "panel.keep_search",
        "panel.preview",
        "panel_acts.send",
        "panel_acts.not_this_one",
        "panel_acts.offer_again",
        "tickets.link",
        "tickets.unlink",
        "tickets.draft",
        "tickets.discard",
        "tickets.exempt",
        "tickets.flag",
        "tickets.confirm",
        "closing.changes",
        "live.poll",
        "live.notice",
        "experts.ask_form",
        "experts.ask",
    }
)
