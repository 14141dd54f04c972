/* One stream for all tabs: the tab that holds the lock reads it and tells the others.
   A topic becomes the event `live:TOPIC` on <body>; `live:reconnected` means: ask for everything. */
import { toSignIn } from "./server.js";
import { alive, lost, watchSilence } from "./stale.js";

const AGAIN_MS = 2000;

const channel = new BroadcastChannel("live");
let leaving = false;

function announce(topic) {
  document.body.dispatchEvent(new CustomEvent(`live:${topic}`));
}

function hear(message) {
  if (message === "lost") return lost();
  if (message === "signed-out") return toSignIn();
  const topics = message.split(" ");
  const wasStale = alive();
  if (wasStale || topics.includes("hello")) announce("reconnected");
  topics.filter((topic) => topic !== "hello" && topic !== "beat").forEach(announce);
}

function tell(message) {
  channel.postMessage(message);
  hear(message);
}

function open() {
  const stream = new EventSource("/live");
  stream.onmessage = ({ data }) => tell(data);
  stream.onerror = () => {
    if (leaving) return;
    tell("lost");
    if (stream.readyState === EventSource.CLOSED) setTimeout(askWhy, AGAIN_MS * (1 + Math.random()));
  };
}

/* An event stream does not say why it was refused; another page does. */
async function askWhy() {
  const answer = await fetch("/bar").catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) tell("signed-out");
  else open();
}

/* The lock is held until the tab is gone; then the next one leads. */
function lead() {
  open();
  return new Promise(() => {});
}

function follow() {
  // What has changed between the making of this page and now was told to nobody here.
  announce("reconnected");
  navigator.locks.request("live", lead);
}

if (document.querySelector("[data-live]")) {
  channel.onmessage = ({ data }) => hear(data);
  addEventListener("pagehide", () => (leaving = true));
  watchSilence();
  navigator.locks.request("live", { ifAvailable: true }, (lock) => (lock ? lead() : follow()));
}
