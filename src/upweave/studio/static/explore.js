// The page: its controls say what is asked for, the server answers, and the answer is drawn.

import { draw } from "./grid.js";

const PAUSE = 900; // milliseconds a step, while it plays
const part = (id) => document.getElementById(id);
const controls = part("controls");
let shown = null;
let timer = null;
let asked = 0;

function query(step) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(controls)) if (value !== "") values.set(name, value);
  values.set("step", step);
  return values;
}

async function show(step) {
  const values = query(step);
  const number = ++asked;
  const answer = await fetch(`api/explore?${values}`);
  const content = await answer.json();
  if (number !== asked) return; // a later one is on its way
  const wrong = answer.ok ? "" : told(content);
  part("error").textContent = wrong;
  part("error").hidden = !wrong;
  if (wrong) return stop();
  shown = content;
  values.set("step", content.step);
  history.replaceState(null, "", `#${values}`);
  part("frame").replaceChildren(draw(content.frame));
  part("caption").textContent = content.frame.caption;
  part("scrub").max = content.steps - 1;
  part("scrub").value = content.step;
  part("count").textContent = `${content.step + 1} of ${content.steps}`;
  facts(content);
}

// Return one sentence of what the server says is wrong.
function told(content) {
  if (typeof content.detail === "string") return content.detail;
  return content.detail.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join("; ");
}

function facts(content) {
  part("formula").textContent = content.formula;
  part("taps").textContent = content.taps.length
    ? `Taps of the phases, along an axis: ${content.taps.join(", ")}.` : "";
  part("warnings").replaceChildren(...content.warnings.map((text) => item("li", text)));
  part("words").replaceChildren(...Object.entries(content.words).flatMap(([name, code]) => {
    const line = document.createElement("dd");
    line.append(code ? item("code", code) : "has no layer with just this padding");
    return [item("dt", name), line];
  }));
}

function item(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function stop() {
  clearInterval(timer);
  timer = null;
  part("play").textContent = "Play";
  part("play").setAttribute("aria-pressed", "false");
}

function play() {
  if (timer) return stop();
  if (shown && shown.step === shown.steps - 1) show(0);
  timer = setInterval(() => {
    if (!shown || shown.step === shown.steps - 1) return stop();
    show(shown.step + 1);
  }, PAUSE);
  part("play").textContent = "Pause";
  part("play").setAttribute("aria-pressed", "true");
}

function move(by) {
  stop();
  if (shown) show(Math.max(0, Math.min(shown.steps - 1, shown.step + by)));
}

function save() {
  const svg = part("frame").querySelector("svg").cloneNode(true);
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer().serializeToString(svg).replace(
    /var\((--\w+)[^)]*\)/g, (_, name) => style.getPropertyValue(name).trim());
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  link.download = `${controls.elements.form.value}-${shown.step + 1}.svg`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function find(event) {
  event.preventDefault();
  const answer = await fetch(`api/layers?${new URLSearchParams(new FormData(part("wish")))}`);
  const found = await answer.json();
  part("layers").replaceChildren(...found.map((layer) => {
    const row = document.createElement("tr");
    for (const value of [layer.kernel, layer.stride, layer.padding, layer.output_padding,
      layer.uneven ? "uneven" : "even", layer.torch ?? "–"]) row.append(item("td", value));
    return row;
  }));
  part("layers").parentElement.hidden = false;
}

for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  if (controls.elements[name]) controls.elements[name].value = value;
}
controls.addEventListener("input", () => { stop(); show(0); });
controls.addEventListener("submit", (event) => event.preventDefault());
part("scrub").addEventListener("input", () => { stop(); show(part("scrub").value); });
part("play").addEventListener("click", play);
part("back").addEventListener("click", () => move(-1));
part("next").addEventListener("click", () => move(1));
part("svg").addEventListener("click", save);
part("wish").addEventListener("submit", find);
show(new URLSearchParams(location.hash.slice(1)).get("step") ?? 0);
