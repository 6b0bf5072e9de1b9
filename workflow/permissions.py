"""Who may do what with articles: licences, roles and the table of rights.

Rights follow the licence and the role, never the job title. A person is a `Standing`; a right is a list of
grants, any one of which is enough. Admins and managers hold no article rights by that role alone.
"""

from __future__ import annotations

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
    EDIT_INTERNAL = "edit_internal"
    EDIT_PUBLISHED = "edit_published"
    FLAG = "flag"
    LINK = "link"
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

# Coaches and experts act with at least a contributor's rights. A candidate never validates.
RIGHTS: dict[Right, dict[Licence | Role, Scope]] = {
    Right.CREATE: dict.fromkeys((CA, CO, PU, COACH, EXPERT), Scope.ANY),
    Right.LINK: dict.fromkeys((CA, CO, PU, COACH, EXPERT), Scope.ANY),
    Right.FLAG: dict.fromkeys((CA, CO, PU, COACH, EXPERT), Scope.ANY),
    Right.EDIT_INTERNAL: {CA: Scope.OWN, **dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY)},
    Right.EDIT_PUBLISHED: {PU: Scope.ANY},
    Right.COMPLETE: {CA: Scope.OWN, **dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY)},
    Right.VALIDATE: dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY),
    Right.PUBLISH: {PU: Scope.ANY},
    Right.DOUBT: dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY),
    Right.WITHDRAW: {PU: Scope.ANY},
    Right.ARCHIVE: dict.fromkeys((PU, EXPERT), Scope.ANY),
    Right.RESTORE: dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY),
    Right.DELETE: {CA: Scope.OWN, **dict.fromkeys((CO, PU, COACH, EXPERT), Scope.ANY)},
}

# A compliance article is maintained by people with authority over it: these rights need the expert role too.
COMPLIANCE_NEEDS_EXPERT = frozenset(
    {
        Right.VALIDATE,
        Right.PUBLISH,
        Right.EDIT_PUBLISHED,
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
) -> str | None:
    """Return the grant that gives `right` ("licence:publisher", "role:coach"), or None without one.

    `validated` says that the text at stake is validated: editing validated compliance text needs the
    expert role as well.
    """
    if governance is Governance.COMPLIANCE and EXPERT not in standing.roles:
        guarded = right in COMPLIANCE_NEEDS_EXPERT or (right is Right.EDIT_INTERNAL and validated)
        if guarded:
            return None
    holders: list[Licence | Role] = [
        *([standing.licence] if standing.licence else []),
        *sorted(standing.roles),
    ]
    for holder in holders:
        scope = RIGHTS[right].get(holder)
        if scope is Scope.ANY or (scope is Scope.OWN and standing.owns):
            kind = "licence" if isinstance(holder, Licence) else "role"
            return f"{kind}:{holder.value}"
    return None
