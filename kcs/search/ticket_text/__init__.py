"""A ticket's text made ready for matching."""

from __future__ import annotations

from kcs.search.ticket_text.preparing import readable, ready

__all__ = ["readable", "ready"]
