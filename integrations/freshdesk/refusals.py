"""What Freshdesk says when it refuses, in words for people.

[Errors] of the REST documentation: `{"description", "errors": [{"field", "message", "code"}]}`, and
`{"code", "message"}` where the account or the key is what is wrong. Values are never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.replies import parse_json, reason_in
from kcs.sentences import Sentence, listed

BY_STATUS = {
    401: Sentence(
        "%(vendor)s does not take our API key (%(what)s: 401). Copy it again from the profile settings of "
        "the agent we act as."
    ),
    403: Sentence("%(vendor)s does not let the agent we act as do this (%(what)s: 403)."),
    404: Sentence(
        "%(vendor)s has nothing there (%(what)s: 404): it is gone, or the account's name is not right."
    ),
    405: Sentence(
        "%(vendor)s refuses this (%(what)s: 405): a ticket that is spam or deleted cannot be changed."
    ),
    409: Sentence("%(vendor)s has something else in the way (%(what)s: 409)."),
}
# What is said of the whole call.
CODES = {
    "invalid_credentials": Sentence("The API key is not, or no longer, that of an agent."),
    "access_denied": Sentence("The role of that agent lacks the right to it: give it one that has it."),
    "require_feature": Sentence("The plan of this account does not have it."),
    "account_suspended": Sentence("The account is suspended: its owner has to see to that at Freshdesk."),
    "password_lockout": Sentence(
        "After too many wrong attempts the agent is locked out for a while: check the key, then wait."
    ),
    "ssl_required": Sentence("The account is reached by https alone."),
    "invalid_json": Sentence("What we sent was not understood."),
    "inconsistent_state": Sentence("The state of what was asked for does not allow it."),
}
# What is said of one field.
FIELDS = {
    "missing_field": Sentence("'%(field)s' is required there, and empty."),
    "invalid_value": Sentence("'%(field)s' does not take this value."),
    "duplicate_value": Sentence("'%(field)s' has a value that another one has already."),
    "datatype_mismatch": Sentence("'%(field)s' takes another kind of value."),
    "invalid_field": Sentence("'%(field)s' is no field of this account."),
    "readonly_field": Sentence("'%(field)s' cannot be written to."),
    "inaccessible_field": Sentence("The agent we act as may not use '%(field)s'."),
    "incompatible_field": Sentence("'%(field)s' does not go with the other values."),
}
MOST = 5  # fields named of one refusal
NAME = re.compile(r"[^\x20-\x7e]")
LONGEST_NAME = 80


def reason_of(body: bytes) -> Sentence | str:
    """Return why a call was refused; what Freshdesk itself says where the code is one we do not know."""
    content = parse_json(body)
    if not isinstance(content, dict):
        return ""
    errors = content.get("errors")
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    said = list(dict.fromkeys(filter(None, map(_said, [content, *rows[:MOST]]))))
    return listed(" ", said) if said else reason_in(body)


def is_without_feature(refusal: str) -> bool:
    """Return whether a refusal's words say that the account's plan lacks what was asked for."""
    return CODES["require_feature"] in refusal


def _said(row: Mapping[str, Any]) -> Sentence | None:
    code, field = row.get("code"), row.get("field")
    if not isinstance(code, str):
        return None
    if code in CODES:
        return CODES[code]
    if code in FIELDS and isinstance(field, str):
        return Sentence(FIELDS[code].template, field=NAME.sub("?", field)[:LONGEST_NAME])
    return None
