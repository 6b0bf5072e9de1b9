// Many articles at once: the number chosen, all of a page with one press, and only the fields the act needs.

import { gettext } from "./words.js";

const form = document.querySelector("form[data-bulk]");
const boxes = [...document.querySelectorAll('input[type="checkbox"][form="bulk"]')];
const all = form.querySelector("[data-choose]");
const act = form.elements.act;

function count() {
  const number = boxes.filter((box) => box.checked).length;
  document.getElementById("chosen").textContent = number || "";
  all.textContent = number === boxes.length ? gettext("Choose none") : gettext("Choose all on this page");
}

function offer() {
  form.querySelectorAll("[data-for]").forEach((place) => (place.hidden = !place.dataset.for.split(" ").includes(act.value)));
}

all.hidden = false;
all.addEventListener("click", () => {
  const on = boxes.some((box) => !box.checked);
  boxes.forEach((box) => (box.checked = on));
  count();
});
boxes.forEach((box) => box.addEventListener("change", count));
act.addEventListener("change", offer);
count();
offer();
