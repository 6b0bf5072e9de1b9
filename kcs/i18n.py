"""The interface's language: which there are, which one this request is answered in, and what is said in it.

The order: what somebody chose for themselves, what their browser asks for, what the page itself is written
in, English. Only pages are translated. The JSON API, the command line and the log are English, as scripts
read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, gettext, ngettext, refresh

from kcs import words
from kcs.sentences import Sentence

# How each language calls itself.
LANGUAGES = {"en": "English", "es": "Español", "id": "Bahasa Indonesia", "he": "עברית"}
ENGLISH = "en"
# English as we write it: the day before the month.
LOCALES = {ENGLISH: "en_GB"}
# What some systems still call them.
FORMER_TAGS = {"iw": "he", "in": "id"}
THEMES = ("light", "dark")

babel = Babel()


def wire(app: Flask) -> None:
    """Give every template and page `_()` in the reader's language, dates and numbers as it writes them."""
    babel.init_app(app, default_locale=LOCALES[ENGLISH], locale_selector=_locale)
    # What services say comes as Sentence: a template that shows one shows it in the reader's language.
    app.jinja_env.finalize = _shown
    app.jinja_env.filters.update(
        translated=translated,
        shipped=shipped,
        language_name=language_name,
        day=day,
        moment=moment,
        clock=clock,
        number=number,
        percent=percent,
    )
    app.jinja_env.globals["WORDS"] = words
    app.context_processor(_layout)


def language() -> str:
    """Return the language of this answer, one of LANGUAGES."""
    found = get_locale()
    return found.language if found is not None and found.language in LANGUAGES else ENGLISH


def fall_back_to(tag: str) -> None:
    """Answer in the language of what is read (as in `pt-BR`) where the reader asks for none that we have."""
    g.fallback_language = tag.replace("_", "-").split("-")[0].lower()
    refresh()


def translated(said: str) -> str:
    """Return a sentence in the reader's language; what is no Sentence comes back as it is."""
    if not isinstance(said, Sentence):
        return said
    values = {
        name: translated(value) if isinstance(value, str) else value for name, value in said.values.items()
    }
    if said.many:
        return ngettext(said.template, said.many, said.number, **_without_number(values))
    return gettext(said.template, **values)


def shipped(words: str) -> str:
    """Return words that came with the product in the reader's language, an organisation's own as they are."""
    return gettext(words) if words else words


def language_name(tag: str) -> str:
    """Return what the reader's language calls a language (`pt-BR`: Portuguese (Brazil)); unknown, its tag."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(_now_in()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def day(when: date) -> str:
    """Return a day as the reader's language writes it: 3 Mar 2026."""
    return format_date(when, "medium", locale=_now_in())


def short_day(when: date) -> str:
    """Return a day as the reader's language writes it in numbers, as short as it goes: 03/03/26."""
    locale = _now_in()
    pattern = str(locale.date_formats["short"].pattern)
    return format_date(when, pattern if "yy" in pattern else pattern.replace("y", "yy"), locale=locale)


def brief_day(when: date) -> str:
    """Return a day as the reader's language writes it without its year: 3 Mar."""
    return format_skeleton("MMMd", when, locale=_now_in())


def days(first: date, last: date) -> str:
    """Return a span of days with the year at its end, as the reader's language writes it."""
    return format_interval(first, last, "yMMMd", locale=_now_in())


def month(when: date) -> str:
    """Return a month as the reader's language writes it: Mar 2026."""
    return format_skeleton("yMMM", when, locale=_now_in())


def quarter(when: date) -> str:
    """Return a quarter as the reader's language writes it: Q1 2026."""
    return format_skeleton("yQQQ", when, locale=_now_in())


def moment(when: datetime) -> str:
    """Return a moment in UTC as the reader's language writes it; the page makes it the reader's own time."""
    return _day_and_time(when, " UTC")


def clock(when: datetime, zone: tzinfo) -> str:
    """Return a moment as a clock in a zone shows it, without the zone: for where that is named beside it."""
    return _day_and_time(when.astimezone(zone))


def _day_and_time(when: datetime, zone: str = "") -> str:
    locale = _now_in()
    time = format_time(when, "HH:mm", locale=locale) + zone
    pattern = str(get_datetime_format("medium", locale=locale))
    return pattern.format(time, format_date(when, "medium", locale=locale))


def number(value: float, decimals: int | None = None) -> str:
    """Return a number with the separators of the reader's language, its decimals or so many of them."""
    pattern = None if decimals is None else f"#,##0.{'0' * decimals}"
    return format_decimal(value, format=pattern, locale=_now_in())


def percent(share: float, decimals: int = 0) -> str:
    """Return a share (0.5 is half) in per cent as the reader's language writes it, halves rounded up."""
    locale = _now_in()
    pattern = "#,##0 %" if locale.language == ENGLISH else locale.percent_formats[None].pattern
    rounded = Decimal(str(share)).quantize(Decimal(1).scaleb(-2 - decimals), ROUND_HALF_UP)
    return format_percent(
        rounded, pattern.replace("##0", "##0." + "0" * decimals) if decimals else pattern, locale=locale
    )


def _now_in() -> Locale:
    return get_locale() or Locale.parse(LOCALES[ENGLISH])


def _locale() -> str:
    chosen = _chosen() if has_request_context() else ENGLISH
    return LOCALES.get(chosen, chosen)


def _chosen() -> str:
    own = getattr(g.get("agent"), "language", None)
    fallback = g.get("fallback_language", ENGLISH)
    return next((tag for tag in (own, *_asked_for(), fallback) if tag in LANGUAGES), ENGLISH)


def _asked_for() -> Iterator[str]:
    """Yield what the browser asks for, the dearest first; of two it likes alike, the one it names first."""
    for tag, quality in request.accept_languages:
        name = tag.replace("_", "-").split("-")[0].lower()
        if quality:
            yield FORMER_TAGS.get(name, name)


def _shown(value: Any) -> Any:
    return translated(value) if isinstance(value, Sentence) else value


def _without_number(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "num"}


def _layout() -> dict[str, str]:
    """Return what the frame of every page needs to know of its reader."""
    locale = _now_in()
    theme = getattr(g.get("agent"), "theme", None)
    return {
        "lang": str(locale).replace("_", "-"),
        "script_words": language(),
        "text_direction": locale.text_direction,
        "theme": theme if theme in THEMES else "",
    }
