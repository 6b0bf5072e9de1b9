// What colleagues do appears without a reload: server-sent events, and polling until and unless they get through.
// Tells the page with "kcs:ticket-changed" and "kcs:articles-changed" on document.body; keeps the notice in #live.

import { call, isCarried } from "./calls.js";

const POLL_MS = 2500; // what a colleague does is to be seen within three seconds
const HIDDEN_POLL_MS = 20_000;
const SILENCE_MS = 12_000; // the server speaks every five seconds: a stream this quiet is held back on its way
const AGAIN_MS = 60_000; // so long after a refusal a stream is tried again
const NEWS = { capturing: hearCapture, done: hearCapture, articles: hearArticles, ticket: hearTicket };
const KEYS = "#knowledge [data-article], #knowledge input[name=article]";

let source = null;
let after = "";
let heard = 0; // when the stream last spoke
let refused = 0; // when the server last had no room for a stream
let stopped = false;
let timer = 0;
let asked = ""; // the address the stream was opened with

const place = () => document.getElementById("live");
const within = (moment, ms) => moment > 0 && performance.now() - moment < ms;
const streams = () => within(heard, SILENCE_MS);

function shown() {
  const keys = [...document.querySelectorAll(KEYS)].map((element) => element.dataset.article ?? element.value);
  return [...new Set(keys)].sort().join(",");
}

function address(path = "") {
  const url = new URL(place().dataset.live + path, location.href);
  url.searchParams.set("shown", shown());
  return url;
}

// ---- What is heard ----

function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}

function hearArticles(event) {
  tell("kcs:articles-changed", event);
}

function hearTicket(event) {
  tell("kcs:ticket-changed", event);
}

async function hearCapture({ event, article }) {
  if (event === "done" && !place()?.querySelector("[data-capture]")) return;
  if (event === "done" && article && !place().querySelector(`[data-capture="${CSS.escape(article)}"]`)) return;
  await fetchNotice();
  hearArticles({ event, article }); // what is suggested, and advised, must not go on as if nobody wrote it
}

async function fetchNotice() {
  const answer = await call(address("/notice"), { redirect: "manual" });
  if (answer.ok) show(await answer.text());
}

// Who is capturing this already takes a search: it waits until the suggestions are there, which everybody waits for.
function look() {
  const notice = place();
  if (!notice?.hasAttribute("data-looks") || document.querySelector("#suggestions[aria-busy]")?.checkVisibility()) return;
  notice.removeAttribute("data-looks");
  fetchNotice().catch(() => {}); // the network is away: what happens next is told by the events
}

function show(html) {
  const notice = place();
  if (!notice || notice.contains(document.activeElement)) return; // nothing moves under somebody's fingers
  notice.innerHTML = html;
  window.htmx?.process(notice);
  clocks();
}

function clocks() {
  document.querySelectorAll("time[data-clock]").forEach((element) => {
    element.textContent = new Date(element.dateTime).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
    element.removeAttribute("data-clock");
  });
}

// ---- The stream ----

function openStream() {
  if (isCarried()) return; // a stream cannot carry the token
  if (source || stopped || document.hidden || !place() || within(refused, AGAIN_MS)) return;
  const url = address();
  asked = url.searchParams.get("shown");
  url.searchParams.set("after", after);
  source = new EventSource(url);
  source.addEventListener("beat", hearStream);
  Object.keys(NEWS).forEach((name) => source.addEventListener(name, hearStream));
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) giveUp();
  });
}

function hearStream({ type, data, lastEventId }) {
  heard = performance.now();
  after = lastEventId;
  NEWS[type]?.(JSON.parse(data));
}

function closeStream() {
  source?.close();
  source = null;
  heard = 0;
}

function giveUp() {
  closeStream();
  refused = performance.now();
}

// ---- Polling: whenever no stream speaks ----

async function poll() {
  const url = address("/poll");
  url.searchParams.set("after", after);
  const answer = await call(url, { redirect: "manual", headers: { Accept: "application/json" } });
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return stop(); // signed out
  if (!answer.ok) return;
  const said = await answer.json();
  if (streams()) return; // it has told the same meanwhile
  after = said.after;
  said.events.forEach((event) => NEWS[event.event]?.(event));
}

function stop() {
  stopped = true;
  closeStream();
}

async function turn() {
  clearTimeout(timer);
  if (stopped || !place()) return;
  if (source && heard && !streams()) giveUp();
  if (source && shown() !== asked) closeStream(); // other articles are before the reader now
  look();
  openStream();
  if (!streams()) await poll().catch(() => {}); // the network is away: the next turn asks again
  timer = setTimeout(turn, document.hidden ? HIDDEN_POLL_MS : POLL_MS);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) closeStream(); // others need the room
  turn();
});
document.addEventListener("htmx:after:swap", () => {
  clocks();
  look();
});
document.addEventListener("kcs:signed-in", () => {
  stopped = false;
  turn();
});
window.addEventListener("pagehide", closeStream);

if (place()) {
  after = place().dataset.after;
  clocks();
  turn();
}
