// What a screen reader is told. Two results that come at once are both said: each is a line of its own, and takes the
// place of only those lines that had their time.

const HEARD_AFTER = 5000; // ms
const PAUSE = 100; // ms; a change after a pause is read even on a page that has just come

export function announce(text) {
  setTimeout(() => say(text), PAUSE);
}

function say(text) {
  const announcer = document.getElementById("announcer");
  const line = document.createElement("p");
  const now = performance.now();
  line.textContent = text;
  line.dataset.said = now;
  for (const earlier of [...announcer.children]) if (now - earlier.dataset.said > HEARD_AFTER) earlier.remove();
  announcer.append(line);
}
