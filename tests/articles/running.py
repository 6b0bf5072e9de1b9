"""Running `kcs articles` within the app context of a test."""

from __future__ import annotations

from click.testing import Result
from flask import Flask

from kcs.articles.commands import articles


def invoke(app: Flask, *words: str, typed: bytes | None = None) -> Result:
    """Run a command of `kcs articles`."""
    return app.test_cli_runner().invoke(articles, list(words), input=typed)
