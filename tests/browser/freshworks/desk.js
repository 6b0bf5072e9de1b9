// Freshdesk's side of the platform: what apps ask of the page, and the four clicks that they may hold back.
// An app settles an event it holds back with done or fail; until it has, nothing happens.

const kit = { held: [], sizes: [], calls: [], done: [], settled: [], hangs: false };
window.kit = kit;
const form = document.querySelector("form");
const editor = document.querySelector(".editor");
const [status, alertPlace] = [form.querySelector("[role=status]"), form.querySelector("[role=alert]")];
const frames = [...document.querySelectorAll("iframe")];
let ticket = {};

const values = {
  ticket: () => ({ ticket }),
  loggedInUser: () => ({ loggedInUser: { id: 17, contact: { name: "Ana", language: ticket.locale } } }),
};

const acts = {
  get: ({ name }) => (kit.hangs && name === "ticket" ? new Promise(() => {}) : values[name]()),
  iparams: () => window.iparams,
  resize: ({ height }) => void kit.sizes.push(height),
  on: ({ name, intercept }, source) => void (intercept && kit.held.push({ name, source })),
  trigger: ({ name, options }) => {
    kit.calls.push(`${name} ${options.id}`);
    if (options.id === "openReply") editor.hidden = false;
    else if (editor.hidden) throw new Error("editor is not open");
    editor.innerHTML += options.text;
  },
};

const waiting = new Map();

window.addEventListener("message", async ({ source, data }) => {
  if (!frames.some((frame) => frame.contentWindow === source)) return;
  if (data.settles) return settle(data);
  let answer;
  try {
    answer = { id: data.id, result: await acts[data.act](data, source) };
  } catch (error) {
    answer = { id: data.id, error: error.message };
  }
  source.postMessage({ kit: true, ...answer }, "*");
});

function settle({ settles, how, words }) {
  kit.settled.push(how);
  waiting.get(settles)?.({ how, words });
  waiting.delete(settles);
}

async function happens(name, data, said) {
  status.textContent = alertPlace.textContent = "";
  for (const { name: held, source } of kit.held) {
    if (held !== name) continue;
    const id = Math.random().toString(36);
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    source.postMessage({ kit: true, event: name, settles: id, data }, "*");
    const { how, words } = await answer;
    if (how === "fail") return void (alertPlace.textContent = words);
  }
  kit.done.push(said);
  status.textContent = said;
}

const changed = () => ({ changedAttributes: { status: [2, Number(form.status.value)] } });
form.querySelector("#close").addEventListener("click", () => happens("ticket.closeTicketClick", {}, "Closed"));
form.querySelector("#update").addEventListener("click", () => happens("ticket.propertiesUpdated", changed(), "Updated"));
form.querySelector("#send").addEventListener("click", () => happens("ticket.sendReply", { body: "Done." }, "Sent"));
form.querySelector("#send-resolved").addEventListener("click", () => happens("ticket.sendReply", { body: "Done.", status: "4" }, "Sent and resolved"));

fetch("/shown").then((answer) => answer.json()).then((shown) => {
  ticket = shown.ticket;
  editor.hidden = !ticket.replying;
  window.iparams = shown.iparams;
  form.querySelector("h1").textContent = ticket.subject;
  frames[0].src = `${shown.apps}/index.html`;
  frames[1].src = `${shown.apps}/background.html`;
});
