/* Sentences for some seconds. The server sends them as the event `toast` (render.add_toast). */
import { send, wordFor } from "./server.js";
import { pattern } from "./words.js";

const STAYS_MS = 6000;
const STAYS_WITH_UNDO_MS = 10_000;

export function showToast({ text, undo, bad }) {
  const toast = pattern("toast-pattern").firstElementChild;
  toast.querySelector("p").textContent = text;
  toast.classList.toggle("toast--bad", Boolean(bad));
  toast.querySelector("[data-dismiss]").addEventListener("click", () => toast.remove());
  const button = toast.querySelector("[data-undo]");
  if (undo) button.addEventListener("click", () => takeBack(toast, undo));
  else button.remove();
  document.getElementById("toasts").append(toast);
  goLater(toast, undo ? STAYS_WITH_UNDO_MS : STAYS_MS);
}

/* It stays as long as somebody is about to press its button. */
function goLater(toast, stays) {
  setTimeout(() => (toast.matches(":hover, :focus-within") ? goLater(toast, 1000) : toast.remove()), stays);
}

async function takeBack(toast, undo) {
  toast.remove();
  const response = await send(undo, "POST", {});
  if (!response.ok) return showToast({ text: wordFor(response.status), bad: true });
  const said = response.headers.get("HX-Trigger");
  if (said) showToast(JSON.parse(said).toast);
  // The page shows what was before, also where no stream tells it to.
  document.body.dispatchEvent(new CustomEvent("live:reconnected"));
}

document.addEventListener("toast", ({ detail }) => showToast(detail));
