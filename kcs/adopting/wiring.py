"""What the application needs for taking help centres over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from flask import Flask

from kcs.adopting.chore import go_on
from kcs.chores import Chore
from kcs.ports import HelpCentre, Provider
from kcs.publishing.models import Target
from kcs.tickets.accounts import credentials_of

KEY = "kcs.help_centre_of"
EVERY = timedelta(seconds=15)
# How many seconds one call may wait for room in the account's budget: nobody waits for it.
PATIENCE = 90.0

HelpCentreOf = Callable[[Target], HelpCentre]


def wire(app: Flask, providers: Mapping[str, Provider]) -> None:
    """Name who reads the help centre of a target, and let what was begun on a page go on by itself."""

    def help_centre_of(target: Target) -> HelpCentre:
        provider = providers[target.connection.provider]
        credentials = credentials_of(target.connection, provider, patience=PATIENCE)
        return provider.help_centre(credentials, target.settings)

    app.extensions[KEY] = help_centre_of
    app.extensions["kcs.chores"].append(Chore("adopting", EVERY, partial(go_on, help_centre_of)))
