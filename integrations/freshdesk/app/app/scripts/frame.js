// The frame that holds our page, and the messages between the two: docs/freshdesk-app.md has them all. Only our page is heard,
// only from our server's origin, and nothing is sent to any other.

const VERSION = 1;
const HELLO_MS = 300;
const LOAD_MS = 15_000; // so long a page may take before it is loaded again
const AGAIN_MS = 30_000;
const KEPT = 20;

export class Frame {
  #iframe;
  #address;
  #origin;
  #acts;
  #hello = {};
  #isReady = false;
  #timers = [];
  #asked = new Map();
  #last = 0;
  #passed = [];

  // `acts` are what our page may ask of this one: resize(height), insert(html, text).
  constructor(iframe, address, acts = {}, host = window) {
    this.#iframe = iframe;
    this.#address = address;
    this.#origin = new URL(address).origin;
    this.#acts = acts;
    host.addEventListener("message", (event) => this.#hear(event));
  }

  // The number of the ticket that our page was opened for last.
  get ticket() {
    return this.#hello.ticket ?? "";
  }

  // Loads our page for a ticket; the one already shown is only told what is new.
  open(hello) {
    const isAnother = hello.ticket !== this.#hello.ticket;
    this.#hello = hello;
    if (isAnother) this.#load();
    else if (this.#isReady) this.#send({ ...hello, type: "ticket" });
  }

  // Rejects with a reason where our page is not there to answer.
  ask(question) {
    if (!this.#isReady) return Promise.reject(Object.assign(new Error("our page is not loaded"), { reason: "unreachable" }));
    const id = (this.#last += 1);
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      setTimeout(() => this.#asked.delete(id), question.left);
      this.#send({ ...question, type: "closing", id });
    });
  }

  // Has our page tell the server of a ticket that was solved unasked, as soon as both are there.
  passed(save) {
    this.#passed = [...this.#passed, save].slice(-KEPT);
    if (this.#isReady) this.#tell();
  }

  #load() {
    this.#isReady = false;
    this.#timers.forEach(clearInterval);
    this.#iframe.src = `${this.#address}?ticket=${encodeURIComponent(this.#hello.ticket)}`;
    const hello = setInterval(() => this.#send({ ...this.#hello, type: "hello" }), HELLO_MS);
    const late = setTimeout(() => {
      clearInterval(hello);
      this.#timers = [setTimeout(() => this.#load(), AGAIN_MS)];
    }, LOAD_MS);
    this.#timers = [hello, late];
  }

  #send(message) {
    this.#iframe.contentWindow?.postMessage({ ...message, kcs: VERSION }, this.#origin);
  }

  #tell() {
    if (this.#passed.length) this.#send({ type: "passed", saves: this.#passed.splice(0) });
  }

  #hear({ source, origin, data }) {
    if (source !== this.#iframe.contentWindow || origin !== this.#origin || data?.kcs !== VERSION) return;
    if (data.type === "ready") this.#ready();
    else if (data.type === "answer") this.#answer(data);
    else if (data.type === "resize" && Number.isFinite(data.height)) this.#acts.resize?.(data.height);
    else if (data.type === "insert") this.#insert(data);
  }

  #ready() {
    this.#isReady = true;
    this.#timers.splice(0).forEach(clearInterval);
    this.#tell();
  }

  #answer({ id, act, said }) {
    this.#asked.get(id)?.({ act, said });
    this.#asked.delete(id);
  }

  async #insert({ id, html, text }) {
    try {
      await this.#acts.insert(String(html ?? ""), String(text ?? ""));
      this.#send({ type: "done", id });
    } catch (error) {
      this.#send({ type: "done", id, error: { message: String(error?.message ?? "no reply is open") } });
    }
  }
}
