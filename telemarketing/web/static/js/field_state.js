/* What a field that saves itself says under it: saving, saved, waiting, refused, conflict. */
import { pattern, word } from "./words.js";

const SAVED_STAYS_MS = 8000;

export function say(field, state, text) {
  const place = field.querySelector(".field-state");
  if (state === null) field.removeAttribute("data-state");
  else field.dataset.state = state;
  place.textContent = state === null ? "" : (text ?? word(state));
  return place;
}

export function offerUndo(field, undo) {
  const place = say(field, "saved");
  const button = pattern("undo-pattern").firstElementChild;
  button.addEventListener("click", undo);
  place.append(button);
  setTimeout(() => place.contains(button) && say(field, null), SAVED_STAYS_MS);
}

/* `choose` is called with the value of the other person, or with nothing to keep one's own. */
export function askWhose(field, theirs, choose) {
  const place = say(field, "conflict", "");
  const question = pattern("conflict-pattern");
  // Of a choice the value is a number; people know it by its name.
  const named = field.querySelector(`option[value="${CSS.escape(theirs)}"]`);
  question.querySelector("q").textContent = named?.textContent ?? theirs;
  question.querySelector('[data-take="theirs"]').addEventListener("click", () => choose(theirs));
  question.querySelector('[data-take="mine"]').addEventListener("click", () => choose());
  place.append(question);
}
