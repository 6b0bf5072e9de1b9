"""`kcs semantic`: the vectors of articles, for finding by meaning."""

from __future__ import annotations

import json

import click
from flask import current_app

from kcs.database import reading
from kcs.errors import ConfigError
from kcs.progress import progress
from kcs.semantic.semantic import Semantic

WITHOUT_END = float("inf")


@click.group()
def semantic() -> None:
    """Finding by meaning, with a model of your own."""


@semantic.command()
def build() -> None:
    """Encode every article that is due now rather than in the background; may be interrupted."""
    model = _model()
    with reading():
        _, due = model.state()
    with progress("Encoding articles", due) as count:
        done = model.build(seconds=WITHOUT_END, progress=count)
    click.echo(f"{done} articles encoded.")


@semantic.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """Say which model is used, for which languages, and how many articles are encoded."""
    model = _model()
    with reading():
        done, due = model.state()
    folder, languages = model.encoder.folder, model.encoder.languages
    facts = {
        "model": str(folder.path),
        "dimensions": folder.width,
        "languages": sorted(languages) if languages is not None else None,
        "encoded": done,
        "due": due,
    }
    if as_json:
        click.echo(json.dumps(facts))
        return
    told = ", ".join(sorted(languages)) if languages is not None else "those its vocabulary fits"
    click.echo(f"{folder.path}: {folder.width} dimensions; languages: {told}")
    click.echo(f"{done} articles encoded, {due} due.")


def _model() -> Semantic:
    model: Semantic | None = current_app.extensions["kcs.semantic"]
    if model is None:
        raise ConfigError("KCS_EMBEDDING_MODEL is not set: name the folder of a sentence-embedding model.")
    return model
