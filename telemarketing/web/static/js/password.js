/* [data-password] around a field: the password can be looked at, and Caps Lock is told of. */
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-show-password]")) return;
  const field = target.closest("[data-password]").querySelector("[autocomplete$=password]");
  field.type = target.checked ? "text" : "password";
});

/* What a browser fills in by itself has no state of any key. */
document.addEventListener("keyup", (event) => {
  const place = event.target.closest?.("[data-password]");
  if (place && event.getModifierState) place.querySelector("[data-caps]").hidden = !event.getModifierState("CapsLock");
});
