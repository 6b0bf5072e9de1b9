"""What others may follow about articles, within the same transaction; wired in `kcs.app`."""

from __future__ import annotations

from blinker import Signal

# Sent with the article after it was created, edited or moved.
article_changed = Signal()

# Sent with the article when its text stayed but is shown differently: a field got other readers.
article_redrawn = Signal()

# Sent with the newer article, `into` (the older) and `by`, after the one was merged into the other.
articles_merged = Signal()

# Sent with the article before it is thrown away; a receiver raises to refuse.
article_deleting = Signal()

# Sent with the article before it goes outside; a receiver raises to refuse.
article_going_outside = Signal()

# Sent with the domain when it claims other products and ticket tags than before.
claims_changed = Signal()
