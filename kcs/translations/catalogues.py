"""The catalogues of the interface: gather every message, keep the .po files, compile what the pages read.

`make translations` runs it after words have changed; docs/translating.md tells the rest.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from kcs.articles.structure import SHIPPED

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "static" / "words"
Text = str | list[str] | tuple[str, ...] | None
LANGUAGES = ("es", "id", "he")
METHODS = [
    ("kcs/static/*.js", "javascript"),
    ("kcs/**/templates/**.html", "jinja2"),
    # What only the command line and the API say stays English.
    ("kcs/articles/formats/**.py", "ignore"),
    ("kcs/articles/import*.py", "ignore"),
    ("kcs/articles/taking.py", "ignore"),
    ("kcs/articles/export_files.py", "ignore"),
    ("kcs/solving/past_tickets*.py", "ignore"),
    ("kcs/**/commands.py", "ignore"),
    ("kcs/**/api.py", "ignore"),
    ("kcs/lines.py", "ignore"),
    ("kcs/demo/**.py", "ignore"),
    ("kcs/search/tuning.py", "ignore"),
    ("kcs/**.py", "python"),
    ("integrations/addresses.py", "python"),
    ("integrations/freshdesk/help_centre*.py", "python"),
    ("integrations/freshdesk/refusals.py", "python"),
    ("integrations/freshdesk/rights.py", "python"),
    ("integrations/freshdesk/set_up.py", "python"),
    ("integrations/freshdesk/webhook_admin.py", "python"),
    ("integrations/freshdesk/writer.py", "python"),
    ("integrations/http.py", "python"),
    ("integrations/replies.py", "python"),
    ("integrations/zendesk/client.py", "python"),
    ("integrations/zendesk/oauth.py", "python"),
    ("integrations/zendesk/webhook_admin.py", "python"),
    ("workflow/**.py", "python"),
]
# Whatever takes a message first: functions that translate, sentences, and the errors people meet.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "Sentence": None,
    "counted": (1, 2),
    "said": None,
    **dict.fromkeys(
        (
            "NotFound",
            "NotAllowed",
            "NotSignedIn",
            "WorkflowError",
            "StaleVersion",
            "InvalidInput",
            "BadRequest",
            "TooLarge",
        )
    ),
}
OPTIONS = {
    "kcs/**/templates/**.html": {
        "silent": "true",
        "extensions": "jinja2.ext.i18n",
        "newstyle_gettext": "true",
    }
}
# One moment for all files, so that only words make a difference.
BEGUN = datetime(2026, 11, 22, tzinfo=UTC)
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_PLACE = re.compile(r"%\(\w+\)[sd]")
_FREE_PLACE = re.compile(r"""(?<![="'/])%\(\w+\)[sd]""")


def extract() -> Catalog:
    """Return every message of the programs, pages and scripts, and the help of shipped templates."""
    found = Catalog(charset="utf-8")
    for path, _line, message, comments, context in extract_from_dir(
        ROOT, METHODS, OPTIONS, KEYWORDS, ("Translators:",)
    ):
        if not path.startswith("kcs/translations/"):
            found.add(message, auto_comments=comments, context=context)
    for template in SHIPPED.values():
        for help_words in (template.description, *(field.help for field in template.fields)):
            if help_words:
                found.add(help_words)
    return found


def script_messages() -> list[str]:
    """Return the messages that scripts say, in order."""
    found = extract_from_dir(ROOT, METHODS[:1], {}, {"gettext": None})
    return sorted(
        {message for _path, _line, message, _comments, _context in found if isinstance(message, str)}
    )


def po_file(language: str) -> Path:
    """Return where the translations of a language are written."""
    return HERE / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Return the translations of a language, empty for a new one."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as lines:
        return read_po(lines, locale=language)


def write(language: str, catalog: Catalog) -> None:
    """Write the translations of a language, sorted, so that two branches meet without conflict."""
    content = io.BytesIO()
    write_po(
        content,
        catalog,
        width=110,
        no_location=True,
        omit_header=False,
        sort_output=True,
        ignore_obsolete=True,
    )
    po_file(language).parent.mkdir(parents=True, exist_ok=True)
    po_file(language).write_bytes(content.getvalue())


def update(language: str, messages: Catalog) -> Catalog:
    """Return the language's catalogue with exactly these messages; what is new is empty."""
    known = read(language)
    fresh = Catalog(
        locale=language,
        project="kcs-engine",
        version="1",
        copyright_holder="the authors of kcs-engine",
        header_comment=f"# {Locale.parse(language).english_name} translations of kcs-engine, Apache-2.0.",
        msgid_bugs_address="the issues of kcs-engine",
        fuzzy=False,
        last_translator="the authors of kcs-engine",
        language_team="kcs-engine",
        creation_date=BEGUN,
        revision_date=BEGUN,
        charset="utf-8",
    )
    for message in messages:
        if message.id:
            before = known.get(message.id, message.context)
            same = before is not None and before.pluralizable == message.pluralizable
            fresh.add(
                message.id, before.string if before and same else None, auto_comments=message.auto_comments
            )
    return fresh


def compiled(language: str) -> bytes:
    """Return the .mo of a language. Right to left, values keep their own direction inside isolates."""
    catalog = read(language)
    if Locale.parse(language).text_direction == "rtl":
        for message in catalog:
            if message.id:
                message.string = _isolated(message.string)
    content = io.BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def script_words(language: str) -> str:
    """Return the script that hands the words of a language to the other scripts."""
    catalog = read(language)
    words = {
        each: found.string for each in script_messages() if (found := catalog.get(each)) and found.string
    }
    return f"globalThis.kcsWords = {json.dumps(words, ensure_ascii=False, indent=1)};\n"


def mo_file(language: str) -> Path:
    """Return where the compiled translations of a language are."""
    return po_file(language).with_suffix(".mo")


def script_file(language: str) -> Path:
    """Return where the words of the scripts in a language are."""
    return SCRIPTS / f"{language}.js"


def faults(language: str, messages: Catalog) -> Iterator[str]:
    """Yield in words what is missing or wrong in a language's catalogue."""
    catalog = read(language)
    for message in messages:
        if message.id:
            yield from (f"{language}: {fault}" for fault in _faults_of(message, catalog))
    for message in catalog:
        if message.id and messages.get(message.id, message.context) is None:
            yield f"{language}: no longer said: {message.id!r}"


def _faults_of(message: Message, catalog: Catalog) -> Iterator[str]:
    found = catalog.get(message.id, message.context)
    if found is None or not all(_forms(found.string)):
        yield f"not translated: {message.id!r}"
        return
    english = _forms(message.id)
    for text in _forms(found.string):
        if _places(text) != _places(english[-1]):
            yield f"other placeholders than the English has: {text!r}"
        if '"' in text and '"' not in "".join(english):
            yield f"a straight quote would end an attribute, use typographic ones: {text!r}"


def _forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _places(text: str) -> set[str]:
    """Return the values a text names; a form for one thing may leave the number out."""
    return set(_PLACE.findall(text)) - {"%(num)s", "%(num)d"}


def _isolated(text: Text) -> str | tuple[str, ...]:
    if isinstance(text, str):
        return _FREE_PLACE.sub(lambda found: FIRST_STRONG_ISOLATE + found[0] + POP_ISOLATE, text)
    return tuple(str(_isolated(each)) for each in text or ())


def main() -> None:
    """Gather, write and compile everything; say what waits for a translator."""
    messages = extract()
    SCRIPTS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        write(language, update(language, messages))
        mo_file(language).write_bytes(compiled(language))
        script_file(language).write_text(script_words(language), encoding="utf-8")
        for fault in faults(language, messages):
            print(fault)  # noqa: T201 - what a translator is to do, on their terminal


if __name__ == "__main__":
    main()
