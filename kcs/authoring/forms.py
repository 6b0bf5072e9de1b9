"""The form an article is written in: on its own page, within a ticket, and beside another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles.domains import domain_of, domains, general_domain
from kcs.articles.history import get_version
from kcs.articles.layout import (
    leftover_fields,
    offered_templates,
    readable_parts,
    template_named,
    template_of,
    templates,
    writable_fields,
)
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.articles.structure import Field, Need, Template
from kcs.authoring.beside import beside_editor
from kcs.authoring.checklist import examine
from kcs.authoring.merging import TITLE, differences
from kcs.authoring.models import UnsavedText
from kcs.authoring.queries import NEW, origin_of, unsaved_text
from kcs.authoring.similar import Similar
from kcs.authoring.typed import Draft, Typed, read_form
from kcs.errors import InvalidInput, KcsError, NotFound, StaleVersion
from kcs.people.access import current_agent
from kcs.sentences import Sentence

NEEDS = {
    Need.ANSWER: Sentence("needed for review"),
    Need.REQUIRED: Sentence("needed to validate"),
    Need.ADVISED: Sentence("advised"),
    Need.OPTIONAL: "",
}
SIGNIFICANCE = [
    ("", Sentence("Not said")),
    ("typo", Sentence("Typing errors only")),
    ("wording", Sentence("Wording: the same said better")),
    ("fact", Sentence("Fact: it says something else now")),
]


@dataclass(frozen=True)
class Frame:
    """Where an editor stands: its heading, where "Cancel" leads, and what its button says.

    `short`: without choice of template, note and significance, as within a ticket.
    """

    heading: str
    back: str
    button: str = Sentence("Save")
    short: bool = False


def frame_of(article: Article | None) -> Frame:
    """Return the frame of the article's own editor."""
    if article is None:
        return Frame(Sentence("New article"), url_for("articles.list_articles"))
    return Frame(Sentence("Edit %(key)s", key=article.key), url_for("articles.show", key=article.key))


def edited() -> Typed:
    """Return what the form that was sent holds."""
    return read_form(request.form)


def whole_parts(article: Article, typed: Typed) -> dict[str, str]:
    """Return the text as far as the writer may see it: what was sent over what the form did not show."""
    return {**readable_parts(article.current_version, current_agent()), **typed.parts}


def filled_parts(typed: Typed) -> dict[str, str]:
    """Return the fields of a new article that hold something."""
    return {name: text for name, text in typed.parts.items() if text.strip()}


def edit_form(article: Article | None, frame: Frame | None = None) -> str:
    """Show the form with the present text, empty for a new article, or with the text kept from earlier."""
    kept = unsaved_text(current_agent(), article.key if article else NEW)
    if kept is not None and request.args.get("unsaved"):
        return render_form(article, _from_kept(kept), frame)
    return render_form(article, opened(article), frame, kept=kept)


def refused_edit(article: Article | None, error: KcsError, frame: Frame | None = None) -> ResponseReturnValue:
    """Show the form with everything that was typed, and what was wrong with it.

    When somebody else saved in between, both texts are shown side by side, to be put together.
    """
    typed = edited()
    if article is not None and isinstance(error, StaleVersion):
        return _merge_page(article, typed, frame or frame_of(article), error), error.status
    errors = dict(error.errors) if isinstance(error, InvalidInput) else {}
    problem = "" if errors else error.message
    return render_form(article, typed, frame, errors=errors, problem=problem), error.status


def render_form(
    article: Article | None,
    typed: Typed,
    frame: Frame | None = None,
    *,
    errors: Mapping[str, object] | None = None,
    problem: str = "",
    kept: UnsavedText | None = None,
    alike: Iterable[Similar] = (),
) -> str:
    """Show the form with these entries."""
    draft = draft_of(article, typed)
    return render_template(
        "authoring/edit.html",
        article=article,
        typed=typed,
        draft=draft,
        frame=frame or frame_of(article),
        fields=fields_of(article, draft),
        needs=NEEDS,
        subject=article.key if article else NEW,
        errors=errors or {},
        problem=problem,
        kept=kept,
        alike=list(alike),
        beside=beside_editor(article, current_agent()) if article else [],
        checks=examine(draft, current_agent()),
        origin=origin_of(article) if article else None,
        significance=SIGNIFICANCE,
        templates=_template_options(draft.template),
        domains=[(each.key, each.name) for each in domains()],
        domain=typed.details.get("domain") or general_domain().key,
    )


