/* J, K and the arrows walk over the rows of a list; Enter opens the one with the focus, being a link. */
const STEPS = { KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.code];
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  if (!step || !plain || event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  if (!links.length) return;
  const inRow = event.target.closest("tr, li")?.querySelector(".row-link");
  const at = links.indexOf(inRow);
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  event.preventDefault();
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
});
