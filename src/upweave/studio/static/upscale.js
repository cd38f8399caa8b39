// Upscale: a picture is sent, waits for its turn, and is compared with what is simpler.

import { complain, item, part, told } from "./page.js";

const POLL = 150; // milliseconds between questions how far it is
const MEGA = 1e6;
let current = null; // what is in work or lies ready: its id
let stopping = null; // ends what is being sent
let limits = null;

async function begin() {
  limits = await (await fetch("api/models")).json();
  part("model").replaceChildren(...Object.keys(limits.families).map((name) => item("option", name)));
  part("model").value = limits.default;
  scales();
  part("picture").accept = limits.suffixes.join(",");
  part("limits").textContent = `Files of at most ${limits.bytes >> 20} MiB, results of at most ` +
    `${limits.pixels / MEGA} million pixels; nothing leaves this machine. The command upweave upscale ` +
    "has more room, and takes folders.";
}

function scales() {
  const chosen = part("scale").value || "4";
  const there = limits.families[part("model").value];
  part("scale").replaceChildren(...there.map((n) => item("option", `× ${n}`, { value: n })));
  part("scale").value = there.includes(Number(chosen)) ? chosen : String(there.at(-1));
}

async function send(event) {
  event.preventDefault();
  const [file] = part("picture").files;
  if (!file) return complain(part("refused"), "Choose a picture first.");
  await forget();
  working(true);
  part("state").textContent = "Sending …";
  stopping = new AbortController();
  const values = new URLSearchParams(
    { name: file.name, scale: part("scale").value, model: part("model").value });
  try {
    const answer = await fetch(`api/pictures?${values}`, {
      method: "POST", body: file, signal: stopping.signal,
      headers: { "Content-Type": "application/octet-stream" },
    });
    const content = await answer.json();
    if (!answer.ok) throw new Error(told(content));
    current = content.id;
    await follow(current);
  } catch (error) {
    if (error.name !== "AbortError") ended(error.message);
  }
}

// Ask how far a picture is, until it is done.
async function follow(id) {
  while (current === id) {
    const answer = await fetch(`api/pictures/${id}`);
    const now = await answer.json();
    if (current !== id) return;
    if (!answer.ok) throw new Error(told(now));
    if (now.state === "failed") throw new Error(now.error);
    part("share").value = now.share;
    if (now.state === "done") return done(now);
    part("state").textContent = now.state === "working" ? "Working …" : "Waiting for its turn …";
    await new Promise((go) => setTimeout(go, POLL));
  }
}

function done(now) {
  working(false);
  part("state").textContent = `${now.name}: ${now.width} × ${now.height} pixels in ${now.seconds.toFixed(2)} s, ` +
    `${(now.bytes / MEGA).toFixed(2)} MB.`;
  part("download").href = `api/pictures/${now.id}/file`;
  part("download").download = now.name;
  part("after").src = `api/pictures/${now.id}/view/after`;
  before();
  divide();
  zoom();
  part("result").hidden = false;
}

function before() {
  const which = part("before").value;
  part("plain").src = `api/pictures/${current}/view/${which}`;
  part("plain").classList.toggle("pixels", which === "before");
}

function divide() {
  part("plain").style.clipPath = `inset(0 ${100 - part("divide").value}% 0 0)`;
}

function zoom() {
  const times = part("zoom").value;
  part("pair").style.width = `${100 * times}%`;
  part("zoom").nextElementSibling.textContent = times;
}

function working(on) {
  complain(part("refused"), "");
  part("cancel").hidden = part("share").hidden = !on;
  part("send").querySelector("button").disabled = on;
  part("share").value = 0;
  if (on) part("result").hidden = true;
}

function ended(why) {
  working(false);
  part("state").textContent = "";
  complain(part("refused"), why);
}

// Let the server drop the picture that it has.
async function forget() {
  const id = current;
  current = null;
  if (id) await fetch(`api/pictures/${id}`, { method: "DELETE" });
}

async function cancel() {
  stopping?.abort();
  await forget();
  working(false);
  part("state").textContent = "Cancelled.";
}

const drop = part("drop");
for (const name of ["dragover", "dragenter"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  part("picture").files = event.dataTransfer.files;
});
part("model").addEventListener("input", scales);
part("send").addEventListener("submit", send);
part("cancel").addEventListener("click", cancel);
part("before").addEventListener("input", before);
part("divide").addEventListener("input", divide);
part("zoom").addEventListener("input", zoom);
addEventListener("pagehide", () => {
  if (current) fetch(`api/pictures/${current}`, { method: "DELETE", keepalive: true });
});
begin();
