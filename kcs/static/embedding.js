// The app's page within a desk: asks the desk which ticket it stands beside, shows that one's panel, answers when it is saved.
// What is special to a desk is in a module of its own (zaf.js). Nothing here may keep anybody from saving a ticket.

import { call, speak } from "./calls.js";
import { fit } from "./fitting.js";
import { Session } from "./frame_session.js";
import { Saves } from "./saving.js";
import { sleep } from "./waiting.js";

const AGAIN_MS = [2000, 3000, 5000, 10_000, 20_000];
const HELLO_MS = 10_000;
const TYPED = 20; // fewer letters say nothing yet
const THEMES = ["light", "dark"];

const frame = document.getElementById("frame");
const { home } = frame.dataset;
const saves = new Saves(home);
const session = new Session(frame.dataset);
const main = () => document.getElementById("content");

let ticket = "";

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
    if (answer?.status === 403 || (answer?.status === 401 && !session.isOwn)) return problem("session");
    if (answer?.status === 401) {
      problem("");
      await session.again();
      continue;
    }
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

// ---- Into the reply ----

document.body.addEventListener("kcs:insert", (event) => {
  if (!desk) return;
  event.preventDefault();
  event.detail.done = desk.insert(event.detail.html, event.detail.text);
});

// ---- The colours ----

function dress(theme) {
  if (THEMES.includes(theme)) document.documentElement.dataset.theme = theme;
}

// ---- Begin ----

let desk = null;

async function begin() {
  const { connect } = await import(frame.dataset.desk);
  desk = await Promise.race([connect(frame.dataset.origins.split(" "), location.search), sleep(HELLO_MS).then(() => null)]);
  if (!desk) return problem("desk");
  desk.onSave((asked) => saves.decide(desk, { ticket, ...asked }));
  desk.onPassed?.((passed) => saves.keep(passed));
  desk.onTheme(dress);
  speak(await desk.locale().catch(() => ""));
  ticket = await desk.ticket();
  if (!desk.isHidden) fit(desk, document.getElementById("held"));
  if (session.isOwn) problem("");
  await session.begin();
  document.addEventListener("kcs:signed-in", () => saves.tell());
  saves.tell();
  if (!desk.isHidden) await open();
}

async function open() {
  await load();
  if (!main().dataset.ticket) return;
  await compare(desk);
  desk.onChange(() => compare(desk).catch(() => {})); // the desk did not answer: the ticket's own words stay
}

begin().catch((error) => {
  console.info(`kcs: ${error.message}`);
  problem("desk");
});
