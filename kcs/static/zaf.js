// Speaks with Zendesk's pages, which hold this one in a frame: the message protocol of its app framework, version 2,
// written from what its SDK sends and expects. Only the parent window is heard, and only from the origin the server named.

import { parsed, Questions, words } from "./messages.js";

const VERSION = "2.0.0";
const ANSWER_MS = 10_000;
const PAUSE_MS = 400; // a pause in typing
const APP_GUID = /^[\w-]{1,100}$/;
const SOLVED = "solved";
const CHANGES = ["*.changed", "ticket.subject.changed", "ticket.comments.changed", "comment.text.changed", "comment.type.changed"];
const REPLY = ["ticket.comment.appendHtml", "comment.appendHtml"];
const PLAIN_REPLY = ["ticket.comment.appendText", "comment.appendText"];

class Messages {
  #guid;
  #origin;
  #questions = new Questions(ANSWER_MS);
  #heard = new Map();
  #asked = new Map();

  constructor(origin, guid) {
    this.#origin = origin;
    this.#guid = guid;
    window.addEventListener("message", (event) => this.#hear(event));
  }

  // Shakes hands; what the desk tells of the place comes back.
  begin() {
    return new Promise((resolve) => {
      this.#heard.set("app.registered", [resolve]);
      this.#send({ key: "iframe.handshake", message: { version: VERSION } });
    });
  }

  on(name, act) {
    const acts = this.#heard.get(name) ?? [];
    this.#heard.set(name, [...acts, act]);
    this.#send({ key: `iframe.on:${name}`, message: { subscriberCount: acts.length + 1 } });
  }

  // The desk asks before it goes on: it does unless `decide` rejects, and shows what was rejected with.
  decide(name, act) {
    this.#asked.set(name, act);
    this.#send({ key: `iframe.on:${name}`, message: { subscriberCount: 1 } });
  }

  async get(...paths) {
    const result = await this.#request("get", paths);
    return typeof result === "object" && result !== null ? result : {};
  }

  async invoke(name, ...values) {
    const result = await this.#request("invoke", { [name]: values });
    const problem = result?.errors?.[name];
    if (problem) throw new Error(`${name}: ${problem.message ?? problem}`);
    return result?.[name];
  }

  #request(request, params) {
    return this.#questions.ask((id) => this.#send({ id, request, params }));
  }

  #send(message) {
    window.parent.postMessage(JSON.stringify({ ...message, appGuid: this.#guid, instanceGuid: this.#guid }), this.#origin);
  }

  #hear({ source, origin, data }) {
    if (source !== window.parent || origin !== this.#origin) return;
    const said = parsed(data);
    if (!said) return;
    if (this.#questions.settle(said.id, said)) return;
    if (typeof said.key === "string" && said.key.startsWith("zaf.")) this.#event(said.key.slice("zaf.".length), said);
  }

  #event(name, { message, needsReply }) {
    if (needsReply) this.#reply(name);
    else this.#heard.get(name)?.forEach((act) => act(message));
  }

  async #reply(name) {
    const answer = { key: `iframe.reply:${name}`, appGuid: this.#guid };
    try {
      await this.#asked.get(name)?.();
    } catch (refused) {
      answer.error = { msg: refused instanceof Error ? refused.message : String(refused) };
    }
    window.parent.postMessage(answer, this.#origin);
  }
}

const isSolved = (value) => String(value ?? "").toLowerCase() === SOLVED;

// What embedding.js asks of a desk; each desk's own module gives the same.
class Desk {
  #messages;
  #place;

  constructor(messages, place) {
    this.#messages = messages;
    this.#place = place;
  }

  // The ticket's number; empty while it has none.
  async ticket() {
    const { ticketId } = this.#place?.context ?? {};
    const number = ticketId ?? (await this.#messages.get("ticket.id"))["ticket.id"];
    return number === undefined || number === null ? "" : String(number);
  }

  async locale() {
    const said = await this.#messages.get("currentUser.locale");
    return String(said["currentUser.locale"] ?? "");
  }

  // What the desk's form shows of the ticket now: its subject, what was said, what is being typed.
  async texts() {
    const said = await this.#messages.get("ticket.subject", "ticket.description", "ticket.comments", "comment.text");
    const comments = Array.isArray(said["ticket.comments"]) ? said["ticket.comments"] : [];
    return {
      subject: String(said["ticket.subject"] ?? ""),
      said: comments.length ? comments.map((each) => words(each?.value)) : [words(said["ticket.description"])].filter(Boolean),
      typed: words(said["comment.text"]),
    };
  }

  async isSolving() {
    const said = await this.#messages.get("ticket.status", "ticket.customStatus");
    const own = said["ticket.customStatus"];
    return isSolved(said["ticket.status"]) || isSolved(own?.category ?? own?.statusCategory ?? own?.status_category);
  }

  onChange(act) {
    let pause = 0;
    const soon = () => {
      clearTimeout(pause);
      pause = setTimeout(act, PAUSE_MS);
    };
    CHANGES.forEach((name) => this.#messages.on(name, soon));
  }

  // `act` is asked whenever the ticket is saved; what it rejects with is shown, and the ticket is not saved.
  onSave(act) {
    this.#messages.decide("ticket.save", act);
  }

  onTheme(act) {
    this.#messages.on("colorScheme.changed", (theme) => act(String(theme?.colorScheme ?? theme ?? "")));
  }

  // Into the reply being written, as rich text where the desk has that. Rejects where nothing is written.
  async insert(html, text) {
    const { "comment.useRichText": rich } = await this.#messages.get("comment.useRichText");
    const ways = rich === false ? [] : REPLY.map((name) => [name, html]);
    let problem = new Error("no reply to write into");
    for (const [name, value] of [...ways, ...PLAIN_REPLY.map((name) => [name, text])]) {
      try {
        await this.#messages.invoke(name, value);
        return;
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  resize(height) {
    this.#messages.invoke("resize", { width: "100%", height: `${height}px` }).catch(() => {}); // the frame stays as it is
  }
}

export async function connect([origin], address) {
  const guid = new URLSearchParams(address).get("app_guid") ?? "";
  if (window.parent === window || !APP_GUID.test(guid)) throw new Error("not within the desk");
  const messages = new Messages(origin, guid);
  return new Desk(messages, await messages.begin());
}
