// The window in which somebody signed in for the panel at a desk: it takes a session for that from the server, hands it to the
// frame that opened this window, and closes. The frame must be a page of ours; the browser gives the message to no other.

const TAKEN_MS = 4000;
const form = document.getElementById("hand-over");

function say(name) {
  document.querySelectorAll("[data-step]").forEach((each) => (each.hidden = each.dataset.step !== name));
  form.hidden = name !== "failed";
}

function isTaken(opener) {
  return new Promise((resolve) => {
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source === opener && origin === location.origin && data?.type === "taken") resolve(true);
    });
    setTimeout(() => resolve(false), TAKEN_MS);
  });
}

async function handOver() {
  const { opener } = window;
  if (!opener) return say("alone");
  say("waiting");
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return say("failed");
  const { token } = await answer.json();
  const taken = isTaken(opener);
  opener.postMessage({ type: "token", token }, location.origin);
  if (!(await taken)) return say("alone");
  say("done");
  window.close();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  handOver();
});
handOver();
