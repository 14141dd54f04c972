/* What was typed and could not be sent yet; per person, because people share computers. */
const owner = document.documentElement.dataset.viewer;

function key(name) {
  return `draft:${owner}:${name}`;
}

export function keepDraft(name, draft) {
  localStorage.setItem(key(name), JSON.stringify(draft));
}

export function findDraft(name) {
  return JSON.parse(localStorage.getItem(key(name)) ?? "null");
}

export function dropDraft(name) {
  localStorage.removeItem(key(name));
}
