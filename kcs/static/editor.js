// The editor around plain text areas: keeps what is typed, shows it as readers get it, tries the content standard on
// it, finds articles that already say it, and settles two texts. Without this script the forms work by themselves.

import { announce } from "./announcing.js";
import { type, wireMarks } from "./editor-marks.js";
import { gettext } from "./words.js";

const KEEP_AFTER = 2000; // ms without typing
const KEEP_AT_LEAST = 6000; // ms from the first change that is not kept
const HELP_AFTER = 400; // ms without typing
const HELP_SHARE = 3; // a slow answer is asked for again after three times its own length
const WIDE = window.matchMedia("(min-width: 64rem)");

const tokenTag = document.querySelector('meta[name="csrf-token"]');

// ---- Asking the server; a session begun anew in another tab is taken up ----

async function post(url, body, accept) {
  const headers = { "HX-Request": "true", "X-CSRFToken": tokenTag.content, Accept: accept };
  return fetch(url, { method: "POST", body, headers });
}

// Null when the token is taken up anew, else the answer that says why not.
async function renewToken() {
  const answer = await fetch(window.location.href, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return answer;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector('meta[name="csrf-token"]').content;
  tokenTag.content = token;
  document.querySelectorAll('input[name="csrf_token"]').forEach((input) => (input.value = token));
  return null;
}

const ELSEWHERE = { 409: gettext("Not kept: you have this article open in another window, which keeps its own text. Save or close that one first.") };
const REFUSED = {
  400: gettext("This page is too old to be saved from. Sign in in another tab, then save again: your text is still here."),
  401: gettext("You are signed out. Sign in in another tab, then save again: your text is still here."),
};
const AWAY = gettext("The server could not be reached. Your text is still here: check the connection, then save again.");

const UNSETTLED = "[data-difference]:not([data-settled])";

// ---- One form ----

class Editor {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-kept]");
    this.unkept = form.hasAttribute("data-changed");
    this.leaving = false;
    this.turn = Promise.resolve(true);
    // What only asks for another layout is no text: nothing is lost when it goes.
    form.addEventListener("input", ({ target }) => target.closest("[data-layout]") ?? this.touched());
    form.addEventListener("submit", (event) => this.submitted(event));
    if (this.unkept) this.touched();
  }

  async send(url, makeBody, accept = "*/*") {
    const answer = await post(url, makeBody(), accept);
    if (answer.status !== 400 && answer.status !== 401) return answer;
    const refusal = await renewToken();
    return refusal ?? post(url, makeBody(), accept);
  }

  say(text) {
    this.status.textContent = text;
    this.status.removeAttribute("role");
    this.status.classList.remove("kept-not");
  }

  complain(text) {
    this.status.setAttribute("role", "alert");
    this.status.classList.add("kept-not");
    this.status.textContent = text;
  }

  touched() {
    const begun = (this.since ??= Date.now());
    this.unkept = true;
    this.leaving = false;
    clearTimeout(this.timer);
    const latest = begun + KEEP_AT_LEAST - Date.now();
    this.timer = setTimeout(() => this.keep(), Math.max(0, Math.min(KEEP_AFTER, latest)));
  }

  // True when all that was typed is kept. One request at a time, in order.
  keep() {
    clearTimeout(this.timer);
    this.turn = this.turn.then(() => (this.unkept ? this.keepNow() : true));
    return this.turn;
  }

  // Two texts that are not settled yet are kept on top of the version they were begun from: the question comes again.
  typed() {
    const body = new FormData(this.form);
    if (this.form.querySelector(UNSETTLED)) body.set("base", this.form.dataset.begun);
    return body;
  }

  async keepNow() {
    this.unkept = false;
    this.since = null;
    let answer;
    try {
      answer = await this.send(this.form.dataset.keep, () => this.typed(), "application/json");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (answer?.ok) {
      const { saved_at: at } = await answer.json();
      const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      this.say(gettext("Kept %(time)s", { time }));
      return true;
    }
    this.unkept = true;
    this.timer = setTimeout(() => this.keep(), KEEP_AT_LEAST);
    this.complain(answer ? (REFUSED[answer.status] ?? ELSEWHERE[answer.status] ?? gettext("This could not be kept yet (error %(status)s).", { status: answer.status })) : AWAY);
    return Boolean(answer) && !REFUSED[answer.status]; // the save itself may still say what is wrong
  }

  // A form is sent only once its text is kept, so that neither an ended session nor an error can take it away.
  async submitted(event) {
    if (event.defaultPrevented || this.leaving) return;
    event.preventDefault();
    const { submitter } = event;
    this.unkept = true;
    if (!(await this.keep())) return;
    if (this.form.hasAttribute("data-beside")) {
      await this.saveHere();
      return;
    }
    this.leaving = true;
    this.form.requestSubmit(submitter);
  }

  async saveHere() {
    const { form } = this;
    const answer = await this.send(form.action, () => new FormData(form), "application/json");
    const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (answer.ok) {
      const side = form.closest(".compare-side");
      form.elements.base.value = told.number;
      for (const name of ["note", "significance"]) form.elements[name].value = "";
      side.querySelector("[data-shown=title]").textContent = form.elements.title.value;
      side.querySelector("[data-shown=text]").innerHTML = told.html; // rendered and sanitised by the server
      this.explain(gettext("%(key)s is saved as version %(number)s.", { key: form.dataset.subject, number: told.number }), "success");
      this.say("");
    } else if (answer.status === 409) {
      this.explain(told.message, "error", gettext("Put the two texts together"));
    } else {
      this.explain([told.message ?? gettext("This could not be saved (error %(status)s).", { status: answer.status }), ...Object.values(told.errors ?? {}).flat()].join(" "), "error");
    }
  }

  explain(text, kind, settle = "") {
    const box = document.createElement("div");
    box.className = `flash flash-${kind}`;
    box.append(text);
    if (settle) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: settle });
      button.addEventListener("click", () => {
        this.leaving = true;
        this.form.submit();
      });
      box.append(" ", button);
    }
    this.form.querySelector("[data-said]").replaceChildren(box);
    announce(text);
  }
}

