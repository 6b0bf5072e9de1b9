// Speaks with a page of our own app at a desk, which holds this one in a frame: docs/freshdesk-app.md has the messages, which
// are no vendor's. Only the window that holds this page is heard, and only from the origins the server named.

import { parsed, Questions, words } from "./messages.js";

const VERSION = 1;
const ANSWER_MS = 10_000;
const text = (value) => (typeof value === "string" ? value : "");

// What embedding.js asks of a desk; each desk's own module gives the same.
class Desk {
  #origin;
  #told;
  #questions = new Questions(ANSWER_MS);
  #changed = () => {};
  #asked = null;
  #passed = () => {};

  constructor(origin, told) {
    this.#origin = origin;
    this.#told = told;
  }

  // Where nothing is shown, and only what happens at closing is asked.
  get isHidden() {
    return this.#told.place === "background";
  }

  async ticket() {
    return text(this.#told.ticket);
  }

  async locale() {
    return text(this.#told.locale);
  }

  async texts() {
    const said = Array.isArray(this.#told.said) ? this.#told.said : [];
    return { subject: text(this.#told.subject), said: said.map(words).filter(Boolean), typed: words(text(this.#told.typed)) };
  }

  // The app asks where a ticket is about to be solved, and nowhere else.
  async isSolving() {
    return true;
  }

  onChange(act) {
    this.#changed = act;
  }

  onSave(act) {
    this.#asked = act;
  }

  // The app tells of tickets that were solved while this page could not be asked.
  onPassed(act) {
    this.#passed = act;
  }

  onTheme() {} // the app's messages tell of none: the browser's colours stand

  insert(html, plain) {
    return this.#questions.ask((id) => this.send({ type: "insert", id, html, text: plain }));
  }

  resize(height) {
    this.send({ type: "resize", height });
  }

  send(message) {
    window.parent.postMessage({ kcs: VERSION, ...message }, this.#origin);
  }

  hear(said) {
    if (said.type === "hello") this.send({ type: "ready" });
    else if (said.type === "ticket") this.#change(said);
    else if (said.type === "closing") this.#answer(said);
    else if (said.type === "passed" && Array.isArray(said.saves)) this.#passed(said.saves);
    else if (said.type === "done") this.#questions.settle(said.id, { error: said.error });
  }

  #change(said) {
    if (text(said.ticket) !== text(this.#told.ticket)) return; // the app opens this page anew for another ticket
    this.#told = { ...this.#told, ...said };
    this.#changed();
  }

  async #answer({ id, ticket, left, at }) {
    try {
      await this.#asked?.({ ticket: text(ticket), left: Number(left), at: text(at) });
      this.send({ type: "answer", id, act: "pass" });
    } catch (refused) {
      this.send({ type: "answer", id, act: "refuse", said: refused.message });
    }
  }
}

// Resolves once the page that holds this one has said hello.
export function connect(origins) {
  if (window.parent === window) throw new Error("not within the desk");
  return new Promise((resolve) => {
    let desk = null;
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !origins.includes(origin)) return;
      const said = parsed(data);
      if (said?.kcs !== VERSION) return;
      if (!desk && said.type !== "hello") return;
      if (!desk) resolve((desk = new Desk(origin, said)));
      desk.hear(said);
    });
  });
}
