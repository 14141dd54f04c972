/* The value of a control as the server knows it: what its attribute says, not what is typed. */
export function known(control) {
  if (control.tagName !== "SELECT") return control.defaultValue;
  return ([...control.options].find((option) => option.defaultSelected) ?? control.options[0]).value;
}

export function setKnown(control, value) {
  if (control.tagName !== "SELECT") control.defaultValue = value;
  else for (const option of control.options) option.defaultSelected = option.value === value;
}
