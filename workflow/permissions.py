"""Who may do what with articles: licences, roles and the table of rights.

Rights follow the licence and the role, never the job title. A person is a `Standing`; a right is a list of
grants, any one of which is enough. Admins and managers hold no article rights by that role alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Licence(StrEnum):
    """The KCS licence levels, lowest first."""

    CANDIDATE = "candidate"
    CONTRIBUTOR = "contributor"
    PUBLISHER = "publisher"


class Role(StrEnum):
    """What a person does beside (or instead of) working tickets."""

    COACH = "coach"
    EXPERT = "expert"
    MANAGER = "manager"
    ADMIN = "admin"


class Governance(StrEnum):
    """Who maintains an article: anyone licensed, or only people with authority over the subject."""

    EXPERIENCE = "experience"
    COMPLIANCE = "compliance"


class Scope(StrEnum):
    """How far a grant reaches."""

    ANY = "any"
    OWN = "own"


class Right(StrEnum):
    """Everything that can be done with an article; each move of the article workflow is one."""

    CREATE = "create"
    PROPOSE = "propose"
    EDIT_INTERNAL = "edit_internal"
    EDIT_PUBLISHED = "edit_published"
    FLAG = "flag"
    LINK = "link"
    CONFIRM = "confirm"
    WAIVE = "waive"
    MERGE = "merge"
    COMPLETE = "complete"
    VALIDATE = "validate"
    PUBLISH = "publish"
    DOUBT = "doubt"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"


@dataclass(frozen=True)
class Standing:
    """A person in front of one article: licence, roles, and whether the article is theirs."""

    licence: Licence | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    owns: bool = False


CA, CO, PU = Licence.CANDIDATE, Licence.CONTRIBUTOR, Licence.PUBLISHER
COACH, EXPERT = Role.COACH, Role.EXPERT

Holder = Licence | Role
Matrix = Mapping[Right, Mapping[Holder, Scope]]

_SKILLED: dict[Holder, Scope] = dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY)
_EVERYBODY: dict[Holder, Scope] = {CA: Scope.ANY, **_SKILLED}

# The default. Coaches and experts act with at least a contributor's rights. A candidate never validates.
RIGHTS: dict[Right, dict[Holder, Scope]] = {
    Right.CREATE: _EVERYBODY,
    Right.LINK: _EVERYBODY,
    Right.FLAG: _EVERYBODY,
    Right.PROPOSE: _EVERYBODY,
    Right.EDIT_INTERNAL: {CA: Scope.OWN, **_SKILLED},
    Right.EDIT_PUBLISHED: {PU: Scope.ANY},
    Right.CONFIRM: _SKILLED,
    Right.WAIVE: {PU: Scope.ANY},
    Right.MERGE: {PU: Scope.ANY, EXPERT: Scope.ANY},
    Right.COMPLETE: {CA: Scope.OWN, **_SKILLED},
    Right.VALIDATE: _SKILLED,
    Right.PUBLISH: {PU: Scope.ANY},
    Right.DOUBT: _SKILLED,
    Right.WITHDRAW: {PU: Scope.ANY},
    Right.ARCHIVE: {PU: Scope.ANY, EXPERT: Scope.ANY},
    Right.RESTORE: _SKILLED,
    Right.DELETE: {CA: Scope.OWN, **_SKILLED},
}

# How far an organisation may go with its own matrix: who is missing here can never be given the right.
# Validating, publishing and what touches readers outside stay out of a candidate's reach.
WIDEST: dict[Right, dict[Holder, Scope]] = {
    **{right: {**_EVERYBODY} for right in Right},
    **dict.fromkeys(
        (
            Right.EDIT_PUBLISHED,
            Right.CONFIRM,
            Right.WAIVE,
            Right.MERGE,
            Right.VALIDATE,
            Right.PUBLISH,
            Right.DOUBT,
            Right.WITHDRAW,
            Right.ARCHIVE,
            Right.RESTORE,
        ),
        _SKILLED,
    ),
}


# What readers outside see is written and published only by people who may vouch for it and take it back.
NEEDS_TOO = {
    Right.PUBLISH: Right.WITHDRAW,
    Right.EDIT_PUBLISHED: Right.VALIDATE,
}


def _words(right: Right) -> str:
    return right.value.replace("_", " ")


def fault_of(matrix: Matrix) -> str:
    """Return in words what is unsafe about a matrix, empty when nothing is."""
    for right in Right:
        held = matrix.get(right, {})
        if not any(scope is Scope.ANY for scope in held.values()):
            return f"Somebody must hold the right '{_words(right)}' for every article."
        for holder, scope in held.items():
            widest = WIDEST[right].get(holder)
            if widest is None or (widest is Scope.OWN and scope is Scope.ANY):
                return f"The right '{_words(right)}' cannot be given to a {holder}."
    for right, needed in NEEDS_TOO.items():
        lacking = [holder for holder in matrix[right] if matrix[needed].get(holder) is not Scope.ANY]
        if lacking:
            return (
                f"Who holds '{_words(right)}' must hold '{_words(needed)}' for every article: "
                f"a {lacking[0]} does not."
            )
    return ""


# A compliance article is maintained by people with authority over it: these rights need the expert role too.
COMPLIANCE_NEEDS_EXPERT = frozenset(
    {
        Right.VALIDATE,
        Right.PUBLISH,
        Right.EDIT_PUBLISHED,
        Right.CONFIRM,
        Right.WAIVE,
        Right.MERGE,
        Right.DOUBT,
        Right.WITHDRAW,
        Right.ARCHIVE,
        Right.RESTORE,
    }
)


def authority(
    standing: Standing,
    right: Right,
    governance: Governance = Governance.EXPERIENCE,
    *,
    validated: bool = False,
    matrix: Matrix = RIGHTS,
) -> str | None:
    """Return the grant that gives `right` ("licence:publisher", "role:coach"), or None without one.

    `validated` says that the text at stake is validated: editing validated compliance text needs the
    expert role as well. `matrix` is the organisation's own table of rights, where it has one.
    """
    if governance is Governance.COMPLIANCE and EXPERT not in standing.roles:
        guarded = right in COMPLIANCE_NEEDS_EXPERT or (right is Right.EDIT_INTERNAL and validated)
        if guarded:
            return None
    holders: list[Holder] = [
        *([standing.licence] if standing.licence else []),
        *sorted(standing.roles),
    ]
    for holder in holders:
        scope = matrix[right].get(holder)
        if scope is Scope.ANY or (scope is Scope.OWN and standing.owns):
            kind = "licence" if isinstance(holder, Licence) else "role"
            return f"{kind}:{holder.value}"
    return None
