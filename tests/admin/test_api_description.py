"""The API describes itself, for tools and for people, without a sign-in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


def calls(app: Flask) -> set[tuple[str, str]]:
    """Return every call under /api/v1 that the app answers, as path and method."""
    return {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "admin.openapi"
    }


def described(client: FlaskClient) -> set[tuple[str, str]]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json is not None
    return {
        (path, method.upper())
        for path, methods in answer.json["paths"].items()
        for method in methods
        if method != "parameters"
    }


def test_every_call_is_described(app: Flask, client: FlaskClient) -> None:
    def plain(path: str) -> str:
        parts = [part.strip("{}<>").split(":")[-1] if part[:1] in "{<" else part for part in path.split("/")]
        return "/".join(parts)

    answered = {(plain(path), method) for path, method in calls(app)}
    assert len(answered) > 8
    assert answered == {(plain(path), method) for path, method in described(client)}


@pytest.mark.parametrize("path", ["/articles/{key}/transitions", "/links", "/exemption", "/suggestions"])
def test_the_calls_scripts_rely_on_are_on_the_page(client: FlaskClient, path: str) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert path in answer.text


def test_the_description_shows_no_secret(app: Flask, client: FlaskClient) -> None:
    for page in ("/api/v1/openapi.json", "/api/docs"):
        text = client.get(page).text
        assert app.config["KCS"].secret_key not in text
        assert app.config["KCS"].database_url not in text
