/* <form data-draft="key">: what is typed outlives a reload and a lost connection, until it was sent. */
import { dropDraft, findDraft, keepDraft } from "./drafts.js";

const kept = (form) => [...form.elements].filter((one) => one.name && !["hidden", "password"].includes(one.type));

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-draft]");
  if (form) keepDraft(form.dataset.draft, Object.fromEntries(kept(form).map((one) => [one.name, one.value])));
});

document.addEventListener("htmx:after:request", ({ target, detail }) => {
  if (target.matches?.("form[data-draft]") && detail.ctx.response.raw.ok) dropDraft(target.dataset.draft);
});

function restore() {
  for (const form of document.querySelectorAll("form[data-draft]:not([data-restored])")) {
    form.dataset.restored = "";
    const draft = findDraft(form.dataset.draft) ?? {};
    for (const one of kept(form)) if (one.name in draft && !one.value) one.value = draft[one.name];
  }
}

restore();
document.addEventListener("htmx:after:swap", restore);
