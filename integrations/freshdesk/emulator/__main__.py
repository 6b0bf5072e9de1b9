"""A made-up Freshdesk account on a port of this machine, for whoever wants to try connecting one.

It has people, tickets and a key. What an administrator would type into the product's pages, the automation
rules, is told it by options of this command or by a call while it runs. It then sends its webhooks.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Agent, Ticket

DEFAULT_PORT = 8098
SEND_EVERY_SECONDS = 0.5
AGENTS = (("Ana Agent", "ana@example.com"), ("Ben Agent", "ben@example.com"))
TICKETS = (
    ("Parcel did not arrive", "The parcel was to come on Monday, and the tracking has stood still since."),
    ("Refund to another card", "My card has expired. Can the refund go to a new one?"),
    ("App asks to sign in again and again", "Each time I open the app it asks for my password."),
)
WORDS = """A stand-in for Freshdesk at {site}, made up and forgotten when it stops.

Connect it, with KCS engine running on this machine (make serve):

    echo {key} | kcs connection add freshdesk trial --domain acme --api-key-file - --api-base {api_base}

Its pages are missing, so enter the automation rules by a call, with the address and the secret you are told:

    curl {site}/stand-in/rules -H 'Content-Type: application/json' \\
      -d '{{"url": "http://127.0.0.1:8080/webhooks/trial", "headers": {{"X-KCS-Secret": "..."}}}}'

Then change a ticket, which is the test delivery:

    curl -u {key}:X -X PUT {api_base}/tickets/1 -H 'Content-Type: application/json' -d '{{"status": 4}}'

Agents there: {agents}. Tickets: {tickets}. What was sent: curl {site}/stand-in/sent
Stop with Ctrl-C.
"""


def made_up() -> Emulator:
    """Return an account with something of everything."""
    emulator = Emulator()
    agents = [emulator.add_agent(name, email) for name, email in AGENTS]
    emulator.add_group("Support", agents)
    emulator.add_status("Waiting on Customer", "Awaiting your Reply")
    for place, (subject, text) in enumerate(TICKETS):
        _opened(emulator, place, subject, text, agents[place % len(agents)])
    return emulator


def main(arguments: Sequence[str]) -> None:
    """Serve until somebody stops it, sending what webhooks there are."""
    asked = _parser().parse_args(arguments)
    emulator, stopping = made_up(), threading.Event()
    if asked.rule_url:
        emulator.add_rules(asked.rule_url, asked.rule_secret)
    with EmulatorServer(emulator, asked.port) as server, suppress(KeyboardInterrupt):
        agents = ", ".join(email for _, email in AGENTS)
        sys.stdout.write(
            WORDS.format(
                site=server.site,
                api_base=server.api_base,
                key=emulator.key,
                agents=agents,
                tickets=len(TICKETS),
            )
        )
        sys.stdout.flush()
        while not stopping.wait(SEND_EVERY_SECONDS):
            emulator.deliver()


def _opened(emulator: Emulator, place: int, subject: str, text: str, agent: Agent) -> Ticket:
    customer = emulator.add_contact(f"Customer {place + 1}", f"customer{place + 1}@mail.example")
    ticket = emulator.create_ticket(customer, subject, text)
    emulator.assign(ticket, agent, agent)
    return ticket


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="integrations.freshdesk.emulator", description=__doc__)
    parser.add_argument("port", nargs="?", type=int, default=DEFAULT_PORT)
    parser.add_argument("--rule-url", default="", help="Where two automation rules post to.")
    parser.add_argument("--rule-secret", default="", help="The secret they bring along in X-KCS-Secret.")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
