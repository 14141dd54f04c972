/* Whether the page can be believed: grey, with the moment of the last sign of life, when it cannot. */
const SILENCE_MS = 12_000;

const root = document.documentElement;
const banner = document.querySelector("[data-stale-banner]");
let heardAt = Date.now();

/* A sign of life; tells whether the page was grey until now. */
export function alive() {
  const wasStale = "stale" in root.dataset;
  heardAt = Date.now();
  delete root.dataset.stale;
  return wasStale;
}

export function lost() {
  if ("stale" in root.dataset) return;
  const time = new Date(heardAt).toLocaleTimeString(root.lang, {
    timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  root.dataset.stale = String(heardAt);
  if (banner) banner.textContent = banner.dataset.text.replace("{time}", time);
}

export function watchSilence() {
  setInterval(() => Date.now() - heardAt > SILENCE_MS && lost(), 1000);
}
