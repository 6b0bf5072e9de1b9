// Keeps the desk's frame as high as the page in it. A page that only says why it cannot open does nothing else.

const TALLEST = 900;

export function fit(desk, frame) {
  let last = 0;
  const measure = () => {
    const height = Math.min(TALLEST, Math.ceil(frame.getBoundingClientRect().height));
    if (Math.abs(height - last) < 4) return;
    last = height;
    desk.resize(height);
  };
  new ResizeObserver(measure).observe(frame);
  measure();
}

async function fitProblem(frame) {
  const { connect } = await import(frame.dataset.desk);
  fit(await connect(frame.dataset.origins.split(" "), location.search), frame);
}

const refused = document.getElementById("refused");
if (refused?.dataset.desk) fitProblem(refused).catch((error) => console.info(`kcs: ${error.message}`));
