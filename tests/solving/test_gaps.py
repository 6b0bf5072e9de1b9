"""What knowledge is missing: groups of tickets that were solved without an article."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskUser
from kcs.solving.gaps import GapFinder, Gaps
from kcs.solving.services import exempt_ticket
from kcs.solving.models import ExemptionReason
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_connection, make_ticket, sign_in
from tests.fakes import FakeDesk
from workflow.permissions import Licence

SAID = (
    ("Export ends blank", "The export of my report ends with a blank page."),
    ("Blank page", "When exporting reports I get a blank page. Zuleika"),
    ("Report", "My report export shows a blank page, says Zuleika."),
)


@pytest.fixture
def agent(app: Flask) -> Agent:  # on its database
    return make_agent(Licence.CONTRIBUTOR, email="ana@example.com")
