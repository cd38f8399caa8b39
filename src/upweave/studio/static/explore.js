// Explore: the controls say what is asked for, the server answers, and the answer is drawn.

import { draw } from "./grid.js";
import { complain, item, part, save, told } from "./page.js";
import { parameters } from "./tabs.js";

const PAUSE = 900; // milliseconds a step, while it plays
const WORDS = {
  upweave: ["Input", "Kernel", "Stride", "Padding", "Output padding", "Dilation"],
  PyTorch: ["H_in", "kernel_size", "stride", "padding", "output_padding", "dilation"],
  Keras: ["rows", "kernel_size", "strides", "cropping (padding)", "output_padding", "dilation_rate"],
  ONNX: ["H", "kernel_shape", "strides", "pads", "output_padding", "dilations"],
};
const HINT = part("meets").textContent;
const controls = part("controls");
let shown = null;
let timer = null;
let asked = 0;

function query(step) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(controls)) {
    if (value !== "" && name !== "words") values.set(name, value);
  }
  values.set("step", step);
  return values;
}

async function show(step) {
  label();
  const values = query(step);
  const number = ++asked;
  const answer = await fetch(`api/explore?${values}`);
  const content = await answer.json();
  if (number !== asked) return; // a later one is on its way
  complain(part("error"), answer.ok ? "" : told(content));
  if (!answer.ok) return stop();
  shown = content;
  values.set("step", content.step);
  if (controls.elements.words.value !== "upweave") values.set("words", controls.elements.words.value);
  history.replaceState(null, "", `#${values}`);
  part("frame").replaceChildren(draw(content.frame, content.meetings, meet));
  part("caption").textContent = content.frame.caption;
  part("scrub").max = content.steps - 1;
  part("scrub").value = content.step;
  part("count").textContent = `${content.step + 1} of ${content.steps}`;
  facts(content);
}

// Write the sliders' values beside them, and their names in the words of a framework.
function label() {
  const words = WORDS[controls.elements.words.value];
  [...controls.querySelectorAll("input[type=range]")].forEach((slider, place) => {
    write(slider.parentElement.querySelector("span"), words[place]);
    write(slider.parentElement.querySelector("output"), slider.value);
  });
}

// Leave an element alone that says it already: a browser would lay it out again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Say what a cell meets; nothing is pointed at where there is no text.
function meet(text) {
  part("meets").textContent = text || HINT;
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

function saveSvg() {
  const svg = part("frame").querySelector("svg").cloneNode(true);
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer().serializeToString(svg).replace(
    /var\((--\w+)[^)]*\)/g, (_, name) => style.getPropertyValue(name).trim());
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  save(address, `${controls.elements.form.value}-${shown.step + 1}.svg`);
  URL.revokeObjectURL(address);
}

async function saveDrawing(kind, name) {
  const values = query(shown.step);
  values.set("kind", kind);
  const answer = await fetch(`api/drawing?${values}`);
  complain(part("error"), answer.ok ? "" : told(await answer.json()));
  if (!answer.ok) return;
  const address = URL.createObjectURL(await answer.blob());
  save(address, name);
  URL.revokeObjectURL(address);
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

// Take the controls' values from the page's address.
function read() {
  controls.reset();
  for (const [name, value] of parameters()) {
    if (controls.elements[name]) controls.elements[name].value = value;
  }
  show(parameters().get("step") ?? 0);
}

controls.addEventListener("input", () => { stop(); show(0); });
controls.addEventListener("submit", (event) => event.preventDefault());
part("scrub").addEventListener("input", () => { stop(); show(part("scrub").value); });
part("play").addEventListener("click", play);
part("back").addEventListener("click", () => move(-1));
part("next").addEventListener("click", () => move(1));
part("svg").addEventListener("click", saveSvg);
part("png").addEventListener("click", () => saveDrawing("png", `${controls.elements.form.value}-${shown.step + 1}.png`));
part("gif").addEventListener("click", () => saveDrawing("gif", `${controls.elements.form.value}.gif`));
part("wish").addEventListener("submit", find);
addEventListener("hashchange", () => { if (!part("explore").hidden) read(); });
read();
