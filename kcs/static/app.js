// What the server-rendered pages need beyond htmx: CSRF token, keyboard, questions, spoken results, local times.
// Works with htmx absent (the public pages load none) and without inline code, as the content security policy asks.

import { announce } from "./announcing.js";
import { isCarried } from "./calls.js";
import { gettext } from "./words.js";

const confirmDialog = document.getElementById("confirm");
const shortcutsDialog = document.getElementById("shortcuts");
const SWITCH = "kcs-shortcuts";

// ---- CSRF: every htmx request that may change something carries the page's token ----

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token && ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = token;
});

// ---- Results, spoken and shown ----

function showProblem(text) {
  const box = document.createElement("div");
  const word = document.createElement("strong");
  box.className = "flash flash-error";
  word.textContent = gettext("Problem:");
  box.append(word, " ", text);
  document.getElementById("messages").replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
  announce(text);
}

function refresh() {
  const said = [...document.querySelectorAll("[data-announce]")];
  if (said.length) announce(said.map((element) => element.dataset.announce).join(" "));
  said.forEach((element) => element.removeAttribute("data-announce"));
  document.querySelectorAll("time[data-local]").forEach(localise);
}

function localise(element) {
  element.title = element.textContent;
  element.textContent = new Date(element.dateTime).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  element.removeAttribute("data-local");
}

// ---- Focus: what a swap took away is found again at [data-focus], so that the keyboard goes on from there ----

function keepFocus() {
  const place = document.querySelector("[data-focus]");
  if (place && (document.activeElement === document.body || place.matches("[aria-invalid]"))) place.focus();
}

// Shown within a desk's frame while nobody is signed in there.
const signInBar = document.getElementById("sign-in");
const PROBLEMS = {
  400: gettext("This page was open too long. Reload it, then repeat this."),
  401: signInBar
    ? gettext("This session is over. Sign in above, then repeat this.")
    : isCarried()
      ? gettext("This session is over. Load the apps anew, then repeat this.")
      : gettext("You are signed out. Sign in again in another tab, then repeat this."),
  403: gettext("You may not do this. Reload the page; if it stays so, ask a coach or an admin."),
  404: gettext("This is no longer there. Reload the page."),
  429: gettext("Too many requests. Wait a moment, then try again."),
};

document.addEventListener("htmx:after:swap", () => {
  refresh();
  keepFocus();
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  // What is sent after a session has ended bears no token, and is refused as a form of nobody.
  const status = ctx.response.status === 400 && signInBar && !signInBar.hidden ? 401 : ctx.response.status;
  if (PROBLEMS[status]) showProblem(PROBLEMS[status]);
  else showProblem(gettext("The server could not do this (error %(status)s). Nothing was changed; try again in a moment.", { status }));
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx) showProblem(gettext("The server could not be reached. Check the connection, then try again."));
});

// ---- Questions before a change: form[data-confirm] and hx-confirm ----

function ask(question) {
  confirmDialog.querySelector("#confirm-text").textContent = question;
  confirmDialog.returnValue = "no";
  confirmDialog.showModal();
  return new Promise((resolve) => {
    confirmDialog.addEventListener("close", () => resolve(confirmDialog.returnValue === "yes"), { once: true });
  });
}

const agreed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-confirm]") || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(form.dataset.confirm)) {
    agreed.add(form);
    form.requestSubmit(submitter);
  }
}, { capture: true });

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  if (await ask(ctx.confirm)) issueRequest();
  else dropRequest();
});

// ---- Keyboard: data-key, "?" for the list, "/" for the search. WCAG 2.1.4: single keys can be switched off ----

function stored(act) {
  try {
    return act(window.localStorage);
  } catch (error) {
    if (error instanceof DOMException) return null; // a frame without storage: the choice lasts as long as the page
    throw error;
  }
}

let keysOn = stored((store) => store.getItem(SWITCH)) !== "off";

const WRITABLE = "input:not([type=hidden], [type=submit], [type=checkbox], [type=radio]), textarea, select";
const isTyping = (element) => element.closest(`${WRITABLE}, [contenteditable]`) !== null; // not in a checkbox
const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
const keyed = () => [...document.querySelectorAll("[data-key]")].filter(isSeen);

function press(element) {
  if (element.matches(WRITABLE)) element.focus();
  else element.click();
  // What a summary opened is what the key was pressed for.
  if (element.matches("details[open] > summary")) (element.parentElement.querySelector(`${WRITABLE}, button`) ?? element).focus();
}

function listShortcuts() {
  const rows = keyed().filter((element) => element.dataset.keyLabel).map(({ dataset }) => [dataset.keyShown ?? dataset.key, dataset.keyLabel]);
  if (document.querySelector("[data-search]")) rows.push(["/", gettext("Search")]);
  rows.push(["?", gettext("This list")]);
  const list = shortcutsDialog.querySelector(".shortcut-list");
  list.replaceChildren(...rows.flatMap(([key, label]) => {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap);
    words.textContent = label;
    return [term, words];
  }));
}

function openDialog(id) {
  if (id === "shortcuts") listShortcuts();
  document.getElementById(id).showModal();
}

function elementFor(key) {
  if (key === "/") return document.querySelector("[data-search]");
  const named = keyed().filter((element) => element.dataset.key === key.toLowerCase());
  // Of a list, the entry that has the focus; then the page's own before the navigation's.
  const entry = document.activeElement.closest("[data-item]");
  return named.find((element) => entry?.contains(element)) ?? named.find((element) => element.closest("main")) ?? named[0];
}

document.addEventListener("keydown", (event) => {
  if (!shortcutsDialog || document.querySelector("dialog[open]") || isTyping(event.target)) return;
  if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (event.shiftKey && !"?/".includes(event.key)) return;
  const target = event.key === "?" ? shortcutsDialog : elementFor(event.key);
  if (!target) return;
  event.preventDefault();
  if (target === shortcutsDialog) openDialog("shortcuts");
  else press(target);
});

// Forms are sent by keyboard everywhere: Enter in a list, as in a line, and Ctrl+Enter in a text.
document.addEventListener("keydown", (event) => {
  const { target, key, ctrlKey, metaKey } = event;
  if (key !== "Enter" || event.isComposing || !target.form) return;
  const sends = ctrlKey || metaKey ? target.matches("textarea, input, select") : target.matches("select[data-enter]");
  if (!sends) return;
  event.preventDefault();
  target.form.requestSubmit();
});

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-opens]");
  if (opener) openDialog(opener.dataset.opens);
});

const keySwitch = document.getElementById("shortcuts-on");
if (keySwitch) {
  keySwitch.checked = keysOn;
  keySwitch.addEventListener("change", () => {
    keysOn = keySwitch.checked;
    stored((store) => store.setItem(SWITCH, keysOn ? "on" : "off"));
  });
}

refresh();
