/* A field that saves itself: [data-autosave=url] around one control. It sends what the person saw before
   beside what it is now, so that two people never overwrite each other unseen (docs/panel.md). */
import { findDraft, keepDraft } from "./drafts.js";
import { controlOf, draftName, known, setKnown, setVersion, settle } from "./field.js";
import { askWhose, offerUndo, say } from "./field_state.js";
import { send, wordFor } from "./server.js";

const PAUSE_MS = 800;

const timers = new WeakMap();
const sending = new WeakSet();
const refused = new WeakMap();

async function save(field) {
  clearTimeout(timers.get(field));
  const control = controlOf(field);
  const [value, was] = [control.value, known(control)];
  if (sending.has(field) || field.dataset.state === "conflict") return;
  if (value === was) return calm(field, control);
  if (refused.get(field) === value) return;
  sending.add(field);
  keepDraft(draftName(field), { value, was });
  say(field, "saving");
  try {
    const fields = { field: control.name, value, was, version: field.dataset.version };
    await take(field, await send(field.dataset.autosave, "PATCH", fields), value, was);
  } catch {
    say(field, "waiting");
  } finally {
    sending.delete(field);
  }
  // Typed on while the request was under way.
  if (control.value !== value && field.dataset.state === "saved") save(field);
}

/* Typed back to what is stored: nothing to save, and nothing to complain about. */
function calm(field, control) {
  control.removeAttribute("aria-invalid");
  if (field.dataset.state !== "saved") say(field, null);
  settle(field);
}

async function take(field, response, value, was) {
  const control = controlOf(field);
  control.removeAttribute("aria-invalid");
  refused.delete(field);
  if (response.ok) {
    const stored = await response.json();
    setVersion(field, stored.version);
    setKnown(control, stored.value);
    if (control.value === value) control.value = stored.value;
    settle(field);
    offerUndo(field, () => change(field, was));
  } else if (response.status === 409) {
    const theirs = await response.json();
    setVersion(field, theirs.version);
    setKnown(control, theirs.value);
    askWhose(field, theirs.value, (kept) => change(field, kept ?? control.value));
  } else {
    if (response.status === 422) refused.set(field, value);
    control.setAttribute("aria-invalid", "true");
    const said = response.status === 422 ? (await response.json()).problem : wordFor(response.status);
    say(field, "refused", said);
  }
}

function change(field, value) {
  controlOf(field).value = value;
  say(field, null);
  save(field);
}

function edited({ target, type }) {
  const field = target.closest?.("[data-autosave]");
  if (!field || target !== controlOf(field)) return;
  field.toggleAttribute("data-unsaved", target.value !== known(target) || "unsaved" in field.dataset);
  clearTimeout(timers.get(field));
  if (type === "input") timers.set(field, setTimeout(() => save(field), PAUSE_MS));
  else if ("unsaved" in field.dataset) save(field);
}

function findUnsent() {
  for (const field of document.querySelectorAll("[data-autosave]:not([data-unsaved])")) {
    const draft = findDraft(draftName(field));
    if (!draft) continue;
    setKnown(controlOf(field), draft.was);
    field.setAttribute("data-unsaved", "");
    change(field, draft.value);
  }
}

for (const type of ["input", "change", "focusout"]) document.addEventListener(type, edited);
for (const type of ["live:reconnected", "online"]) {
  addEventListener(type, () => document.querySelectorAll("[data-unsaved]").forEach(save), true);
}
document.addEventListener("htmx:after:swap", findUnsent);
findUnsent();
