/* Keys by their place on the keyboard (event.code), so in any layout: data-key="KeyC", "KeyG KeyL",
   "Shift+Slash". The key presses the element, or goes into it when it is a field. */
import { pattern } from "./words.js";

const WAIT_MS = 1200;
const FIELDS = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]";

let pressed = [];
let forget;

function keyed() {
  const all = [...document.querySelectorAll("[data-key]:not(:disabled)")].filter((one) => !one.closest("[hidden]"));
  const dialog = document.querySelector("dialog[open]");
  return dialog ? all.filter((element) => dialog.contains(element)) : all;
}

function press(element) {
  if (element.matches(FIELDS)) {
    element.focus();
    element.select?.();
  } else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (event.target.matches(FIELDS)) {
    if (event.code === "Escape") event.target.blur();
    return;
  }
  if (event.code.startsWith("Shift")) return;
  clearTimeout(forget);
  forget = setTimeout(() => (pressed = []), WAIT_MS);
  pressed = [...pressed, (event.shiftKey ? "Shift+" : "") + event.code].slice(-2);
  // Rows of a list repeat their keys: the row with the focus is meant, else the first.
  const row = event.target.closest("tr, li");
  const elements = keyed().sort((one, other) => Number(Boolean(row?.contains(other))) - Number(Boolean(row?.contains(one))));
  const found = [pressed.join(" "), pressed.at(-1)]
    .map((keys) => elements.find((element) => element.dataset.key === keys))
    .find(Boolean);
  if (!found) return;
  event.preventDefault();
  pressed = [];
  press(found);
});

const NAMES = { Slash: "/", Space: "␣", Escape: "Esc", "Shift+Slash": "?", Enter: "↵" };

function keyName(code) {
  return NAMES[code] ?? code.replace(/Key|Digit/, "").replace("Shift+", "⇧ ");
}

function nameOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((kbd) => kbd.remove());
  return element.dataset.keyName || element.ariaLabel || copy.textContent.trim();
}

function line(element) {
  const item = pattern("key-pattern").firstElementChild;
  const [what, keys] = item.children;
  what.textContent = nameOf(element);
  for (const code of element.dataset.key.split(" ")) {
    keys.append(Object.assign(document.createElement("kbd"), { textContent: keyName(code) }), " ");
  }
  return item;
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-keys-open]")) return;
  const elements = [...document.querySelectorAll("[data-key]")];
  const firsts = new Map(elements.map((element) => [element.dataset.key, element]).reverse());
  document.querySelector("[data-keys-list]").replaceChildren(...[...firsts.values()].reverse().map(line));
  document.getElementById("user-menu")?.hidePopover();
  document.getElementById("keys").showModal();
});
