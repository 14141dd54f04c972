/* Every request of htmx carries the CSRF token; what goes wrong is said in words. */
import { toSignIn, token, wordFor } from "./server.js";
import { showToast } from "./toast.js";
import { word } from "./words.js";

/* Answered with the form again, and a sentence in it. */
const SAYS_ITSELF = [400, 422];

document.addEventListener("htmx:config:request", ({ detail }) => {
  detail.ctx.request.headers["X-CSRF-Token"] = token;
});

document.addEventListener("htmx:response:error", ({ detail }) => {
  const { response, sourceElement } = detail.ctx;
  if (response.status === 401) return toSignIn();
  // The server has said it in its own words.
  if (response.raw.headers.has("HX-Trigger")) return;
  // What reloads by itself fails in silence: the banner tells when the connection is gone.
  if (SAYS_ITSELF.includes(response.status) || sourceElement.matches("[data-live]")) return;
  showToast({ text: wordFor(response.status), bad: true });
});

document.addEventListener("htmx:error", ({ detail }) => {
  const source = detail.ctx?.sourceElement;
  if (source && !source.matches("[data-live]")) showToast({ text: word("not-sent"), bad: true });
});
