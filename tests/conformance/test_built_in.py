"""The built-in help centre is one more help centre: it keeps to the rules that can apply to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import ClassVar

import pytest

from kcs.ports import Document
from tests.conformance.built_in import BuiltInHelpCentre
from tests.conformance.help_centre_rules import HelpCentreRules
from tests.conftest import AppMaker
from tests.factories import make_agent, token_for
from workflow.permissions import Licence, Role

OWN = "its articles are our own: nothing is written there that we would not know"


class BuiltInSide:
    """The centre, and a second publisher who works there."""

    locales = ("en-us", "es")

    def __init__(self, centre: BuiltInHelpCentre) -> None:
        self.centre = centre

    def shown(self, remote_id: str, locale: str) -> str | None:
        return self.centre.page(remote_id)

    def copies(self, marker: str) -> int:
        return sum(marker in row["tags"] for row in self.centre.rows())

    def edit(self, remote_id: str, locale: str, title: str, html: str) -> None:
        self.centre.publish(remote_id, Document("", title, html, locale))

    def delete(self, remote_id: str) -> None:
        self.centre.archive(remote_id)

    def answers_lost(self) -> AbstractContextManager[None]:
        return self.centre.answers_lost()

    def busy(self) -> AbstractContextManager[None]:
        return self.centre.busy()


class TestBuiltIn(HelpCentreRules):
    EXCEPTIONS: ClassVar = {
        "languages_are_apart": "an article has one language; its translations are articles of their own",
        "the_list_of_changes_ends_and_holds_each_article": OWN,
        "the_list_goes_on_from_its_end": OWN,
        "a_place_open_to_everybody_is_refused_for_fewer": "who may read is written with each article",
        "a_picture_is_kept_once_and_read_back": "pictures come by the editor's page alone",
        "the_places_name_the_languages": "it takes every language and has no list of them",
    }

    @pytest.fixture
    def harness(self, make_app: AppMaker) -> BuiltInSide:
        app = make_app()
        with app.app_context():
            publisher = token_for(make_agent(Licence.PUBLISHER, [Role.COACH]))
        return BuiltInSide(BuiltInHelpCentre(app.test_client(), publisher))
