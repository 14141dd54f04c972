/* Light, dark or as the system: at once here, kept by the server for every other device. */
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-theme-choice]")) document.documentElement.dataset.theme = target.value;
});
