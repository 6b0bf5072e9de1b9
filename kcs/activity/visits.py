"""What those who count visits of the help centre and those who report on them must agree on."""

from __future__ import annotations

from datetime import timedelta

# A visit is over when its visitor was quiet for so long.
QUIET = timedelta(minutes=30)
# So long may a step wait for a database that is busy; a visit is final when none can come any more.
LATEST = timedelta(seconds=60)
SETTLED = QUIET + LATEST
# Readers of an article who have no licence: who comes from outside, and colleagues.
VISITOR, UNLICENSED = "visitor", "unlicensed"
