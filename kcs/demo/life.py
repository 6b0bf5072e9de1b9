"""What the sample team does with its articles: writes, asks for reviews, proposes, flags, gives feedback."""

from __future__ import annotations

import json
from typing import Any

from kcs.demo.stage import Stage
from kcs.demo.team import CONTENT


def read_life() -> dict[str, list[dict[str, Any]]]:
    """Return what is done, in the order in which it is done."""
    life: dict[str, list[dict[str, Any]]] = json.loads((CONTENT / "life.json").read_text("utf-8"))
    return life


def play(stage: Stage) -> None:
    """Do it all over the API, so that every queue has something in it."""
    life = read_life()
    keys = {each["name"]: _write(stage, each) for each in life["articles"]}
    for each in life["reviews"]:
        _ask(stage, keys[each["article"]], each)
    for each in life["proposals"]:
        _propose(stage, each)
    for each in life["flags"]:
        path = f"/articles/{each['article']}/flags"
        stage.api(each["by"], "POST", path, {"reason": each["reason"]})
    for each in life["feedback"]:
        path = f"/articles/{each['article']}/feedback"
        stage.api(each["by"], "POST", path, {name: each[name] for name in ("helpful", "comment")})
    stage.settle()


def _write(stage: Stage, told: dict[str, Any]) -> str:
    content = {name: told[name] for name in ("title", "template", "parts")}
    key: str = stage.api(told["by"], "POST", "/articles", content)["key"]
    for move in told["then"]:
        audience = {"audience": "public"} if move == "publish" else {}
        stage.api(told["by"], "POST", f"/articles/{key}/transitions", {"name": move, **audience})
    return key


def _ask(stage: Stage, key: str, told: dict[str, Any]) -> None:
    asked = {"asks": told["asks"], "note": told["note"]}
    review = stage.api(told["by"], "POST", f"/articles/{key}/reviews", asked)
    if "returned_by" in told:
        decision = {"decision": "return", "comments": told["comments"]}
        stage.api(told["returned_by"], "POST", f"/reviews/{review['id']}/decisions", decision)


def _propose(stage: Stage, told: dict[str, Any]) -> None:
    article = stage.api(told["by"], "GET", f"/articles/{told['article']}")
    parts = {name: article["parts"].get(name, "") + more for name, more in told["append"].items()}
    content = {"parts": parts, "note": told["note"], "significance": told["significance"]}
    match = {"If-Match": f'"{article["version"]}"'}
    stage.api(told["by"], "POST", f"/articles/{told['article']}/proposals", content, **match)
