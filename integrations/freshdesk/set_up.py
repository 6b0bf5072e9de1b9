"""How a Freshdesk account is connected: an agent's API key, and two automation rules made by hand.

[REST v2, authentication] at developers.freshdesk.com: the key acts as its agent and has no scopes.
"""

from __future__ import annotations

from kcs.ports import SetUp, SignsIn
from kcs.sentences import Sentence

DOMAIN = "freshdesk.com"

SET_UP = SetUp(
    label="Freshdesk",
    domain=DOMAIN,
    steps=(
        Sentence(
            "Sign in to Freshdesk as the agent we are to act as: an administrator who sees all tickets "
            "(scope 'Global access'). One made for this alone is best, since what is written there bears its "
            "name."
        ),
        Sentence("Open Profile settings from the picture at the top right, and let it show the API key."),
        Sentence("Copy the key in here. Whoever has it may do all that this agent may: send it to nobody."),
    ),
    pasted_token=Sentence(
        "an agent's API key, with all it needs; it works until that agent makes a new one or leaves"
    ),
    signs_in=SignsIn.KEY,
    secret_is_ours=True,
    has_pins=False,
)
