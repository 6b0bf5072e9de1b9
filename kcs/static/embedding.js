// The app's page within a desk: asks the desk which ticket it stands beside, shows that one's panel, answers when it is saved.
// What is special to a desk is in a module of its own (zaf.js). Nothing here may keep anybody from saving a ticket.

import { call, carry } from "./calls.js";
import { fit } from "./fitting.js";

const ASK_MS = 2000; // all that a save may wait for us
const MINUTE_MS = 60_000; // so long after the question a second save passes
const AGAIN_MS = [2000, 3000, 5000, 10_000, 20_000];
const RENEW_MS = 20 * MINUTE_MS;
const TELL_MS = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];
const HELLO_MS = 10_000;
const TYPED = 20; // fewer letters say nothing yet
const KEPT = 20;
const THEMES = ["light", "dark"];

const frame = document.getElementById("frame");
const { home } = frame.dataset;
const PASSED = `kcs-passed-saves:${home}`;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const main = () => document.getElementById("content");

let ticket = "";
let asked = 0; // when somebody was last asked about saving without an article

// ---- What keeps the panel from being shown ----

function problem(name) {
  main().querySelector("[data-waiting]")?.setAttribute("hidden", "");
  main().querySelectorAll("[data-problem]").forEach((each) => (each.hidden = each.dataset.problem !== name));
}

// ---- The panel ----

