/* Requests of scripts to our own server. */
import { word } from "./words.js";

const WORDS = { 403: "refused", 404: "gone", 429: "too-many" };

export const token = document.querySelector('meta[name="csrf-token"]').content;

export function toSignIn() {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

/* Rejects without a connection. */
export async function send(url, method, fields) {
  const response = await fetch(url, {
    method,
    body: new URLSearchParams(fields),
    headers: { "X-CSRF-Token": token, Accept: "application/json" },
  });
  if (response.status === 401) toSignIn();
  return response;
}

export function wordFor(status) {
  return word(WORDS[status] ?? "not-done");
}
