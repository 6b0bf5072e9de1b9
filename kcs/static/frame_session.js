// The session of a page within a desk's frame. Where the desk proved who visits, its token came with the page and stays in
// memory. Elsewhere somebody signs in here, in a window beside the desk, which hands the token over; the page tells the other
// frames of ours at the desk, and keeps it for those to come, where the browser lets a frame keep anything.

import { call, carry, isCarried } from "./calls.js";
import { parsed } from "./messages.js";
import { keep, kept, sleep } from "./waiting.js";

const MINUTE_MS = 60_000;
const RENEW_MS = 20 * MINUTE_MS;
const WINDOW = "popup,width=480,height=640";

// All frames of the desk's page, whoever they belong to.
function* framesOf(place) {
  for (let index = 0; index < place.length; index += 1) {
    yield place[index];
    yield* framesOf(place[index]);
  }
}

export class Session {
  #home;
  #signIn;
  #key;
  #bar = document.getElementById("sign-in");
  #window = null;
  #waiting = [];
  #given = null; // what was handed over: the token, and when it was last renewed
  #renewed = Date.now();

  constructor({ home, signIn = "" }) {
    this.#home = home;
    this.#signIn = signIn;
    this.#key = `kcs-session:${home}`;
    const place = document.querySelector('meta[name="kcs-token"]');
    const given = place?.content ?? "";
    place?.remove();
    if (given) carry(given);
    if (this.isOwn) this.#listen();
  }

  get isOwn() {
    return this.#signIn !== "";
  }

  // Resolves once somebody is signed in; shows the button until then.
  async begin() {
    if (this.isOwn) this.#take(kept(this.#key));
    if (this.isOwn && !isCarried()) this.#tellFrames({ type: "session?" });
    if (!isCarried()) await this.again();
    this.#renewing();
  }

  // Asks for signing in; resolves once somebody has.
  again() {
    if (this.#bar) this.#bar.hidden = false;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #listen() {
    this.#bar.querySelector("button").addEventListener("click", () => this.#openWindow());
    window.addEventListener("message", (event) => this.#hear(event));
    window.addEventListener("storage", ({ key }) => key === this.#key && this.#take(kept(this.#key)));
    document.addEventListener("kcs:signed-out", () => this.#end());
  }

  #openWindow() {
    this.#window = window.open(this.#signIn, "_blank", WINDOW);
    this.#bar.querySelector("[data-blocked]").hidden = this.#window !== null;
  }

  // Only pages of ours are heard: the window that was opened here, and frames beside this one for the same connection.
  #hear({ source, origin, data }) {
    if (origin !== location.origin || source === null || source === window) return;
    const said = parsed(data);
    if (said?.type === "token" && source === this.#window) this.#handed(said.token, source);
    else if (said?.home !== this.#home) return;
    else if (said.type === "session") this.#take(said);
    else if (said.type === "session?" && this.#given) source.postMessage(this.#told(), location.origin);
  }

  #handed(token, from) {
    if (typeof token !== "string" || !token) return;
    const given = { token, at: Date.now() };
    keep(this.#key, given);
    this.#take(given);
    this.#tellFrames(this.#told());
    from.postMessage({ type: "taken" }, location.origin);
  }

  #told() {
    return { type: "session", home: this.#home, ...this.#given };
  }

  // The browser gives it to frames of our own origin, and to no other.
  #tellFrames(message) {
    for (const each of framesOf(window.top)) if (each !== window) each.postMessage({ ...message, home: this.#home }, location.origin);
  }

  #take(given) {
    if (typeof given?.token !== "string" || !given.token) return;
    this.#given = { token: given.token, at: Number(given.at) || 0 };
    carry(given.token);
    this.#renewed = this.#given.at;
    this.#bar.hidden = true;
    this.#waiting.splice(0).forEach((resolve) => resolve());
    document.dispatchEvent(new CustomEvent("kcs:signed-in"));
  }

  #end() {
    this.#given = null;
    carry("");
    keep(this.#key, null);
    this.#bar.hidden = false;
  }

  // Lets the session last on while the page is open; of several pages one does it for all.
  async #renewing() {
    for (;;) {
      if (isCarried() && Date.now() - this.#latest() >= RENEW_MS) await this.#renew();
      await sleep(MINUTE_MS);
    }
  }

  #latest() {
    return Math.max(this.#renewed, (this.isOwn && Number(kept(this.#key)?.at)) || 0);
  }

  async #renew() {
    const answer = await call(`${this.#home}/renewals`, { method: "POST" }).catch(() => null);
    if (!answer?.ok) return;
    this.#renewed = Date.now();
    const given = this.isOwn ? kept(this.#key) : null;
    if (given) keep(this.#key, { ...given, at: this.#renewed });
  }
}
