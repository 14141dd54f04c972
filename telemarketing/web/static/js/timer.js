/* Times that run: <span data-since="epoch ms" data-mark-ms="420000">, by the server's clock. */
const renderedAt = Number(document.querySelector('meta[name="now-ms"]').content);
// When the answer began to arrive; not every browser tells that of every page.
const [load] = performance.getEntriesByType("navigation");
const answeredAt = load ? performance.timeOrigin + load.responseStart : Date.now();
const ahead = answeredAt - renderedAt;

export function shown(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  const now = Date.now() - ahead;
  for (const timer of document.querySelectorAll("[data-since]")) {
    const ran = now - Number(timer.dataset.since);
    const text = shown(ran);
    if (timer.textContent !== text) timer.textContent = text;
    const mark = Number(timer.dataset.markMs);
    timer.toggleAttribute("data-marked", mark > 0 && ran >= mark);
  }
}

tick();
setInterval(tick, 250);
// What the server has just sent is as old as the answer took.
document.addEventListener("htmx:after:swap", tick);
