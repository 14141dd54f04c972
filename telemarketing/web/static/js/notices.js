/* Reminders in #notices: each rings once over all tabs; their number stands in title and icon. */
import { canSound, chime } from "./sound.js";

const REMEMBERED = 200;
const GIVE_WAY_MS = 300;

const title = document.title;
const place = document.getElementById("notices");
const icon = document.querySelector('link[rel="icon"]');
const ask = document.querySelector("[data-ask-notifications]");

function badge(count) {
  document.title = count ? `(${count}) ${title}` : title;
  icon.href = count ? icon.dataset.alert : icon.dataset.calm;
}

/* Whoever is the first to write a notice down rings it. */
function firstToRing(id) {
  const rung = JSON.parse(localStorage.getItem("rung") ?? "[]");
  if (rung.includes(id)) return false;
  localStorage.setItem("rung", JSON.stringify([...rung, id].slice(-REMEMBERED)));
  return true;
}

async function ring(notice) {
  // A tab that nobody has touched may make no sound: another one goes first.
  if (!canSound()) await new Promise((go) => setTimeout(go, GIVE_WAY_MS));
  await navigator.locks.request("notices", () => {
    if (!firstToRing(notice.dataset.notice)) return;
    chime();
    if (globalThis.Notification?.permission === "granted") tellSystem(notice);
  });
}

function tellSystem(notice) {
  const told = new Notification(notice.dataset.noticeTitle, { tag: notice.dataset.notice, icon: icon.dataset.alert });
  told.onclick = () => {
    focus();
    told.close();
  };
}

function look() {
  const notices = [...place.querySelectorAll("[data-notice]")];
  badge(notices.length);
  notices.forEach(ring);
}

function offer() {
  if (ask) ask.hidden = globalThis.Notification?.permission !== "default";
}

ask?.addEventListener("click", async () => {
  await Notification.requestPermission();
  offer();
});
if (place) place.addEventListener("htmx:after:swap", look);
offer();
