// Formatting in plain text areas: marks, lists, tables, links to articles, pictures. Every change goes through the
// browser's own editing, so that undo takes it back.

import { gettext } from "./words.js";

const picker = document.getElementById("link-picker");

export function type(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

const selected = (area) => area.value.slice(area.selectionStart, area.selectionEnd);

function around(area, mark) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const { length } = mark;
  const words = value.slice(from, to);
  if (value.slice(from - length, from) === mark && value.slice(to, to + length) === mark) {
    type(area, from - length, to + length, words);
    area.setSelectionRange(from - length, to - length);
    return;
  }
  type(area, from, to, mark + words + mark);
  area.setSelectionRange(from + length, to + length);
}

function lines(area, begin, pattern) {
  const { value } = area;
  const from = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(area.selectionEnd - 1, from));
  const to = end < 0 || area.selectionEnd === area.selectionStart && end < area.selectionEnd ? value.length : end;
  const rows = value.slice(from, Math.max(to, from)).split("\n");
  const all = rows.every((row) => pattern.test(row));
  const text = rows.map((row, place) => (all ? row.replace(pattern, "") : begin(place) + row.replace(/^(?:[-*+]|\d+[.)]) /, ""))).join("\n");
  const gap = !all && from > 0 && value.slice(0, from).trimEnd() && value[from - 2] !== "\n" && !/^(?:[-*+]|\d+[.)]) /.test(value.slice(0, from - 1).split("\n").at(-1)) ? "\n" : "";
  type(area, from, Math.max(to, from), gap + text);
}

function block(area, text, chooseFrom, chooseLength) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const before = !from || value.slice(0, from).endsWith("\n\n") ? "" : value[from - 1] === "\n" ? "\n" : "\n\n";
  const after = value.slice(to).startsWith("\n") ? "\n" : "\n\n";
  type(area, from, to, before + text + (to === value.length ? "\n" : after));
  const start = from + before.length + chooseFrom;
  area.setSelectionRange(start, start + chooseLength);
}

function code(area) {
  const words = selected(area);
  if (!words.includes("\n")) return around(area, "`");
  return block(area, "```\n" + words + "\n```", 4, words.length);
}

const COLUMN = gettext("Column");
const TABLE = `| ${COLUMN} | ${COLUMN} |\n| --- | --- |\n|  |  |`;
const ACTS = {
  bold: (area) => around(area, "**"),
  italic: (area) => around(area, "*"),
  list: (area) => lines(area, () => "- ", /^[-*+] /),
  numbers: (area) => lines(area, (place) => `${place + 1}. `, /^\d+[.)] /),
  code,
  table: (area) => block(area, TABLE, 2, COLUMN.length),
};
const CHORDS = { b: "bold", i: "italic", e: "code", k: "link" };
const SHIFTED = { Digit7: "numbers", Digit8: "list" };

// ---- Lists go on by themselves: Enter begins the next item, and on an empty one ends the list ----

function nextItem(event) {
  const { target: area } = event;
  if (area.selectionStart !== area.selectionEnd) return;
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const row = area.value.slice(from, area.selectionStart);
  const [begin, indent, mark] = row.match(/^(\s*)([-*+]|\d+[.)]) /) ?? [];
  if (!begin) return;
  event.preventDefault();
  // A blank line ends a list in Markdown.
  if (row === begin) type(area, from, area.selectionStart, "\n");
  else type(area, area.selectionStart, area.selectionStart, `\n${indent}${/\d/.test(mark) ? `${parseInt(mark, 10) + 1}${mark.at(-1)}` : mark} `);
}

// ---- Links ----

const isAddress = (words) => /^(?:https?:\/\/|mailto:)\S+$/.test(words);
const plain = (words) => words.replace(/[[\]\\]/g, "\\$&").replace(/\s+/g, " ");

function choices(rows, choose) {
  return rows.map(({ label, note, target, title }) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const words = document.createElement("bdi");
    button.type = "button";
    words.textContent = label;
    button.append(words);
    if (note) button.append(Object.assign(document.createElement("span"), { className: "muted small", textContent: note }));
    button.addEventListener("click", () => choose(target, title));
    item.append(button);
    return item;
  });
}

