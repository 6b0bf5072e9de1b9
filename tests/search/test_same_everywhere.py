"""The same articles, tickets and questions give the same answers, to the digit, on both databases."""

from __future__ import annotations

import json

from flask import Flask

from kcs.articles.imports import import_lines
from kcs.database import reading
from kcs.search.index import SearchIndex
from kcs.search.suggest_commands import answering
from kcs.solving.past_tickets import import_past_tickets
from workflow.article import Audience

ARTICLES = {
    "CARD": ("Card has not arrived", "Cards take five working days.\nOrder a new one after ten."),
    "PIN": ("Change your PIN", "At any machine, under PIN services."),
    "TOPUP": ("Top-up failed", "Error E-1042: the bank refused. Try version 2.3.1 of the app."),
    "ABROAD": (
        "Usar la tarjeta en el extranjero",
        "La tarjeta funciona en el extranjero sin avisar al banco.",
    ),
    "LOST": ("Lost or stolen card", "Freeze it in the app, then order another."),
}
TICKETS = {
    "CARD": ["where is my card", "my new card has not come"],
    "PIN": ["how do i get a new pin"],
    "LOST": ["somebody took my card", "i lost my card on holiday"],
}
QUESTIONS = {
    "where is the card i ordered": ["CARD", "LOST"],
    "E-1042 when topping up": ["TOPUP"],
    "tarjetas extranjeras": ["ABROAD"],
    "my crad was stollen": ["LOST"],
    "is there a swimming pool": [],
}

# The best score, and the probability that there is no article: held against what either database gives.
BEST = {
    "where is the card i ordered": (10.0704, 0.4903),
    "E-1042 when topping up": (21.2122, 0.1757),
    "tarjetas extranjeras": (10.8147, 0.5903),
    "my crad was stollen": (3.5205, 0.9014),
    "is there a swimming pool": (None, 1.0),
}


def answers(index: SearchIndex) -> dict[str, tuple[list[tuple[str, float]], float]]:
    """Return what is suggested for each question: keys with scores, and how likely none answers."""
    ask = answering(index, Audience.INTERNAL, 3)
    with reading():
        given = {question: ask(question, "") for question in QUESTIONS}
    return {
        question: ([(each.article.key, each.score) for each in answer.found], answer.no_article)
        for question, answer in given.items()
    }


def test_both_databases_answer_alike_followed_or_built_anew(app: Flask) -> None:
    index: SearchIndex = app.extensions["kcs.search"]
    for key, (title, body) in ARTICLES.items():
        list(import_lines([json.dumps({"key": key, "title": title, "body": body})]))
        index.refresh()
    lines = [
        json.dumps({"id": f"{key}-{number}", "title": text, "body": "", "articles": [key]})
        for key, texts in TICKETS.items()
        for number, text in enumerate(texts)
    ]
    assert all(not outcome.remarks for outcome in import_past_tickets(lines))
    followed = answers(index)
    assert {question: [key for key, _ in found] for question, (found, _) in followed.items()} == QUESTIONS
    index.rebuild()
    assert answers(index) == followed
    best = {question: (found[0][1] if found else None, none) for question, (found, none) in followed.items()}
    assert best == BEST
