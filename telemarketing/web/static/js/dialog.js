/* <button data-dialog="id"> opens, <button data-close> closes; the browser traps and returns the focus. */
document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  // The dialog itself is hit only beside what it contains: on its backdrop.
  if (target.closest("[data-close]") || target.matches("dialog")) target.closest("dialog")?.close();
});

function openNew() {
  document.querySelectorAll("dialog[data-open]:not([open])").forEach((dialog) => {
    dialog.removeAttribute("data-open");
    dialog.showModal();
  });
}

openNew();
document.addEventListener("htmx:after:swap", openNew);
