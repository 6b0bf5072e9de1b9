// What is decided when somebody at the desk solves a ticket. Knows nothing of the platform but an event's `helper`: done() goes
// on, fail(words) stops. One of them is always called, once. Nothing here may keep anybody from saving a ticket because of us.

export const LIMIT_MS = 2000;
const LONGEST = 500;
const SOLVED = new Set(["4", "5", "resolved", "closed"]);

export const isSolved = (status) => SOLVED.has(String(status ?? "").trim().toLowerCase());

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// A change is written [old, new], {old, new}, or as the new value alone.
function changedTo(change) {
  if (Array.isArray(change)) return change.at(-1);
  if (!isObject(change)) return change;
  return change.new ?? change.value ?? change.id;
}

// The status that a ticket will have, as the event's data says it; undefined where it says none.
export function newStatus(data) {
  if (!isObject(data)) return undefined;
  const places = [data.changedAttributes, data.changes, data.ticket?.changes, data.ticket, data.properties, data];
  const place = places.find((each) => isObject(each) && each.status !== undefined && each.status !== null);
  return place ? changedTo(place.status) : undefined;
}

// The events that may be held back, and when each of them solves a ticket.
export const HELD = {
  "ticket.closeTicketClick": () => true,
  "ticket.propertiesUpdated": (data) => isSolved(newStatus(data)),
  "ticket.sendReply": (data) => isSolved(newStatus(data)),
};

// Lets an event go on or stops it, whichever is said first; whatever is said later changes nothing.
function settling(helper) {
  let isSettled = false;
  const once = (name, ...words) => {
    if (isSettled) return false;
    isSettled = true;
    helper[name](...words);
    return true;
  };
  return { pass: () => once("done"), refuse: (said) => once("fail", said) };
}

const left = (until) => Math.max(1, until - Date.now());

// Decides one event. `desk` has ticket(), the number of the ticket that is open, and last(), the one seen last; ask({ticket, left, at}), what our server says:
// {act: "pass"} or {act: "refuse", said}, rejected with a `reason` where it was not heard; passed({ticket, reason, at}), which
// keeps that a ticket was solved without an answer.
export async function decide(name, event, desk, limit = LIMIT_MS) {
  const { pass, refuse } = settling(event.helper);
  const at = new Date().toISOString();
  const until = Date.now() + limit;
  let ticket = desk.last();
  const unasked = (reason) => pass() && ticket && desk.passed({ ticket, reason, at });
  const timer = setTimeout(() => unasked("timeout"), limit);
  try {
    if (!HELD[name](dataOf(event))) return void pass();
    ticket = String(await desk.ticket());
    const answer = await desk.ask({ ticket, left: left(until), at });
    const said = typeof answer?.said === "string" ? answer.said.trim() : "";
    if (answer?.act === "pass") pass();
    else if (answer?.act === "refuse" && said) refuse(said.slice(0, LONGEST));
    else unasked("unexpected");
  } catch (error) {
    unasked(error?.reason ?? "unexpected");
  } finally {
    clearTimeout(timer);
  }
}

function dataOf(event) {
  try {
    return event.helper.getData?.();
  } catch {
    return undefined; // clicks bring none
  }
}
