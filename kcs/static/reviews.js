// Choosing a passage on the review page: select words and press "m", and the comment is about them.
// By keyboard, a field that has the focus takes words with the arrow keys. Without this the field and its words are typed.

const say = document.querySelector("#say > summary");
const selection = document.getSelection();
let chosen = null;

function passageOf(node) {
  return (node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement)?.closest("[data-field]") ?? null;
}

function remember() {
  const place = passageOf(selection.anchorNode);
  const words = selection.toString().trim();
  // Kept when the selection is gone: a press on the button takes it away.
  if (place && words && place === passageOf(selection.focusNode)) chosen = { field: place.dataset.field, quote: words };
}

document.addEventListener("selectionchange", remember);

say?.addEventListener("click", (event) => {
  if (!chosen) return;
  document.getElementById("say-field").value = chosen.field;
  document.getElementById("say-quote").value = chosen.quote;
  chosen = null;
  // An open form stays open: it is filled anew.
  if (say.parentElement.open) {
    event.preventDefault();
    document.getElementById("say-text").focus();
  }
});

function chooseByKey(event) {
  const place = event.currentTarget;
  const along = { ArrowRight: "forward", ArrowLeft: "backward" }[event.key];
  if (!along || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (passageOf(selection.focusNode) !== place) selection.collapse(place, 0);
  else if (!event.shiftKey) selection.collapse(selection.focusNode, selection.focusOffset);
  const before = { node: selection.focusNode, offset: selection.focusOffset };
  selection.modify("extend", along, "word");
  if (passageOf(selection.focusNode) !== place) selection.extend(before.node, before.offset);
  // The event comes some time after the key; whoever types fast presses "m" before it.
  remember();
}

document.querySelectorAll("[data-field]").forEach((place) => place.addEventListener("keydown", chooseByKey));