// ---- Beside the text: content standard, similar articles, preview ----

class Studio {
  constructor(root, editor) {
    this.root = root;
    this.editor = editor;
    this.view = "checks";
    this.before = "checks";
    this.told = new Set();
    this.reader = root.querySelector("#preview-reader");
    editor.form.addEventListener("input", () => this.soon());
    this.reader.addEventListener("change", () => this.soon(0));
    root.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => event.key === "F8" && (event.preventDefault(), this.togglePreview()));
    WIDE.addEventListener("change", () => this.view !== "preview" && this.show(WIDE.matches ? "checks" : "write"));
    editor.form.addEventListener("focusin", ({ target }) => (this.last = target));
    root.querySelector(".studio-views").hidden = false;
    root.classList.add("is-live");
    this.show(WIDE.matches ? "checks" : "write");
    this.soon(0);
  }

  show(view) {
    this.view = view;
    this.root.dataset.view = view;
    const panes = WIDE.matches && view === "checks" ? ["checks", "similar"] : [view];
    this.root.querySelectorAll("[data-shows]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.shows === view)));
    this.root.querySelectorAll("[data-pane]").forEach((pane) => (pane.hidden = !panes.includes(pane.dataset.pane)));
    if (view === "preview") this.soon(0);
  }

  togglePreview() {
    if (this.view === "preview") {
      this.show(this.before);
      if (!WIDE.matches) this.last?.focus();
      return;
    }
    this.before = this.view;
    this.show("preview");
    if (!WIDE.matches) this.root.querySelector("[data-fill=preview]").focus();
    announce(gettext("Preview"));
  }

  clicked(event) {
    const shows = event.target.closest("[data-shows]")?.dataset.shows;
    if (shows === "preview" && this.view !== "preview") this.before = this.view;
    if (shows) this.show(shows);
    const place = event.target.closest('a[href^="#"]')?.getAttribute("href").slice(1);
    const field = place && this.editor.form.querySelector(`[id="${CSS.escape(place)}"]`);
    if (!field) return;
    event.preventDefault();
    if (!WIDE.matches) this.show("write");
    field.focus();
  }

  soon(after = HELP_AFTER) {
    clearTimeout(this.timer);
    if (this.busy) this.again = true;
    else this.timer = setTimeout(() => this.help(), Math.max(after, (this.free ?? 0) - Date.now()));
  }

  async help() {
    this.busy = true;
    const begun = Date.now();
    try {
      if (this.view === "preview") await this.ask("preview", (page) => this.fill("preview", page.childNodes));
      await this.ask("assist", (page) => this.fillHelp(page));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // not reached: asked again with the next change
    }
    this.free = Date.now() + HELP_SHARE * (Date.now() - begun);
    this.busy = false;
    if (this.again) {
      this.again = false;
      this.soon();
    }
  }

  async ask(what, use) {
    const answer = await this.editor.send(this.editor.form.dataset[what], () => {
      const body = new FormData(this.editor.form);
      body.set("reader", this.reader.value);
      return body;
    });
    if (!answer.ok) return;
    const page = document.createElement("template");
    page.innerHTML = await answer.text();
    use(page.content);
  }

  fillHelp(page) {
    for (const part of page.querySelectorAll("[data-part]")) {
      const { part: name, count, same } = part.dataset;
      this.root.querySelector(`[data-count-of="${name}"]`).textContent = count;
      if (same && !this.told.has(same)) announce(gettext("%(keys)s looks the same as what you write.", { keys: same }));
      if (same) this.told.add(same);
      this.fill(name, part.childNodes);
    }
  }

  fill(name, nodes) {
    const place = this.root.querySelector(`[data-fill="${name}"]`);
    if (name !== "preview" && place.contains(document.activeElement)) return; // somebody is reading there
    const open = place.querySelector("details")?.open;
    place.replaceChildren(...nodes);
    if (open) place.querySelector("details")?.setAttribute("open", "");
  }
}

