"""What others may follow about articles, within the same transaction; wired in `kcs.app`."""

from __future__ import annotations

from blinker import Signal

# Sent with the article after it was created, edited or moved.
article_changed = Signal()

# Sent with the article before it is thrown away; a receiver raises to refuse.
article_deleting = Signal()

# Sent with the article before it goes outside; a receiver raises to refuse.
article_going_outside = Signal()