def draft_of(article: Article | None, typed: Typed) -> Draft:
    """Return the text as it stands in the editor, with the template it is written in."""
    tags = tuple(article.tags) if article else typed.tags
    own: tuple[str, ...] = current_app.config["KCS"].public_contacts
    return Draft(article, typed.title, typed.parts, _template(article, typed), tags, own)


def switched(typed: Typed) -> Typed:
    """Return the same entries with the template that was asked for: another domain brings its own."""
    domain = typed.details.get("domain", "")
    kept_template = request.form.get("template") == request.form.get("shown_template")
    if kept_template and domain and domain != request.form.get("shown_domain"):
        return replace(typed, template=_domain_template(typed))
    return typed


def fields_of(article: Article | None, draft: Draft) -> list[Field]:
    """Return the fields to show: the template's, and those of an earlier one that still hold text."""
    held = readable_parts(article.current_version, current_agent()) if article else {}
    filled = {name: text for name, text in draft.parts.items() if text.strip()}
    whole = replace(draft, parts={**held, **filled}).as_version()
    return [*writable_fields(draft.template, current_agent()), *leftover_fields(whole, current_agent())]


def _template(article: Article | None, typed: Typed) -> Template:
    """Return what was chosen; one that is gone meanwhile must not keep a text from being shown."""
    chosen = templates().get(typed.template)
    if chosen is not None:
        return chosen
    return template_of(article.current_version) if article else template_named(_domain_template(typed))


def _domain_template(typed: Typed) -> str:
    known = {each.key: each for each in domains()}
    return known.get(typed.details.get("domain", ""), general_domain()).template


def _template_options(present: Template) -> list[tuple[str, str]]:
    """Return what may be chosen; the present one too when it is no longer offered."""
    options = {each.key: each.name for each in [present, *offered_templates()]}
    return sorted(options.items(), key=lambda option: option[1])


def opened(article: Article | None) -> Typed:
    """Return what an editor holds when it is opened: the present text, or what the address says of it."""
    if article is None and request.args.get("translation_of"):
        return _to_translate(get_article(request.args["translation_of"], current_agent()))
    if article is None:
        told = ("domain", "writing_request")
        details = {name: request.args[name] for name in told if request.args.get(name)}
        return Typed(
            request.args.get("title", ""), {}, template=request.args.get("template", ""), details=details
        )
    version = article.current_version
    return Typed(version.title, readable_parts(version, current_agent()), base=version.number)


def _to_translate(source: Article) -> Typed:
    """Return the text to write a translation over; its language is what nobody has said yet."""
    version, domain = source.current_version, domain_of(source).key
    details = {"translation_of": source.key, "domain": domain, "tags": ", ".join(source.tags)}
    parts = readable_parts(version, current_agent())
    return Typed(version.title, parts, template=template_of(version).key, details=details)


def _from_kept(kept: UnsavedText) -> Typed:
    return Typed(kept.title, kept.parts, kept.base, kept.template, kept.details)


def _merge_page(article: Article, typed: Typed, frame: Frame, error: KcsError) -> str:
    draft = draft_of(article, typed)
    present = article.current_version
    fields = fields_of(article, draft)
    theirs = {TITLE: present.title, **readable_parts(present, current_agent())}
    mine = {**theirs, **_trimmed(typed), TITLE: typed.title}
    labels = {TITLE: Sentence("Title"), **{field.name: field.label for field in fields}}
    found = differences(_begun_from(article, typed), mine, theirs, labels)
    return render_template(
        "authoring/merge.html",
        article=article,
        typed=typed,
        draft=draft,
        frame=frame,
        present=present,
        problem=error.message,
        found=found,
        same=[field for field in fields if field.name not in {each.name for each in found}],
        same_title=all(each.name != TITLE for each in found),
        parts=mine,
        needs=NEEDS,
        subject=article.key,
        significance=SIGNIFICANCE,
    )


def _trimmed(typed: Typed) -> dict[str, str]:
    """A field with nothing but white space is kept as empty: it is no difference."""
    return {name: text if text.strip() else "" for name, text in typed.parts.items()}


def _begun_from(article: Article, typed: Typed) -> dict[str, str]:
    """Return the text the edit began from, empty where its number is none of the article's."""
    try:
        version = get_version(article, typed.base)
    except NotFound:
        return {}
    return {TITLE: version.title, **readable_parts(version, current_agent())}
