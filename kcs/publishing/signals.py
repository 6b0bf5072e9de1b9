"""What others may follow about publications, within the same transaction; wired in `kcs.app`."""

from __future__ import annotations

from blinker import Signal

# Sent with the publication when its text began or ceased to be shown to readers there.
readers_changed = Signal()
