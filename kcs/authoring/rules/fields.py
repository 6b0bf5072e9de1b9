"""What the content standard asks of the fields of a template: filled, and with nobody's data in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kcs.articles.layout import may_read
from kcs.articles.structure import Need
from kcs.authoring.rules.found import Found
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from kcs.privacy.gate import check_text


def empty_fields(need: Need) -> Callable[[Draft, Agent], Iterator[Found]]:
    def test(draft: Draft, writer: Agent) -> Iterator[Found]:
        for field in draft.template.fields:
            if field.need is need and may_read(field, writer) and not draft.part(field.name).strip():
                yield Found(field.name, field.label)

    return test


def personal_data(draft: Draft, _writer: Agent) -> Iterator[Found]:
    outside = {name: text for name, text in draft.parts.items() if draft.goes_outside(name)}
    found = check_text(draft.article, draft.title, outside, draft.tags, own_contacts=draft.own_contacts)
    for each in found:
        if each.blocks:
            yield Found(each.field, f"{each.kind}: {each.value}")
