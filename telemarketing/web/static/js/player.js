/* A recording: [data-player]. One plays at a time; where somebody stopped is remembered on this computer.
   Keys inside: space, arrows by 5 s, with shift by 30 s. */
import { shown } from "./timer.js";

const REMEMBERED = 50;
const playerOf = (element) => element.closest?.("[data-player]");
const audioOf = (player) => player.querySelector("audio");
const places = () => JSON.parse(localStorage.getItem("heard") ?? "{}");

function remember(audio) {
  const { [audio.src]: _, ...others } = places();
  const entries = Object.entries(others).slice(1 - REMEMBERED);
  const place = audio.ended || !audio.currentTime ? [] : [[audio.src, Math.floor(audio.currentTime)]];
  localStorage.setItem("heard", JSON.stringify(Object.fromEntries([...entries, ...place])));
}

function show(player) {
  const audio = audioOf(player);
  const place = player.querySelector("[data-place]");
  if (Number.isFinite(audio.duration)) {
    place.max = Math.floor(audio.duration);
    player.querySelector("[data-length]").textContent = shown(audio.duration * 1000);
  }
  place.value = audio.currentTime;
  place.ariaValueText = player.querySelector("[data-at]").textContent = shown(audio.currentTime * 1000);
  const button = player.querySelector("[data-play]");
  player.toggleAttribute("data-playing", !audio.paused);
  button.ariaLabel = audio.paused ? button.dataset.labelPlay : button.dataset.labelPause;
}

function toggle(audio) {
  if (audio.paused) audio.play().catch(() => {}); // why not is told by the event `error`
  else audio.pause();
}

function seek(audio, seconds) {
  const place = Math.max(0, Math.min(seconds, audio.duration || seconds));
  if (audio.readyState) audio.currentTime = place;
  else audio.addEventListener("loadedmetadata", () => (audio.currentTime = place), { once: true });
}

function playAlone(audio) {
  for (const player of document.querySelectorAll("[data-player]")) {
    player.toggleAttribute("data-open", player.contains(audio));
    if (!player.contains(audio)) audioOf(player).pause();
  }
}

const MEDIA = {
  play: playAlone,
  loadedmetadata: (audio) => audio.currentTime || seek(audio, places()[audio.src] ?? 0),
  error: (audio) => playerOf(audio).setAttribute("data-missing", ""),
  pause: remember,
  ended: remember,
  timeupdate: () => {},
};

for (const [type, act] of Object.entries(MEDIA)) {
  // Events of media do not bubble.
  document.addEventListener(type, ({ target }) => {
    const player = playerOf(target);
    if (!player || target.tagName !== "AUDIO") return;
    act(target);
    show(player);
  }, true);
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-play]")) toggle(audioOf(playerOf(target)));
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-place]")) seek(audioOf(playerOf(target)), Number(target.value));
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-rate]")) audioOf(playerOf(target)).playbackRate = Number(target.value);
});
document.addEventListener("keydown", (event) => {
  const player = playerOf(event.target);
  const step = { ArrowLeft: -5, ArrowRight: 5 }[event.code];
  if (!player || event.target.matches("select")) return;
  const audio = audioOf(player);
  if (step) seek(audio, audio.currentTime + step * (event.shiftKey ? 6 : 1));
  else if (event.code === "Space" && !event.target.matches("button")) toggle(audio);
  else return;
  event.preventDefault();
});
