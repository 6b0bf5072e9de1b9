// Copies an address that has to be entered elsewhere. Without the right to the clipboard it is selected instead.
document.querySelectorAll("[data-copies]").forEach((button) => {
  const field = document.getElementById(button.dataset.copies);
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "✓";
    } catch {
      field.focus();
    }
    setTimeout(() => (button.textContent = words), 2000);
  });
});
