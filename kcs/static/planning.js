// A moment is chosen in the reader's own time: the form says how far that is from UTC on the chosen day.

import { gettext } from "./words.js";

document.querySelectorAll("form[data-planning]").forEach((form) => {
  const { at, offset } = form.elements;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.getElementById(at.getAttribute("aria-describedby")).textContent = gettext("Your own time, %(zone)s.", { zone });
  const note = () => (offset.value = at.value ? -new Date(at.value).getTimezoneOffset() : "");
  at.addEventListener("change", note);
  form.addEventListener("submit", note, { capture: true });
});
