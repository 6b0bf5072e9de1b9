// What the modules that speak with a desk share: messages between windows, and questions that wait for their answers.

// A message is an object, or one as JSON; anything else is nobody's business here.
export function parsed(data) {
  let said = data;
  if (typeof data === "string") {
    try {
      said = JSON.parse(data);
    } catch {
      return null;
    }
  }
  return typeof said === "object" && said !== null && !Array.isArray(said) ? said : null;
}

export const words = (html) => new DOMParser().parseFromString(String(html ?? ""), "text/html").body.textContent.trim();

// Questions to another window, by number; none waits longer than `patience` milliseconds.
export class Questions {
  #waiting = new Map();
  #last = 0;
  #patience;

  constructor(patience) {
    this.#patience = patience;
  }

  ask(send) {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(id, { error: { message: "no answer" } }), this.#patience);
      this.#waiting.set(id, { resolve, reject, timer });
      send(id);
    });
  }

  // False for what nobody asked.
  settle(id, { result, error }) {
    const asked = this.#waiting.get(id);
    if (!asked) return false;
    this.#waiting.delete(id);
    clearTimeout(asked.timer);
    if (error) asked.reject(new Error(String(error.message ?? error)));
    else asked.resolve(result);
    return true;
  }
}
