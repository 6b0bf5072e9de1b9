"""`kcs articles`: take articles over from files, and write them to files."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from kcs import database
from kcs.articles import exports
from kcs.articles.export_files import LINES, Format, export, place_of
from kcs.articles.exports import Selection
from kcs.articles.formats import html, jsonl, markdown
from kcs.articles.formats.folder import Folder, Source
from kcs.articles.formats.pictures import Pictures
from kcs.articles.imports import Outcome, import_sources
from kcs.articles.queries import STATE_FILTERS
from kcs.articles.taking import Done, Taker
from kcs.lines import count_lines, lines_of
from kcs.progress import counting
from workflow.article import ArticleState, Audience

SUFFIXES = {
    **dict.fromkeys(markdown.SUFFIXES, Format.MARKDOWN),
    **dict.fromkeys(html.SUFFIXES, Format.HTML),
}
FORMATS = click.Choice([form.value for form in Format])


@click.group()
def articles() -> None:
    """Articles."""


@articles.command("import")
@click.argument("path", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--format", "form", type=FORMATS, help="What PATH holds; guessed from its name.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and take all of it back.")
@click.option("--update/--no-update", help="Bring changed texts in as new versions.")
@click.option("--make-domains", is_flag=True, help="Make the domains that are not here.")
@click.option(
    "--report",
    type=click.File("w", encoding="utf-8", errors="backslashreplace"),
    help="Write what was refused to this file, as JSON lines.",
)
@click.option("--json", "as_json", is_flag=True)
def import_(
    path: Path,
    form: str | None,
    dry_run: bool,
    update: bool,
    make_domains: bool,
    report: IO[str] | None,
    as_json: bool,
) -> None:
    """Take over the articles in PATH: a JSONL file, a folder of Markdown files or of pages, or one of these.

    What is refused is named with its place and reason; the rest is taken. Exit status 1 when any was.
    The same again takes nothing twice, and nothing that was written here is overwritten.
    """
    counts: Counter[Done] = Counter()
    taker = Taker(update=update, make_domains=make_domains)
    with ExitStack() as stack:
        sources, total = _sources(path, Format(form) if form else _guessed(path), stack)
        counted = stack.enter_context(counting("Importing", total))
        for outcome in import_sources(sources, taker, dry_run=dry_run):
            counts[outcome.done] += 1
            counted(1)
            if outcome.problem is not None:
                _refuse(outcome, report)
    _sum_up(counts, dry_run=dry_run, as_json=as_json)
    if counts[Done.REFUSED]:
        raise SystemExit(1)


@articles.command("export")
@click.argument("target", required=False, type=click.Path(allow_dash=True, path_type=Path))
@click.option("--format", "form", type=FORMATS, default=Format.JSONL.value, show_default=True)
@click.option("--state", type=click.Choice([state.value for state in STATE_FILTERS]))
@click.option(
    "--audience",
    type=click.Choice([Audience.INTERNAL.value, Audience.PUBLIC.value]),
    default=Audience.INTERNAL.value,
    show_default=True,
    help="internal: everything; public: what visitors may read, and no person.",
)
@click.option("--domain", help="Articles of this domain alone, by its key.")
@click.option("--history/--no-history", default=True, help="All versions, in jsonl.  [default: history]")
@click.option("--images/--no-images", default=True, help="The pictures, in a folder.  [default: images]")
@click.option("--json", "as_json", is_flag=True)
def export_(
    target: Path | None,
    form: str,
    state: str | None,
    audience: str,
    domain: str | None,
    history: bool,
    images: bool,
    as_json: bool,
) -> None:
    """Write articles to TARGET: a file of JSON lines, or a new folder of Markdown files or pages.

    Without TARGET, lines go to standard output, without pictures.
    """
    chosen = Format(form)
    place = place_of(target, chosen) if target is not None and str(target) != "-" else None
    if place is None and chosen is not Format.JSONL:
        raise click.UsageError(f"Name a folder for the {chosen} files.")
    selection = Selection(Audience(audience), ArticleState(state) if state else None, domain, history)
    with database.reading(), counting("Exporting", exports.count(selection)) as counted:
        try:
            written = export(place, chosen, selection, images=images, on_article=counted)
        except OSError as error:
            raise click.ClickException(f"{error.filename or place}: {error.strerror}") from error
    said = f"{written.articles} articles and {written.pictures} pictures written."
    click.echo(json.dumps(asdict(written)) if as_json else said, err=place is None)


def _guessed(path: Path) -> Format:
    """Return what a path holds by its suffix; a folder by the first file with one we know."""
    if path.is_dir():
        if (path / LINES).is_file():
            return Format.JSONL
        first = next(Folder(path).files(*SUFFIXES), None)
        if first is None:
            raise click.UsageError(f"{path} holds no {', '.join(SUFFIXES)} files.")
        return SUFFIXES[first.suffix.lower()]
    return SUFFIXES.get(path.suffix.lower(), Format.JSONL)


def _sources(path: Path, form: Format, stack: ExitStack) -> tuple[Iterable[Source], int | None]:
    """Return the articles of a path, and how many there are where that can be known beforehand."""
    if str(path) == "-":
        if form is not Format.JSONL:
            raise click.UsageError("Standard input holds lines: name the file or folder.")
        return jsonl.sources(lines_of(sys.stdin.buffer)), None
    if form is Format.JSONL:
        path = place_of(path, form)
        if not path.exists():
            raise click.UsageError(f"There is no file {path}.")
        file = stack.enter_context(path.open("rb"))
        total = count_lines(path) if path.is_file() else None  # a pipe is read once
        return jsonl.sources(lines_of(file), Pictures(Folder(path.parent))), total
    if form is Format.MARKDOWN:
        folder, files = _files(path, lambda folder: folder.files(*markdown.SUFFIXES))
        return markdown.sources(folder, files()), sum(1 for _ in files())
    folder, files = _files(path, html.pages_in)
    return html.sources(folder, files()), sum(1 for _ in files())


def _files(
    path: Path, within: Callable[[Folder], Iterator[Path]]
) -> tuple[Folder, Callable[[], Iterator[Path]]]:
    """Return the folder that articles come from, and what yields their files."""
    if path.is_dir():
        folder = Folder(path)
        return folder, lambda: within(folder)
    folder = Folder(path.parent)
    return folder, lambda: iter([folder.root / path.name])


def _refuse(outcome: Outcome, report: IO[str] | None) -> None:
    click.echo(f"{outcome.place}: {outcome.problem}", err=True)
    if report is not None:
        refused = {"line": outcome.line, "place": outcome.place, "reason": outcome.problem}
        report.write(json.dumps(refused, ensure_ascii=False) + "\n")


def _sum_up(counts: Counter[Done], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({done.value: counts[done] for done in Done}))
        return
    more = "".join(f", {counts[done]} {done}" for done in (Done.UPDATED, Done.UNCHANGED) if counts[done])
    text = f"{counts[Done.TAKEN]} articles taken over{more}, {counts[Done.REFUSED]} refused."
    click.echo(f"Nothing is changed; without --dry-run: {text}" if dry_run else text)
