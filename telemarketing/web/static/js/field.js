/* The parts of a field that saves itself. */
import { dropDraft } from "./drafts.js";

export const controlOf = (field) => field.querySelector("input, select, textarea");
export const draftName = (field) => `${field.dataset.autosave}:${controlOf(field).name}`;

/* The value as the server knows it: what the attribute says, not what is typed. */
export function known(control) {
  if (control.tagName !== "SELECT") return control.defaultValue;
  return ([...control.options].find((option) => option.defaultSelected) ?? control.options[0]).value;
}

export function setKnown(control, value) {
  if (control.tagName !== "SELECT") control.defaultValue = value;
  else for (const option of control.options) option.defaultSelected = option.value === value;
}

export function settle(field) {
  dropDraft(draftName(field));
  field.removeAttribute("data-unsaved");
}

export function setVersion(field, version) {
  document.querySelectorAll("[data-autosave]").forEach((other) => {
    if (other.dataset.autosave === field.dataset.autosave) other.dataset.version = version;
  });
}
