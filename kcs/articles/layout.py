"""The templates of this organisation, and which parts of a text a reader gets."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kcs.articles.models import Version
from kcs.articles.policy import TemplateRow
from kcs.articles.structure import DEFAULT, PLAIN, SHIPPED, Field, Template, fields_from_json
from kcs.database import db, once
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from workflow.article import Audience
from workflow.permissions import Standing

# A colleague, or what readers of an audience get. `Audience.INTERNAL` is any colleague whoever they are.
Reader = Agent | Audience


@dataclass(frozen=True)
class ShownPart:
    """One part of a text with the field it was written in."""

    field: Field
    text: str


def templates() -> dict[str, Template]:
    """Return every template by key: the shipped ones and what an administrator made of them."""
    return once("templates", _load)


def offered_templates() -> list[Template]:
    """Return the templates an author may choose, by name."""
    hidden = set(db.session.execute(select(TemplateRow.key).where(TemplateRow.offered.is_(False))).scalars())
    return sorted(
        (each for each in templates().values() if each.key not in hidden), key=lambda each: each.name
    )


def template_named(key: str) -> Template:
    """Return a template. Raises InvalidInput naming those there are."""
    found = templates().get(key)
    if found is None:
        raise InvalidInput(
            "There is no template '%(key)s'. There are: %(templates)s.",
            key=key,
            templates=", ".join(sorted(templates())),
            errors={"template": [Sentence("unknown template")]},
        )
    return found


def template_of(version: Version) -> Template:
    """Return the template a text was written in; one that is gone has no fields any more."""
    key = version.template or (PLAIN if set(version.parts) == {"body"} else DEFAULT)
    return templates().get(key) or Template(key, key, "", ())


def shown_parts(version: Version, reader: Reader) -> list[ShownPart]:
    """Return what `reader` may read of a text, in the template's order: the one rule for every page and file.

    Text in a field the template no longer has stays readable for colleagues, and for nobody outside.
    """
    template = template_of(version)
    leftover = [name for name in version.parts if template.field(name) is None]
    fields = [*template.fields, *(_leftover(name, template) for name in leftover)]
    return [
        ShownPart(field, version.parts[field.name])
        for field in fields
        if version.parts.get(field.name) and may_read(field, reader)
    ]


def readable_parts(version: Version, reader: Reader) -> dict[str, str]:
    """Return what `reader` may read of a text, by field name."""
    return {part.field.name: part.text for part in shown_parts(version, reader)}


def writable_fields(template: Template, writer: Agent) -> list[Field]:
    """Return the fields `writer` is shown in an editor."""
    return [field for field in template.fields if may_read(field, writer)]


def may_read(field: Field, reader: Reader) -> bool:
    """Return whether `reader` gets what is written in `field`."""
    if isinstance(reader, Audience):
        return field.readable_at(reader)
    return field.readable_inside(Standing(reader.licence, reader.roles))


def leftover_fields(version: Version, reader: Reader) -> list[Field]:
    """Return the fields this text was once written in and its template no longer has, as far as readable."""
    template = template_of(version)
    gone = [_leftover(name, template) for name in version.parts if template.field(name) is None]
    return [field for field in gone if may_read(field, reader)]


def _leftover(name: str, template: Template) -> Field:
    """For colleagues alone, and for those alone who could read it while it was there."""
    known = next((field for field in template.retired if field.name == name), None)
    label = known.label if known else name.replace("_", " ").capitalize()
    readers = known.readers if known else ()
    return Field(
        name, Sentence("%(label)s (earlier field)", label=label), audience=Audience.INTERNAL, readers=readers
    )


def _load() -> dict[str, Template]:
    rows = db.session.execute(select(TemplateRow)).scalars()
    own = {
        row.key: Template(
            row.key,
            row.name,
            row.description,
            fields_from_json(row.fields),
            row.governance,
            fields_from_json(row.fields, retired=True),
        )
        for row in rows
    }
    return {**SHIPPED, **own}
