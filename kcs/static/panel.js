// Beside a ticket: suggestions that keep up with its text, a search worked by keys alone, the preview, and what is handed to the
// desk's reply. Its words come with the page; app.js does shortcuts, spoken results and the CSRF token.

import { announce } from "./announcing.js";
import { call } from "./calls.js";

const knowledge = document.getElementById("knowledge");
const preview = document.getElementById("preview");
const written = document.getElementById("written");
const inPanel = document.body.classList.contains("panel");
const desk = written?.dataset.desk || null; // the one origin that may send us text and is handed something
const isHeld = window.parent !== window && desk !== null;

const STOOD_MS = 2000; // words that stand so long were meant
const PAUSE_MS = 600; // a pause in writing

const finding = () => document.getElementById("finding");
const box = () => document.getElementById("ticket-search");
const found = () => document.getElementById("found");
const suggestions = () => document.getElementById("suggestions");
const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
const picks = () => [...knowledge.querySelectorAll("[data-offers] [data-pick], #found [data-pick]")].filter(isSeen);

// ---- The search: typing, Enter or arrow down into what it found, Enter once more to link ----

let answered = ""; // what the results on the page were asked for
let entering = false; // Enter was pressed before the results had come
let kept = ""; // the search that was written down last
let standing = 0;

const asked = () => new URLSearchParams(new FormData(finding())).toString();
const isAsking = () => [...new FormData(finding()).values()].some((value) => value.trim() !== "");

function keep() {
  const token = found()?.querySelector("[data-search-token]")?.dataset.searchToken;
  if (!token || token === kept) return;
  kept = token;
  const body = new URLSearchParams({ from: token });
  const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
  // Evidence alone: what somebody is doing does not wait for it, nor fail with it.
  call(finding().dataset.keep, { method: "POST", body, headers, keepalive: true }).catch(() => (kept = ""));
}

function move(by) {
  const places = picks();
  const place = places.indexOf(document.activeElement) + by;
  const next = place < 0 ? box() : places[Math.min(place, places.length - 1)];
  if (!next) return;
  next.focus();
  next.closest("[data-item]")?.scrollIntoView({ block: "nearest" });
}

function enter() {
  if (isAsking() && answered !== asked()) entering = true;
  else move(1);
}

knowledge.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  const { target, key } = event;
  const inBox = target === box();
  if (!inBox && !picks().includes(target)) return;
  if (key === "ArrowDown") move(1);
  else if (key === "ArrowUp" && !inBox) move(-1);
  else if (key === "Enter" && inBox) enter();
  else if (key === "Escape" && !inBox) box()?.focus();
  else if (key === "Escape" && inBox) leave();
  else return;
  event.preventDefault();
});

// What was meant instead goes into the box, and the focus to the first that it finds.
knowledge.addEventListener("click", ({ target }) => {
  const meant = target.closest("[data-meant]")?.dataset.meant;
  if (!meant) return;
  box().value = meant;
  box().focus();
  entering = true;
  box().dispatchEvent(new Event("input", { bubbles: true }));
});

function leave() {
  finding().reset();
  answered = "";
  found().replaceChildren();
  countFilters();
  box().blur(); // single keys work again
}

function countFilters() {
  const narrowed = [...finding().querySelectorAll(".filters input, .filters select")].filter(({ value }) => value.trim() !== "");
  finding().querySelector("[data-filters]").textContent = narrowed.length || "";
}

knowledge.addEventListener("input", ({ target }) => {
  if (target.form?.id !== "finding") return;
  clearTimeout(standing);
  countFilters();
});
knowledge.addEventListener("change", ({ target }) => target === box() && keep());
knowledge.addEventListener("submit", (event) => event.target.id === "finding" && (event.preventDefault(), enter()), { capture: true });

function foundSomething() {
  answered = asked();
  clearTimeout(standing);
  standing = setTimeout(keep, STOOD_MS);
  if (!entering) return;
  entering = false;
  move(1);
}

// ---- Suggestions: anew when the ticket or an article changed, without taking the focus or what is being typed ----

let focusedArticle = null;

function refresh() {
  const list = suggestions();
  if (!list) return;
  focusedArticle = document.activeElement.closest("#suggestions [data-item]")?.dataset.article ?? null;
  if (written.elements.body.value || written.elements.subject.value) written.requestSubmit();
  else list.dispatchEvent(new Event("kcs:refresh"));
  if (finding() && isAsking()) finding().dispatchEvent(new Event("kcs:refresh"));
}

