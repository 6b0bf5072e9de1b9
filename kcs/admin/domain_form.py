"""The form of a knowledge domain: its settings as they are, and as somebody has typed them."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from kcs.articles.policy import Domain, Expiry
from kcs.articles.policy_acts import DomainSettings
from kcs.errors import InvalidInput
from kcs.sentences import Sentence


def settings_of(found: Domain) -> DomainSettings:
    """Return the settings of a domain as its form shows them."""
    return DomainSettings(
        found.name,
        found.template,
        tuple(found.tags),
        found.check_days,
        found.expiry,
        found.flag_days,
        found.review_days,
        found.validate_after,
        found.publish_after,
        found.others_validate,
        tuple(expert.id for expert in found.experts),
        tuple(found.claims),
    )


def posted_domain(form: MultiDict[str, str]) -> DomainSettings:
    """Return what was typed. Raises InvalidInput for what should be a number and is none."""
    expiry = form.get("expiry", "")
    return DomainSettings(
        form.get("name", ""),
        form.get("template", ""),
        _words(form, "tags"),
        check_days=_number(form, "check_days"),
        expiry=Expiry(expiry) if expiry in list(Expiry) else Expiry.ASK_OWNER,
        flag_days=_needed(form, "flag_days"),
        review_days=_needed(form, "review_days"),
        validate_after=_number(form, "validate_after"),
        publish_after=_number(form, "publish_after"),
        others_validate="others_validate" in form,
        experts=tuple(int(each) for each in form.getlist("experts") if each.isdecimal()),
        claims=_words(form, "claims"),
    )


def _words(form: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in form.get(name, "").split(",") if word.strip())


def _number(form: MultiDict[str, str], name: str) -> int | None:
    """Return the number of a field that may be empty."""
    return _needed(form, name) if form.get(name, "").strip() else None


def _needed(form: MultiDict[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not text.isdecimal() or len(text) > 5:
        raise InvalidInput(
            "'%(text)s' is no whole number.", text=text, errors={name: [Sentence("a whole number")]}
        )
    return int(text)
