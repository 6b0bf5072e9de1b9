// Each question takes one key: y, n or -, and the next comes. Arrow keys and Tab work as in any form.

const VALUES = { y: "yes", n: "no", "-": "na" };

document.querySelectorAll("form[data-answers]").forEach((form) => {
  const questions = [...form.querySelectorAll("fieldset.question")];
  const comment = form.elements.comment;
  const go = (question) => (question?.querySelector(":checked") ?? question?.querySelector("input") ?? comment).focus();

  form.addEventListener("keydown", (event) => {
    const question = event.target.closest("fieldset.question");
    if (!question || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const choice = question.querySelector(`input[value="${VALUES[event.key.toLowerCase()]}"]`);
    if (!choice) return;
    event.preventDefault();
    event.stopPropagation(); // the page's own keys mean something else
    choice.checked = true;
    go(questions[questions.indexOf(question) + 1]);
  });

  // The keyboard begins at the first question without an answer; the page stays where it is.
  const first = questions.find((question) => !question.querySelector(":checked")) ?? questions[0];
  first?.querySelector("input").focus({ preventScroll: true });
});
