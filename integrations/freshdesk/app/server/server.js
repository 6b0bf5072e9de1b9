// Tells our server what happened to a ticket, and who did it: the app's events alone name that person. Everything else about
// the ticket our server reads itself, so only numbers and the acting agent go along, nothing a customer wrote.

// The fields whose changes are told, as the events name them.
const TOLD = ["status", "responder_id", "agent", "group_id", "group", "priority", "type", "source", "spam", "deleted"];
const MILLISECONDS = 100000000000; // a smaller number counts seconds

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isPlain = (value) => value === null || ["string", "number", "boolean"].includes(typeof value);

function changesOf(data) {
  const ticket = isObject(data.ticket) ? data.ticket : {};
  const given = [ticket.changes, data.changes].find(isObject) ?? {};
  const pairs = Object.entries(given).filter(
    ([name, pair]) => TOLD.includes(name) && Array.isArray(pair) && pair.length === 2 && pair.every(isPlain),
  );
  return Object.fromEntries(pairs);
}

// Absent in events of the system, and in older ones.
function actorOf(data) {
  if (!isObject(data.actor)) return null;
  const { id, name, email, type } = data.actor;
  return { id: id ?? null, name: name ?? null, email: email ?? null, type: type ?? null };
}

// Milliseconds, whichever way the time was written; null for none.
function timeOf(value) {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return Math.round(number < MILLISECONDS ? number * 1000 : number);
  const read = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(read) ? null : read;
}

function ticketOf(data) {
  const { ticket, conversation } = data;
  return [ticket?.id, conversation?.ticket_id, data.ticket_id].find((id) => ["string", "number"].includes(typeof id)) ?? null;
}

function told(event, payload) {
  const given = isObject(payload) ? payload : {};
  const data = isObject(given.data) ? given.data : {};
  return {
    source: "freshdesk-app",
    event,
    account_id: given.account_id ?? null,
    ticket_id: ticketOf(data),
    changes: changesOf(data),
    actor: actorOf(data),
    timestamp: timeOf(given.timestamp),
  };
}

// Never throws: what is lost here is noticed when tickets are compared, and the platform must not switch the app off for it.
async function forward(event, payload) {
  try {
    const body = told(event, payload);
    if (body.ticket_id === null) return;
    await $request.invokeTemplate("forwardEvent", { context: {}, body: JSON.stringify(body) });
  } catch (error) {
    console.error(`kcs: ${event} was not taken by the server: ${error?.status ?? error?.message ?? "no reason given"}`);
  }
}

exports = {
  onTicketCreateHandler: (payload) => forward("onTicketCreate", payload),
  onTicketUpdateHandler: (payload) => forward("onTicketUpdate", payload),
  onTicketDeleteHandler: (payload) => forward("onTicketDelete", payload),
  onConversationCreateHandler: (payload) => forward("onConversationCreate", payload),
  onConversationUpdateHandler: (payload) => forward("onConversationUpdate", payload),
  onConversationDeleteHandler: (payload) => forward("onConversationDelete", payload),
};
