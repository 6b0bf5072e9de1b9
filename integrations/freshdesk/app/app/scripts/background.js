// The page behind a ticket, which nobody sees: asks our server when the ticket is solved.

import { decide, HELD } from "./closing.js";
import { begin, report, ticketNumber } from "./desk.js";

async function hold() {
  const { client, frame } = await begin("background", document.querySelector("iframe"));
  const desk = {
    last: () => frame.ticket,
    ticket: () => ticketNumber(client),
    ask: (question) => frame.ask(question),
    passed: (save) => frame.passed(save),
  };
  for (const name of Object.keys(HELD)) client.events.on(name, (event) => decide(name, event, desk).catch(report), { intercept: true });
}

hold().catch(report); // nothing is held back then
