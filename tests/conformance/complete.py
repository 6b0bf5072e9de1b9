"""What a provider still lacks, in words: compared with the ports, the rules and what every vendor has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from kcs import ports
from kcs.i18n import LANGUAGES
from kcs.translations import catalogues
from tests.conformance import desk_rules, help_centre_rules
from tests.conformance.exceptions import Rules

ROOT = Path(__file__).parents[2]
PARTS: tuple[type, ...] = (
    ports.TicketSource,
    ports.StaffDirectory,
    ports.DeskWriter,
    ports.HelpCentre,
    ports.WebhookAdmin,
    ports.DeskApp,
)
RULES: tuple[type[Rules], ...] = (desk_rules.DeskRules, help_centre_rules.HelpCentreRules)
# What every vendor has beside its code, by the name of the provider.
FILES = {
    "docs/{name}.md": "its page of the documentation",
    "docs/{name}-connecting.md": "how it is connected, step by step",
    "integrations/{name}/emulator/__main__.py": "its emulator, which can be started by hand",
    "tests/integrations/{name}/emulator": "the tests of its emulator",
    "tests/conformance/test_{name}.py": "its run of the rules",
}


@dataclass(frozen=True)
class Pieces:
    """What there is of a provider: itself, its modules, and the classes that run rules for it."""

    provider: object
    modules: tuple[object, ...]
    suites: tuple[type, ...]
    root: Path = ROOT

    @property
    def name(self) -> str:
        """What it is called; its class where it has no name."""
        return str(getattr(self.provider, "name", type(self.provider).__name__))


def pieces_of(provider: object) -> Pieces:
    """Find what there is of a provider by its name."""
    name = getattr(provider, "name", "")
    tests = f"tests.conformance.test_{name}"
    suites = _classes([import_module(tests)]) if find_spec(tests) else iter(())
    return Pieces(provider, tuple(_modules(f"integrations.{name}")), tuple(suites))


def missing(pieces: Pieces) -> list[str]:
    """Return everything that is lacking, a line each; nothing for a provider that is complete."""
    return [
        *_missing_of_the_provider(pieces.provider),
        *_missing_of_its_words(getattr(pieces.provider, "set_up", None)),
        *(line for part in _needed(pieces) for line in _missing_of_a_part(part, pieces.modules)),
        *_missing_rules(pieces.suites),
        *_missing_files(pieces),
    ]


def _missing_of_the_provider(provider: object) -> Iterator[str]:
    if not getattr(provider, "name", ""):
        yield "Provider.name: it has no name"
    for name, wanted in _methods(ports.Provider).items():
        present = getattr(provider, name, None)
        if present is None:
            yield f"Provider.{name}: {_purpose(wanted)}"
            continue
        lacks = set(inspect.signature(wanted).parameters) - {"self"} - set(_parameters(present))
        if lacks:
            yield f"Provider.{name}: it takes no {', '.join(sorted(lacks))}"


def _missing_of_its_words(set_up: object) -> Iterator[str]:
    if not isinstance(set_up, ports.SetUp):
        yield "Provider.set_up: how an account is connected, in words"
        return
    for name in ("label", "domain", "steps", "pasted_token"):
        if not getattr(set_up, name):
            yield f"Provider.set_up.{name}: it is empty"
    for language in sorted(set(LANGUAGES) - {"en"}):
        catalogue = catalogues.read(language)
        for words in (*set_up.steps, set_up.pasted_token):
            message = catalogue.get(str(words))
            if words and (message is None or not message.string):
                yield f"Provider.set_up: no translation into '{language}' of: {words}"


def _needed(pieces: Pieces) -> Iterator[type]:
    yield from PARTS
    set_up = getattr(pieces.provider, "set_up", None)
    if isinstance(set_up, ports.SetUp) and set_up.signs_in is ports.SignsIn.AUTHORISATION:
        yield ports.Authorisation


def _missing_of_a_part(part: type, modules: Iterable[object]) -> Iterator[str]:
    """Name the methods that the class nearest to a port lacks."""
    wanted = _methods(part)
    nearest = max(
        ({name for name in wanted if callable(getattr(each, name, None))} for each in _classes(modules)),
        key=len,
        default=set(),
    )
    for name, method in wanted.items():
        if name not in nearest:
            yield f"{part.__name__}.{name}: {_purpose(method)}"


def _missing_rules(suites: Iterable[type]) -> Iterator[str]:
    run = tuple(suites)
    for rules in RULES:
        mine = [each for each in run if issubclass(each, rules) and each is not rules]
        if not mine:
            yield f"{rules.__name__}: no class runs these rules"
        for each in mine:
            if not hasattr(each, "harness"):
                yield f"{each.__name__}: no harness, by which the rules reach the vendor's side"


def _missing_files(pieces: Pieces) -> Iterator[str]:
    for pattern, purpose in FILES.items():
        path = pattern.format(name=pieces.name)
        if not (pieces.root / path).exists():
            yield f"{path}: {purpose}"
    index = pieces.root / "docs" / "README.md"
    if not index.exists() or f"({pieces.name}.md)" not in index.read_text("utf-8"):
        yield f"docs/README.md: a link to {pieces.name}.md"


def _methods(port: type) -> Mapping[str, Callable[..., object]]:
    return {
        name: each
        for name, each in vars(port).items()
        if inspect.isfunction(each) and not name.startswith("_")
    }


def _parameters(method: object) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(method).parameters if callable(method) else {}


def _purpose(method: object) -> str:
    """The first sentence of what a port says of a method."""
    lines = (inspect.getdoc(method) or "").splitlines()
    return lines[0] if lines else "see the port"


def _modules(package: str) -> Iterator[ModuleType]:
    if find_spec(package) is None:
        return
    found = import_module(package)
    yield found
    for each in walk_packages(found.__path__, f"{package}."):
        if ".emulator" not in each.name and not each.name.endswith("__main__"):
            yield import_module(each.name)


def _classes(modules: Iterable[object]) -> Iterator[type]:
    for module in modules:
        yield from (each for each in vars(module).values() if inspect.isclass(each) and _is_own(each))


def _is_own(each: type) -> bool:
    return not getattr(each, "_is_protocol", False)