function link(area, form) {
  const input = picker.querySelector("#link-words");
  const list = picker.querySelector(".link-found");
  const said = picker.querySelector("#link-said");
  const [from, to, words] = [area.selectionStart, area.selectionEnd, selected(area)];
  let asked = 0;

  function choose(target, title) {
    picker.close();
    type(area, from, to, `[${plain(words) || plain(title)}](${target})`);
  }
  async function look() {
    const turn = ++asked;
    const typed = input.value.trim();
    const rows = isAddress(typed) ? [{ label: gettext("Link to %(address)s", { address: typed }), target: encodeURI(decodeURI(typed)), title: typed }] : [];
    if (typed && !rows.length) {
      const answer = await fetch(`${form.dataset.titles}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } });
      if (turn !== asked) return;
      if (answer.ok) rows.push(...(await answer.json()).map(({ key, title, state }) => ({ label: title, note: `${key} · ${state}`, target: `article:${encodeURIComponent(key)}`, title })));
    }
    list.replaceChildren(...choices(rows, choose));
    said.textContent = !typed ? "" : rows.length ? gettext("Found: %(number)s", { number: rows.length }) : gettext("Nothing found: try other words.");
  }
  let timer;
  const steps = new AbortController();
  const on = (target, name, act) => target.addEventListener(name, act, { signal: steps.signal });
  on(input, "input", () => (clearTimeout(timer), (timer = setTimeout(look, 200))));
  on(picker, "keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && buttons.length) {
      event.preventDefault();
      (buttons[place + step] ?? input).focus();
    } else if (event.key === "Enter" && document.activeElement === input) {
      event.preventDefault();
      buttons[0]?.click();
    }
  });
  on(picker.querySelector("[data-closes]"), "click", () => picker.close());
  on(picker, "close", () => {
    steps.abort();
    if (document.activeElement !== area) {
      area.focus();
      area.setSelectionRange(from, to);
    }
  });
  input.value = words.trim();
  list.replaceChildren();
  picker.showModal();
  input.select();
  look();
}

// ---- Pictures ----

async function addPicture(area, file, editor) {
  editor.say(gettext("Adding %(name)s…", { name: file.name }));
  const answer = await editor.send(editor.form.dataset.images, () => {
    const body = new FormData();
    body.append("image", file);
    return body;
  });
  if (!answer.ok) return editor.complain(await problemOf(answer, gettext("The picture could not be added.")));
  const { name } = await answer.json();
  const words = plain(file.name.replace(/\.\w+$/, "")).trim();
  const at = area.selectionStart;
  type(area, at, area.selectionEnd, `![${words}](image:${name})`);
  area.setSelectionRange(at + 2, at + 2 + words.length);
  return editor.say(gettext("The picture is added: say in a few words what it shows."));
}

async function problemOf(answer, words) {
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main p:not(.error-code)");
  return found?.textContent.trim() || words;
}

const pictures = (transfer) => [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));

// ---- Wiring ----

export function wireMarks(editor) {
  const { form } = editor;
  const bar = form.querySelector(".marks");
  if (!bar) return;
  const files = bar.querySelector("[data-image-file]");
  const buttons = [...bar.querySelectorAll("button")];
  let area = form.querySelector("textarea");

  function act(name) {
    if (!area) return;
    if (name === "link") link(area, form);
    else if (name === "image") files.click();
    else ACTS[name](area);
  }
  form.addEventListener("focusin", ({ target }) => target.matches("textarea") && (area = target));
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("textarea") || event.isComposing) return;
    if (event.altKey && event.key === "F10") {
      event.preventDefault();
      buttons.find((button) => button.tabIndex === 0).focus();
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) nextItem(event);
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const name = event.shiftKey ? SHIFTED[event.code] : CHORDS[event.key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    act(name);
  });
  bar.addEventListener("pointerdown", (event) => event.preventDefault()); // the text keeps the focus
  bar.addEventListener("click", ({ target }) => act(target.closest("[data-mark]")?.dataset.mark));
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") area?.focus();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = buttons.indexOf(document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    const next = buttons.at((place + step) % buttons.length);
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
  files.addEventListener("change", () => {
    for (const file of files.files) addPicture(area, file, editor);
    files.value = "";
  });
  for (const name of ["paste", "drop"]) {
    form.addEventListener(name, (event) => {
      const found = pictures(event.clipboardData ?? event.dataTransfer);
      if (!found.length || !event.target.matches("textarea")) return;
      event.preventDefault();
      area = event.target;
      for (const file of found) addPicture(area, file, editor);
    });
  }
  bar.hidden = false;
}