// ---- Two texts: take mine, theirs or both; the keys lead to the first field that still asks ----

function wireMerge(form) {
  const differences = [...form.querySelectorAll("[data-difference]")];
  const firstOpen = () => form.querySelector(UNSETTLED);

  function aimKeys() {
    const open = firstOpen();
    form.querySelectorAll("[data-takes]").forEach((button) => {
      if (open?.contains(button)) Object.assign(button.dataset, { key: button.dataset.mergeKey, keyLabel: `${button.textContent.replace(/\d/, "").trim()}: ${open.querySelector("legend").textContent}` });
      else delete button.dataset.key;
    });
  }
  function settle(difference, button) {
    const result = difference.querySelector("input, textarea");
    type(result, 0, result.value.length, button.dataset.text);
    difference.querySelectorAll("[data-takes]").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    difference.dataset.settled = "";
    aimKeys();
    const open = firstOpen();
    (open?.querySelector("[data-takes]") ?? form.querySelector("[type=submit]")).focus();
    const [label, next] = [difference, open].map((each) => each?.querySelector("legend").textContent);
    announce(open ? gettext("%(label)s is settled. Next: %(next)s.", { label, next }) : gettext("Everything is settled: save."));
  }
  differences.forEach((difference) => {
    difference.querySelector(".choices").hidden = false;
    difference.addEventListener("input", () => {
      difference.dataset.settled = ""; // put together by hand
      aimKeys();
    });
    difference.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-takes]");
      if (button) settle(difference, button);
    });
  });
  aimKeys();
}

// ---- Text areas grow with their text where the style sheet alone cannot make them ----

function grow({ target }) {
  if (!target.matches("textarea")) return;
  target.style.blockSize = "auto";
  target.style.blockSize = `${target.scrollHeight + 2}px`;
}

const editors = [...document.querySelectorAll("form[data-editor]")].map((form) => new Editor(form));
for (const editor of editors) {
  wireMarks(editor);
  if (editor.form.hasAttribute("data-merge")) wireMerge(editor.form);
  if (!CSS.supports("field-sizing", "content")) editor.form.addEventListener("input", grow);
}
const studio = document.querySelector("[data-studio]");
if (studio) new Studio(studio, editors[0]);

window.addEventListener("beforeunload", (event) => {
  if (editors.some((editor) => editor.unkept && !editor.leaving)) event.preventDefault();
});
window.addEventListener("pageshow", ({ persisted }) => persisted && editors.forEach((editor) => (editor.leaving = false)));
