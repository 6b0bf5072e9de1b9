// What happens when a ticket is saved as solved at a desk, and what is kept of saves that passed unasked.
// Nothing here may keep anybody from saving a ticket because of us.

import { call, isCarried } from "./calls.js";
import { keep, kept, sleep } from "./waiting.js";

const ASK_MS = 2000; // all that a save may wait for us
const MINUTE_MS = 60_000; // so long after the question a second save passes
const TELL_MS = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];
const KEPT = 20;
const REASONS = { 401: "signed_out", 403: "signed_out", 404: "not_known" };

export class Saves {
  #home;
  #key;
  #kept = [];
  #asked = new Map(); // when somebody was last asked about a ticket
  #isTelling = false;

  constructor(home) {
    this.#home = home;
    this.#key = `kcs-passed-saves:${home}`;
  }

  // Rejects with the words to show where the ticket may not be saved yet; in every other case it may.
  async decide(desk, { ticket, left = ASK_MS, at = "" }) {
    const ended = new AbortController();
    let reason = "timeout";
    const timer = sleep(left > 0 ? Math.min(left, ASK_MS) : ASK_MS).then(() => {
      ended.abort();
      return null;
    });
    const asking = this.#ask(desk, ticket, ended.signal).catch((error) => {
      reason = ended.signal.aborted ? "timeout" : (error.reason ?? "unexpected");
      return null;
    });
    const answer = await Promise.race([asking, timer]);
    if (answer === null) return this.#passed({ ticket, reason, at: at || new Date().toISOString() });
    if (answer.act === "refuse") throw refusal(answer.said);
    if (answer.act === "ask" && Date.now() - (this.#asked.get(ticket) ?? 0) > MINUTE_MS) {
      this.#asked.set(ticket, Date.now());
      throw refusal(answer.said);
    }
    return document.getElementById("save-asked")?.setAttribute("hidden", "");
  }

  // Keeps saves that passed, to tell of them as soon as the server answers.
  keep(saves) {
    this.#kept = [...this.#kept, ...saves].slice(-KEPT);
    keep(this.#key, [...this.#stored(), ...saves].slice(-KEPT));
    this.tell();
  }

  async tell() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let tries = 0; !(await this.#told()); tries += 1) await sleep(TELL_MS[Math.min(tries, TELL_MS.length - 1)]);
    this.#isTelling = false;
  }

  async #ask(desk, ticket, signal) {
    if (!(await desk.isSolving())) return { act: "pass" };
    if (!isCarried()) throw failed("signed_out");
    const answer = await call(`${this.#home}/tickets/${encodeURIComponent(ticket)}/closing`, { signal }).catch(() => {
      throw failed("unreachable");
    });
    if (!answer.ok) throw failed(REASONS[answer.status] ?? (answer.status >= 500 ? "server_error" : "refused"));
    const said = await answer.json().catch(() => null);
    const isRight = ["pass", "ask", "refuse"].includes(said?.act) && typeof said.said === "string";
    if (!isRight || (said.act !== "pass" && said.said === "")) throw failed("unexpected");
    return said;
  }

  #passed(save) {
    console.info(`kcs: ticket ${save.ticket} was saved without asking the server: ${save.reason}`);
    this.keep([save]);
  }

  #stored() {
    const list = kept(this.#key);
    return Array.isArray(list) ? list : [];
  }

  // True once there is nothing to tell any more, or nobody to tell it: another page does, or this one once somebody signs in.
  async #told() {
    const saves = unique([...this.#stored(), ...this.#kept]);
    if (!saves.length || !isCarried()) return true;
    const body = JSON.stringify({ saves });
    const answer = await call(`${this.#home}/passed-saves`, { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => null);
    if (!answer?.ok && answer?.status !== 400) return answer?.status === 401;
    this.#kept = this.#kept.filter((each) => !saves.some((save) => save.at === each.at));
    keep(this.#key, null);
    return this.#kept.length === 0;
  }
}

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

function unique(saves) {
  return [...new Map(saves.map((each) => [JSON.stringify(each), each])).values()].slice(-KEPT);
}
