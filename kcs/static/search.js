// The search page: arrow keys between box and results, choices that apply at once, an address that keeps what was typed.

const box = document.getElementById("field-q");
const results = document.getElementById("results");
const titles = () => [...results.querySelectorAll("[data-results] .suggestion-title")];

function move(event, by) {
  const links = titles();
  const place = links.indexOf(document.activeElement) + by;
  if (place < 0 && document.activeElement === box) return;
  const next = place < 0 ? box : links[Math.min(place, links.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  if (event.target !== box && !titles().includes(event.target)) return;
  if (event.key === "ArrowDown") move(event, event.target === box ? 1 : 1);
  if (event.key === "ArrowUp" && event.target !== box) move(event, -1);
  if (event.key === "Escape" && event.target !== box) box.focus();
});

// Coming back from an article leads to the results it was opened from.
document.addEventListener("htmx:after:swap", () => {
  const place = new URL(window.location.href);
  place.searchParams.set("q", box.value.trim());
  window.history.replaceState(window.history.state, "", place);
});

document.querySelectorAll("[data-narrows]").forEach((choice) => choice.addEventListener("change", () => choice.form.requestSubmit()));
document.querySelectorAll("[data-without-script]").forEach((button) => (button.hidden = true));
