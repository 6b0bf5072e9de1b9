// On the merge page: take the other article's text for a field, or append it.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-take], [data-append]");
  if (!button) return;
  const field = button.closest("[data-merge]").querySelector("input, textarea");
  const { take, append } = button.dataset;
  field.value = take ?? [field.value.trimEnd(), append].filter(Boolean).join("\n\n");
  field.focus();
});
