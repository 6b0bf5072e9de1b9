"""What people read for the values that are stored: states, audiences, roles, rights. One table for each."""

from __future__ import annotations

from kcs.sentences import Sentence

ARTICLE_STATES = {
    "wip": Sentence("Work in progress"),
    "not_validated": Sentence("Not validated"),
    "validated": Sentence("Validated"),
    "published": Sentence("Published"),
    "archived": Sentence("Archived"),
    "deleted": Sentence("Deleted"),
}
# Inside a sentence: "KB-1007 is archived."
ARTICLE_IS = {
    "wip": Sentence("work in progress"),
    "not_validated": Sentence("not validated"),
    "validated": Sentence("validated"),
    "published": Sentence("published"),
    "archived": Sentence("archived"),
    "deleted": Sentence("deleted"),
}
TICKET_STATES = {
    "capture": Sentence("Capture"),
    "reuse": Sentence("Reuse"),
    "structure": Sentence("Structure"),
    "improve": Sentence("Improve"),
    "exempt": Sentence("No article needed"),
    "answered": Sentence("Answered"),
    "unanswered": Sentence("Unanswered"),
}
DESK_STATUSES = {
    "new": Sentence("new"),
    "open": Sentence("open"),
    "pending": Sentence("pending"),
    "hold": Sentence("on hold"),
    "solved": Sentence("solved"),
    "closed": Sentence("closed"),
    "deleted": Sentence("deleted"),
}
AUDIENCES = {
    "internal": Sentence("Colleagues"),
    "partner": Sentence("Partners"),
    "customer": Sentence("Customers"),
    "public": Sentence("Everybody"),
}
FOR_AUDIENCES = {
    "partner": Sentence("for partners"),
    "customer": Sentence("for customers"),
    "public": Sentence("for everybody"),
}
SIGNIFICANCE = {
    "typo": Sentence("a slip"),
    "wording": Sentence("wording"),
    "fact": Sentence("facts"),
}
REVIEW_ASKS = {
    "validate": Sentence("Validation"),
    "publish": Sentence("Publishing"),
    "change": Sentence("A change"),
}
ASK_FOR = {
    "validate": Sentence("Ask for validation"),
    "publish": Sentence("Ask for publishing"),
}
REVIEW_STATES = {
    "open": Sentence("Waiting"),
    "returned": Sentence("Sent back"),
    "accepted": Sentence("Accepted"),
    "dropped": Sentence("Taken back or overtaken"),
}
HOLDERS = {
    "candidate": Sentence("Candidate"),
    "contributor": Sentence("Contributor"),
    "publisher": Sentence("Publisher"),
    "coach": Sentence("Coach"),
    "expert": Sentence("Expert"),
    "manager": Sentence("Manager"),
    "admin": Sentence("Administrator"),
}
RIGHTS = {
    "create": Sentence("Create"),
    "propose": Sentence("Propose a change"),
    "edit_internal": Sentence("Edit what colleagues see"),
    "edit_published": Sentence("Edit what is published"),
    "flag": Sentence("Flag"),
    "link": Sentence("Link"),
    "confirm": Sentence("Confirm that it is still right"),
    "waive": Sentence("Let personal data go outside"),
    "merge": Sentence("Merge"),
    "complete": Sentence("Make ready for review"),
    "validate": Sentence("Validate"),
    "publish": Sentence("Publish"),
    "doubt": Sentence("Cast doubt"),
    "withdraw": Sentence("Withdraw"),
    "archive": Sentence("Archive"),
    "restore": Sentence("Restore"),
    "delete": Sentence("Delete"),
}
GOVERNANCE = {"experience": Sentence("Experience"), "compliance": Sentence("Compliance")}
PLAN_IS = {
    "waiting": Sentence("waiting"),
    "done": Sentence("done"),
    "refused": Sentence("refused"),
    "cancelled": Sentence("called off"),
}
FEEDBACK_IS = {
    "new": Sentence("new"),
    "in_progress": Sentence("being looked into"),
    "answered": Sentence("answered"),
    "closed": Sentence("closed"),
}
REVIEW_IS = {
    "open": Sentence("open"),
    "returned": Sentence("sent back"),
    "accepted": Sentence("accepted"),
    "dropped": Sentence("dropped"),
}
# What each kind of personal data is called inside a sentence.
PERSONAL_DATA = {
    "name": Sentence("name"),
    "address": Sentence("address"),
    "e-mail": Sentence("e-mail"),
    "phone": Sentence("phone"),
    "payment card": Sentence("payment card"),
    "IBAN": Sentence("IBAN"),
    "national id": Sentence("national id"),
    "secret": Sentence("secret"),
    "IP address": Sentence("IP address"),
    "customer number": Sentence("customer number"),
}

LICENCES = {each: HOLDERS[each] for each in ("candidate", "contributor", "publisher")}
