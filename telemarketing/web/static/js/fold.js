/* <button data-fold aria-expanded> shows and hides what stands behind it; the style sheet says from which width on. */
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-fold]");
  if (button) button.ariaExpanded = String(button.ariaExpanded !== "true");
});
