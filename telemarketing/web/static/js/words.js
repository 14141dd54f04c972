/* Sentences come from the server in the reader's language: templates/_feedback.html. */
export function word(name) {
  const words = document.getElementById("words").content;
  return words.querySelector(`[data-word="${name}"]`).textContent;
}

export function pattern(id) {
  return document.getElementById(id).content.cloneNode(true);
}
