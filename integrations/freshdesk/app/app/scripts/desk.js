// What the platform tells of the ticket that is open, and what it lets an app do. The same for the sidebar and the background.

import { addressOf } from "./address.js";
import { Frame } from "./frame.js";

const text = (value) => (typeof value === "string" ? value : "");

async function ticketOf(client) {
  const { ticket } = await client.data.get("ticket");
  if (ticket?.id === undefined || ticket.id === null) throw new Error("no ticket is open");
  return ticket;
}

// The number of the ticket that is open.
export async function ticketNumber(client) {
  return String((await ticketOf(client)).id);
}

// Opens our page for the ticket whenever the platform shows this app, which may be again for another one. `acts` makes what
// our page may do at the desk, of the platform's client.
export async function begin(place, iframe, acts = () => ({})) {
  const client = await app.initialized();
  const frame = new Frame(iframe, addressOf(await client.iparams.get()), acts(client));
  const show = async () => {
    const ticket = await ticketOf(client);
    const said = [ticket.description_text ?? ticket.description].filter(Boolean).map(String);
    frame.open({ ticket: String(ticket.id), subject: text(ticket.subject), said, locale: await localeOf(client), place });
  };
  client.events.on("app.activated", () => show().catch(report));
  await show().catch(report); // some places are shown without being told so
  return { client, frame };
}

async function localeOf(client) {
  try {
    const { loggedInUser } = await client.data.get("loggedInUser");
    return text(loggedInUser?.contact?.language ?? loggedInUser?.language ?? loggedInUser?.locale);
  } catch {
    return ""; // the browser's language then
  }
}

export function report(error) {
  console.info(`kcs: ${error?.message ?? error}`);
}