async function load() {
  for (let tries = 0; ; tries += 1) {
    const answer = await call(`${home}/tickets/${encodeURIComponent(ticket)}`).catch(() => null);
    if (answer?.ok) return show(await answer.text());
    if (answer?.status === 401 || answer?.status === 403) return problem("session");
    problem(answer?.status === 404 ? "ticket" : "server");
    if (answer?.status === 404 && tries === 0) askFor();
    await sleep(AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
  }
}

// The ticket may have been opened before its webhook came.
function askFor() {
  call(`${home}/tickets/${encodeURIComponent(ticket)}/hints`, { method: "POST" }).catch(() => {}); // it comes all the same
}

async function show(html) {
  frame.innerHTML = html;
  const { lang, dir } = main();
  const { language } = main().dataset;
  Object.assign(document.documentElement, { lang, dir });
  if (language !== "en") await script(`${frame.dataset.words}${language}.js`);
  await import("./app.js");
  await import("./panel.js");
  window.htmx.process(frame);
  await import("./live.js");
}

function script(address) {
  return new Promise((resolve) => {
    const element = document.createElement("script");
    element.addEventListener("load", resolve);
    element.addEventListener("error", resolve); // English then
    element.src = address;
    document.head.append(element);
  });
}

// ---- What the desk shows of the ticket, where that is newer than what the server has ----

async function compare(desk) {
  const known = main()?.dataset;
  if (!known?.ticket) return;
  const { subject, said, typed } = await desk.texts();
  const isNewer = said.length > Number(known.known) || (subject !== "" && subject !== known.subject);
  const isTyping = typed.length >= TYPED;
  const body = isNewer || isTyping ? [...said, isTyping ? typed : ""].join("\n\n").trim() : "";
  document.body.dispatchEvent(new CustomEvent("kcs:text", { detail: { subject: body ? subject : "", body } }));
}

// ---- Saving ----

// Rejects with the words to show where the ticket may not be saved yet; in every other case it may.
async function save(desk) {
  const left = new AbortController();
  let reason = "timeout";
  const timer = sleep(ASK_MS).then(() => {
    left.abort();
    return null;
  });
  const asking = ask(desk, left.signal).catch((error) => {
    reason = left.signal.aborted ? "timeout" : (error.reason ?? "unexpected");
    return null;
  });
  const answer = await Promise.race([asking, timer]);
  if (answer === null) return passed(reason);
  if (answer.act === "refuse") throw refusal(answer.said);
  if (answer.act === "ask" && Date.now() - asked > MINUTE_MS) {
    asked = Date.now();
    throw refusal(answer.said);
  }
  return hideAsked();
}

async function ask(desk, signal) {
  if (!(await desk.isSolving())) return { act: "pass" };
  const answer = await call(`${home}/tickets/${encodeURIComponent(ticket)}/closing`, { signal }).catch(() => {
    throw failed("unreachable");
  });
  if (!answer.ok) throw failed(REASONS[answer.status] ?? (answer.status >= 500 ? "server_error" : "refused"));
  const said = await answer.json().catch(() => null);
  const isRight = ["pass", "ask", "refuse"].includes(said?.act) && typeof said.said === "string";
  if (!isRight || (said.act !== "pass" && said.said === "")) throw failed("unexpected");
  return said;
}

const REASONS = { 401: "signed_out", 403: "signed_out", 404: "not_known" };

function failed(reason) {
  return Object.assign(new Error(reason), { reason });
}

function refusal(said) {
  const place = document.getElementById("save-asked");
  if (place) {
    place.textContent = said;
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  }
  return new Error(said);
}

function hideAsked() {
  document.getElementById("save-asked")?.setAttribute("hidden", "");
}

// ---- Saves that passed though the server was not heard: told as soon as it is ----

let kept = [];

function store(act) {
  try {
    return act(window.localStorage);
  } catch (error) {
    if (error instanceof DOMException) return null; // a frame without storage: kept as long as the page
    throw error;
  }
}

function stored() {
  try {
    const list = JSON.parse(store((place) => place.getItem(PASSED)) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

function passed(reason) {
  const save = { ticket, reason, at: new Date().toISOString() };
  console.info(`kcs: ticket ${ticket} was saved without asking the server: ${reason}`);
  kept = [...kept, save].slice(-KEPT);
  store((place) => place.setItem(PASSED, JSON.stringify([...stored(), save].slice(-KEPT))));
  tell();
}

let isTelling = false;

async function tell() {
  if (isTelling) return;
  isTelling = true;
  for (let tries = 0; !(await told()); tries += 1) await sleep(TELL_MS[Math.min(tries, TELL_MS.length - 1)]);
  isTelling = false;
}

// True once there is nothing to tell any more.
async function told() {
  const saves = unique([...stored(), ...kept]);
  if (!saves.length) return true;
  const body = JSON.stringify({ saves });
  const answer = await call(`${home}/passed-saves`, { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => null);
  if (!answer?.ok && answer?.status !== 400) return answer?.status === 401; // another page tells it
  kept = kept.filter((each) => !saves.some((save) => save.at === each.at));
  store((place) => place.removeItem(PASSED));
  return kept.length === 0;
}

function unique(saves) {
  return [...new Map(saves.map((each) => [JSON.stringify(each), each])).values()].slice(-KEPT);
}

// ---- Into the reply ----

document.body.addEventListener("kcs:insert", (event) => {
  if (!desk) return;
  event.preventDefault();
  event.detail.done = desk.insert(event.detail.html, event.detail.text);
});

// ---- The session, the colours ----

async function renew() {
  for (;;) {
    await sleep(RENEW_MS);
    const answer = await call(`${home}/renewals`, { method: "POST" }).catch(() => null);
    if (answer?.status === 401) return;
  }
}

function dress(theme) {
  if (THEMES.includes(theme)) document.documentElement.dataset.theme = theme;
}

// ---- Begin ----

let desk = null;

async function begin() {
  const place = document.querySelector('meta[name="kcs-token"]');
  const token = place.content;
  place.remove();
  carry(token);
  const { connect } = await import(frame.dataset.desk);
  desk = await Promise.race([connect(frame.dataset.origin, location.search), sleep(HELLO_MS).then(() => null)]);
  if (!desk) return problem("desk");
  desk.onSave(() => save(desk));
  desk.onTheme(dress);
  carry(token, await desk.locale().catch(() => ""));
  ticket = await desk.ticket();
  fit(desk, frame);
  renew();
  await load();
  if (!main().dataset.ticket) return;
  await compare(desk);
  desk.onChange(() => compare(desk).catch(() => {})); // the desk did not answer: the ticket's own words stay
  tell();
}

begin().catch((error) => {
  console.info(`kcs: ${error.message}`);
  problem("desk");
});
