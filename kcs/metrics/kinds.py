"""What the rows of the activity log that reports read are called."""

from __future__ import annotations

from workflow.article import Move
from workflow.solve import Act

RESOLUTION = "resolution"
SOLVE, REOPEN, IMPROVE = f"ticket.{Act.SOLVE}", f"ticket.{Act.REOPEN}", f"ticket.{Act.IMPROVE}"
LINK, DRAFT = f"ticket.{Act.LINK}", f"ticket.{Act.DRAFT}"
EXCLUDED, RESTORED, MEASURED = "ticket.excluded", "ticket.restored", "ticket.measured"
STANDING = (SOLVE, REOPEN, EXCLUDED)
LINKING = (LINK, DRAFT)
UNLINKING = (f"ticket.{Act.UNLINK}", f"ticket.{Act.DISCARD}")
SOLVE_LOOP = (*(f"ticket.{act}" for act in Act), EXCLUDED, RESTORED)

CREATED, IMPORTED, EDITED = "article.created", "article.imported", "article.edited"
MERGED, PROPOSED = "article.merged", "review.asked"
BEGINNINGS = (CREATED, IMPORTED)
WRITING = (*BEGINNINGS, EDITED)
MOVING = (*WRITING, MERGED, *(f"article.{move}" for move in Move))
