"""Templates: which fields an article has, what each is for, and who may read it.

The shipped templates stand here as data; what an administrator changes or adds is a row of `templates`
(`kcs.articles.layout` puts the two together).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from workflow.article import Audience
from workflow.permissions import Governance, Licence, Role, Standing


class Need(StrEnum):
    """When a field has to be filled."""

    ANSWER = "answer"  # without it the article is only work in progress
    REQUIRED = "required"  # nobody validates without it
    ADVISED = "advised"  # the content standard misses it, the workflow does not
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Field:
    """One field of a template.

    `audience` is the widest that may read it: a field for `internal` stays inside although the article is
    public. `readers` narrows it inside to licences and roles; empty means every colleague.
    """

    name: str
    label: str
    help: str = ""
    need: Need = Need.OPTIONAL
    audience: Audience = Audience.PUBLIC
    readers: tuple[str, ...] = ()
    rows: int = 4

    def readable_inside(self, standing: Standing) -> bool:
        """Return whether a colleague may read (and so write) this field."""
        held = {str(role) for role in standing.roles} | (
            {str(standing.licence)} if standing.licence else set()
        )
        return not self.readers or bool(held & set(self.readers))

    def readable_at(self, audience: Audience) -> bool:
        """Return whether readers of this audience get the field; one for some inside is for none outside."""
        order = list(Audience)
        return not self.readers and order.index(audience) <= order.index(self.audience)


@dataclass(frozen=True)
class Template:
    """The kinds of fields an article has, in the order readers meet them."""

    key: str
    name: str
    description: str
    fields: tuple[Field, ...]
    governance: Governance = Governance.EXPERIENCE
    # Taken out by an administrator: texts written in them stay readable for colleagues.
    retired: tuple[Field, ...] = ()

    def field(self, name: str) -> Field | None:
        """Return the field of that name, None when the template has none."""
        return next((field for field in self.fields if field.name == name), None)


def fields_to_json(fields: tuple[Field, ...], *, retired: bool = False) -> list[dict[str, Any]]:
    """Return fields as a `templates` row keeps them."""
    return [{**asdict(field), "readers": list(field.readers), "retired": retired} for field in fields]


def fields_from_json(stored: list[dict[str, Any]], *, retired: bool = False) -> tuple[Field, ...]:
    """Return the fields a `templates` row keeps: those in use, or the retired ones."""
    return tuple(
        Field(
            name=each["name"],
            label=each["label"],
            help=each.get("help", ""),
            need=Need(each.get("need", Need.OPTIONAL)),
            audience=Audience(each.get("audience", Audience.PUBLIC)),
            readers=tuple(each.get("readers", ())),
            rows=int(each.get("rows", 4)),
        )
        for each in stored
        if each.get("retired", False) is retired
    )


READERS = (*(licence.value for licence in Licence), *(role.value for role in Role))

_NOTES = Field(
    "notes",
    "Internal notes",
    "For colleagues alone: never shown to readers outside.",
    audience=Audience.INTERNAL,
    rows=3,
)

DEFAULT = "issue-resolution"
PLAIN = "plain"

SHIPPED: dict[str, Template] = {
    template.key: template
    for template in (
        Template(
            DEFAULT,
            "Issue & resolution",
            "Something does not work, or is not understood, and this is what helps.",
            (
                Field(
                    "issue",
                    "Issue",
                    "What customers say they see or want to do. Add wordings, never tidy theirs.",
                    Need.REQUIRED,
                    rows=5,
                ),
                Field(
                    "environment",
                    "Environment",
                    "Product, version, browser, set-up: what is true before and after the fix.",
                    Need.ADVISED,
                ),
                Field("resolution", "Resolution", "The answer, or numbered steps.", Need.ANSWER, rows=8),
                Field("cause", "Cause", "Why it happens, where that is known.", rows=3),
                _NOTES,
            ),
        ),
        Template(
            "how-to",
            "How-to",
            "Somebody wants to get something done.",
            (
                Field("issue", "Goal", "What they want to do, in their words.", Need.REQUIRED, rows=3),
                Field(
                    "environment", "Applies to", "Product, version, plan, role needed.", Need.ADVISED, rows=3
                ),
                Field("before", "Before you begin", "What has to be there first.", rows=3),
                Field("resolution", "Steps", "Numbered steps, one act each.", Need.ANSWER, rows=10),
                Field("result", "How to tell it worked", "What they see when it is done.", rows=3),
                _NOTES,
            ),
        ),
        Template(
            "question-answer",
            "Question & answer",
            "A short question with a short answer.",
            (
                Field(
                    "issue",
                    "Question",
                    "As customers ask it; several wordings welcome.",
                    Need.REQUIRED,
                    rows=3,
                ),
                Field("resolution", "Answer", "The answer first, details after it.", Need.ANSWER, rows=6),
                Field("environment", "Applies to", "Where the answer holds.", Need.ADVISED, rows=2),
                _NOTES,
            ),
        ),
        Template(
            "feature-card",
            "Feature card",
            "What a feature is and how to speak of it.",
            (
                Field(
                    "what_it_does", "What it does", "For whom, and what it saves them.", Need.ANSWER, rows=6
                ),
                Field("who_has_it", "Who has it", "Plans, regions, roles, platforms.", Need.REQUIRED, rows=3),
                Field(
                    "launch_date", "Launch date", "A day, or what has to happen first.", Need.ADVISED, rows=1
                ),
                Field(
                    "customer_wording",
                    "How to speak of it",
                    "Words for customers: what to say, what to leave out.",
                    Need.ADVISED,
                    audience=Audience.INTERNAL,
                ),
                Field("questions", "Frequent questions", "Question and answer, one after the other.", rows=8),
                Field(
                    "contact",
                    "Contact",
                    "Who knows more, inside.",
                    Need.ADVISED,
                    audience=Audience.INTERNAL,
                    rows=2,
                ),
                _NOTES,
            ),
        ),
        Template(
            "policy",
            "Policy",
            "A rule people must be able to rely on: legal, contractual, regulatory.",
            (
                Field("applies_to", "Applies to", "Whom and what the policy covers.", Need.REQUIRED, rows=3),
                Field("resolution", "Policy", "What holds, in plain words.", Need.ANSWER, rows=10),
                Field("exceptions", "Exceptions", "What is left out, and who decides.", rows=3),
                Field("in_force", "In force since", "A day, and what it replaces.", Need.REQUIRED, rows=1),
                Field(
                    "authority",
                    "Authority",
                    "Who answers for it, and the source.",
                    Need.REQUIRED,
                    audience=Audience.INTERNAL,
                    rows=2,
                ),
                _NOTES,
            ),
            governance=Governance.COMPLIANCE,
        ),
        Template(
            PLAIN,
            "Plain",
            "One text without structure, as other systems hold it.",
            (Field("body", "Text", "", Need.ANSWER, rows=18),),
        ),
    )
}
