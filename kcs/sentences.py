"""Sentences for people: made where no language is known yet, said in the reader's at the edge.

The English text is what scripts, logs and tests see; pages translate what it was made of
(`kcs.i18n.translated`). The literal handed to `Sentence` and `counted`, and to the errors of `kcs.errors`,
is the message translators get, so values go in by name, "%(key)s is archived.", and never by an f-string.
"""

from __future__ import annotations

from collections.abc import Iterable


class Sentence(str):
    """An English sentence that remembers its template and values; a value may be a Sentence itself."""

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: dict[str, object]
    many: str
    number: int

    def __new__(cls, template: str, /, **values: object) -> Sentence:
        """Put the values into the template. Raises KeyError when one is missing."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values, made.many, made.number = template, values, "", 1
        return made


def counted(one: str, many: str, number: int, /, **values: object) -> Sentence:
    """Return a sentence about `number` things; the number itself is the value `num`."""
    made = Sentence(one if number == 1 else many, num=number, **values)
    made.template, made.many, made.number = one, many, number
    return made


def listed(separator: str, parts: Iterable[str]) -> Sentence:
    """Return the parts one after the other; each that is a Sentence is translated by itself."""
    named = {f"part{place}": part for place, part in enumerate(parts)}
    return Sentence(separator.join(f"%({name})s" for name in named), **named)
