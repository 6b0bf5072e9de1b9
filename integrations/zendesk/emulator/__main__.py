"""A made-up Zendesk account on a port of this machine, for whoever wants to try connecting one.

It has people, tickets and a help centre, agrees to whoever asks, and sends its webhooks.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress

from integrations.zendesk.emulator import Emulator, EmulatorServer

CLIENT, CLIENT_SECRET = "kcs", "a-secret-of-the-stand-in"
DEFAULT_PORT = 8099
SEND_EVERY_SECONDS = 0.5
AGENTS = (("Ana Agent", "ana@example.com"), ("Ben Agent", "ben@example.com"))
TICKETS = (
    ("Export button is grey", "I cannot export my report, the button stays grey."),
    ("Invoice without VAT number", "Our VAT number is missing on the invoice of March."),
    ("Cannot sign in on the new phone", "The code from the app is refused with error AUTH-4012."),
)
ARTICLES = (
    ("Export a report", "<p>Allow pop-ups for this site, then press <strong>Export</strong> again.</p>"),
    ("Add a VAT number", "<p>Open <em>Billing</em>, enter the number and print the invoice again.</p>"),
)
WORDS = """A stand-in for Zendesk at {site}, made up and forgotten when it stops.

Connect it, with KCS engine running on this machine (make serve):

    kcs connection add zendesk trial --subdomain acme --api-base {api_base} --client-id {client}

The client's secret: {secret}
Agents there: {agents}. Tickets: {tickets}. Articles: {articles}.
Stop with Ctrl-C.
"""


def made_up() -> Emulator:
    """Return an account with something of everything."""
    emulator = Emulator(shapes=())
    emulator.oauth.add_client(CLIENT, CLIENT_SECRET)
    agents = [emulator.add_user(name, email, "agent") for name, email in AGENTS]
    for place, (subject, body) in enumerate(TICKETS):
        customer = emulator.add_user(f"Customer {place + 1}", f"customer{place + 1}@mail.example", "end-user")
        ticket = emulator.create_ticket(customer, subject, body)
        emulator.assign(ticket, agents[place % len(agents)], agents[place % len(agents)])
    section = emulator.guide.add_section("Questions", emulator.guide.add_category("Help"))
    for title, body in ARTICLES:
        emulator.guide.add_article(section, title, body)
    return emulator


def main(port: int) -> None:
    """Serve until somebody stops it, sending what webhooks there are."""
    emulator, stopping = made_up(), threading.Event()
    with EmulatorServer(emulator, port) as server, suppress(KeyboardInterrupt):
        sys.stdout.write(
            WORDS.format(
                site=server.site,
                api_base=server.api_base,
                client=CLIENT,
                secret=CLIENT_SECRET,
                agents=", ".join(email for _, email in AGENTS),
                tickets=len(TICKETS),
                articles=len(ARTICLES),
            )
        )
        sys.stdout.flush()
        while not stopping.wait(SEND_EVERY_SECONDS):
            emulator.deliver()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_PORT)
