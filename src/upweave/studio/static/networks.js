// Networks: what each reaches and costs, its layers, and the kernels that it has learned.

import { draw } from "./grid.js";
import { item, part } from "./page.js";
import { make } from "./svg.js";

const WIDTH = 640;
const HEIGHT = 320;
const EDGE = { left: 56, right: 120, top: 20, bottom: 44 };
let all = null;

async function begin() {
  all = await (await fetch("api/networks")).json();
  const scales = [...new Set(all.networks.map(({ scale }) => scale))].sort();
  part("of-scale").replaceChildren(...scales.map((n) => item("option", `× ${n}`, { value: n })));
  part("of-scale").value = String(scales.at(-1));
  const sets = [...new Set(all.networks.flatMap(({ scores }) => Object.keys(scores)))];
  part("of-set").replaceChildren(...sets.map((name) => item("option", name)));
  show();
}

function show() {
  const set = part("of-set").value;
  const scale = Number(part("of-scale").value);
  const found = all.networks.filter((network) => network.scale === scale);
  part("shipped").replaceChildren(...found.map((network) => row(network, network.scores[set])));
  const scored = found.filter(({ scores }) => scores[set]);
  part("plot").replaceChildren(plot(scored, set, all.bicubic[set]?.[scale]));
}

function row(network, score) {
  const line = document.createElement("tr");
  const name = document.createElement("td");
  const button = item("button", network.name, { type: "button" });
  button.addEventListener("click", () => open(network.name));
  name.append(button);
  line.append(name);
  for (const text of [
    network.parameters.toLocaleString("en"),
    Math.round(network.multiply_adds).toLocaleString("en"),
    score ? score.psnr.toFixed(2) : "–", score ? score.ssim.toFixed(4) : "–",
    network.training_data.map((folder) => folder.split("/").at(-1)).join(", "),
  ]) line.append(item("td", text));
  return line;
}

// Return the scores over the costs, the latter in powers of ten; bicubic as a line.
function plot(networks, set, bicubic) {
  const costs = networks.map((network) => Math.log10(network.multiply_adds));
  const scores = networks.map(({ scores }) => scores[set].psnr);
  const [low, high] = [Math.floor(Math.min(...costs)), Math.ceil(Math.max(...costs))];
  const bottom = Math.floor(Math.min(...scores, bicubic ?? Infinity) - 0.2);
  const top = Math.ceil(Math.max(...scores) + 0.2);
  const x = (n) => EDGE.left + (n - low) / (high - low) * (WIDTH - EDGE.left - EDGE.right);
  const y = (n) => HEIGHT - EDGE.bottom - (n - bottom) / (top - bottom) * (HEIGHT - EDGE.top - EDGE.bottom);
  const svg = make("svg", {
    width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `PSNR on ${set} over multiply-adds, as in the table`,
  });
  const line = (x1, y1, x2, y2, dash = "") => svg.append(make("line", {
    x1, y1, x2, y2, stroke: "var(--line)", "stroke-dasharray": dash }));
  const text = (at, height, words, anchor = "middle") => svg.append(make("text", {
    x: at, y: height, "text-anchor": anchor, "font-size": 13, fill: "var(--ink)" }, words));
  line(x(low), y(bottom), x(high), y(bottom));
  line(x(low), y(bottom), x(low), y(top));
  for (let n = low; n <= high; n++) text(x(n), y(bottom) + 18, `${(10 ** n).toLocaleString("en")}`);
  for (let n = bottom; n <= top; n++) text(x(low) - 8, y(n) + 4, `${n} dB`, "end");
  text((x(low) + x(high)) / 2, HEIGHT - 6, "multiply-adds a pixel of the input");
  if (bicubic) {
    line(x(low), y(bicubic), x(high), y(bicubic), "5 4");
    text(x(high) + 6, y(bicubic) + 4, `bicubic ${bicubic.toFixed(2)}`, "start");
  }
  networks.forEach((network, place) => {
    svg.append(make("circle", { cx: x(costs[place]), cy: y(scores[place]), r: 5, fill: "var(--point)" }));
    text(x(costs[place]) + 9, y(scores[place]) + 4, network.name, "start");
  });
  return svg;
}

// Show a network's layers and kernels.
async function open(name) {
  const found = await (await fetch(`api/networks/${name}/kernels`)).json();
  part("one-name").textContent = name;
  part("diagram").src = `api/networks/${name}/diagram`;
  part("diagram").alt = `The layers of ${name}, with their shapes and costs`;
  part("tail").textContent = found.kernels.length
    ? `Its learned transposed convolution has stride ${found.stride}; the heaviest ${found.kernels.length} of ` +
      `${found.channels} kernels, each as dark as its taps are large, blue above zero and orange below. ` +
      "At the end: what the network makes of a flat grey of 127.5, phase by phase. Were they unlike, " +
      "a checkerboard would show."
    : "It has no transposed convolution.";
  const weighed = { title: "phases of a flat grey", marks: [], parts: [], shaded: false,
    values: found.flat.map((row) => row.map((value) => Number(value.toFixed(2)))) };
  part("kernels").replaceChildren(
    ...found.kernels.map(kernel), ...(found.flat.length ? [draw({ panels: [weighed] }, [], () => {})] : []));
  part("one").hidden = false;
}

function kernel(taps, place) {
  const cell = Math.max(2, Math.floor(84 / taps.length));
  const side = cell * taps.length;
  const largest = Math.max(...taps.flat().map(Math.abs));
  const svg = make("svg", { width: side, height: side, role: "img", "aria-label": `kernel ${place + 1}` });
  svg.append(make("rect", { width: side, height: side, fill: "none", stroke: "var(--line)" }));
  taps.forEach((row, r) => row.forEach((tap, c) => svg.append(make("rect", {
    x: c * cell, y: r * cell, width: cell, height: cell,
    fill: tap > 0 ? "var(--above)" : "var(--below)", "fill-opacity": Math.abs(tap) / largest,
  }))));
  return svg;
}

part("of-scale").addEventListener("input", show);
part("of-set").addEventListener("input", show);
part("which").addEventListener("submit", (event) => event.preventDefault());
begin();