const isBusy = () =>
  preview.open ||
  knowledge.contains(document.activeElement) ||
  knowledge.querySelector("details.choice[open], details.filters[open]") !== null ||
  (finding() !== null && isAsking());

document.body.addEventListener("kcs:articles-changed", refresh);
document.body.addEventListener("kcs:ticket-changed", () => {
  if (isBusy()) refresh();
  else knowledge.dispatchEvent(new Event("kcs:reload"));
});

// ---- The desk that holds the panel in a frame: the text being written comes in, links and texts go out ----

let pause = 0;

function takeWritten({ subject, body }) {
  clearTimeout(pause);
  pause = setTimeout(() => {
    const { elements } = written;
    const [title, text] = [String(subject ?? ""), String(body ?? "")];
    if (elements.subject.value === title && elements.body.value === text) return;
    [elements.subject.value, elements.body.value] = [title, text];
    refresh();
  }, PAUSE_MS);
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (isHeld && source === window.parent && origin === desk && data?.type === "kcs:text") takeWritten(data);
});
document.body.addEventListener("kcs:text", ({ detail }) => takeWritten(detail)); // from embedding.js
if (isHeld) window.parent.postMessage({ type: "kcs:ready" }, desk);

async function handOver(box) {
  const { html, text } = box.dataset;
  const how = (await handed(html, text)) ? "inserted" : await copied(html, text);
  const said = box.querySelector(`[data-said="${how}"]`);
  said.hidden = false;
  said.querySelector("textarea")?.select();
  announce(said.textContent.trim());
}

// True once it is in the desk's reply. embedding.js takes the event; a desk that speaks our own messages gets one.
async function handed(html, text) {
  if (isHeld) window.parent.postMessage({ type: "kcs:insert", html, text }, desk);
  if (isHeld) return true;
  const offer = new CustomEvent("kcs:insert", { detail: { html, text }, cancelable: true });
  if (document.body.dispatchEvent(offer)) return false;
  return offer.detail.done.then(() => true, () => false);
}

async function copied(html, text) {
  const as = (type, value) => new Blob([value], { type });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/html": as("text/html", html), "text/plain": as("text/plain", text) })]);
    return "copied";
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError || error instanceof ReferenceError) return "shown"; // not allowed here
    throw error;
  }
}

// ---- What came from the server ----

// Without scripts nobody is looking, so it is a script that says so.
function sayLooking() {
  for (const words of knowledge.querySelectorAll("[data-looking][hidden]")) {
    words.hidden = false;
    words.parentElement.setAttribute("aria-busy", "true");
  }
}
sayLooking();
new MutationObserver(sayLooking).observe(knowledge, { childList: true, subtree: true });

document.addEventListener("htmx:after:swap", () => {
  if (preview.querySelector("h2") && preview.dataset.asked) {
    delete preview.dataset.asked;
    preview.showModal();
  }
  document.querySelectorAll("[data-handed]").forEach((box) => {
    box.removeAttribute("data-handed");
    handOver(box);
  });
  const changed = document.querySelector("[data-offers-changed]");
  if (changed) {
    changed.removeAttribute("data-offers-changed");
    knowledge.querySelector("[data-done]")?.remove(); // what was done before this
    refresh();
    return; // what is to have the focus is known once the list has come
  }
  const list = suggestions();
  if (list?.querySelector("[data-offers]")) list.removeAttribute("aria-busy");
  if (focusedArticle && document.activeElement === document.body) {
    const same = list?.querySelector(`[data-article="${CSS.escape(focusedArticle)}"] [data-pick]`);
    (same ?? picks()[0] ?? box())?.focus();
  }
  focusedArticle = null;
  // The focus was put there once; what is swapped later leaves it where it is.
  document.querySelectorAll("[data-focus]:not([aria-invalid])").forEach((element) => element.removeAttribute("data-focus"));
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const target = typeof ctx.target === "string" ? document.querySelector(ctx.target) : ctx.target;
  if (target?.id === "preview-content") preview.dataset.asked = "yes";
  if (target === knowledge && preview.open) preview.close();
  if (target?.id === "found") queueMicrotask(() => setTimeout(foundSomething));
});

// Within a frame other pages open beside it: the panel stays with its ticket, or goes on to the next one's panel.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href]");
  if (!inPanel || !link || link.hasAttribute("data-here") || link.hasAttribute("hx-get") || link.getAttribute("href").startsWith("#")) return;
  link.target = "_blank";
  link.rel = "noopener";
}, { capture: true });
