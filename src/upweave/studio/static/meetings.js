// Which inputs, taps and outputs meet: shown at the cell that is pointed at, or walked to by keys.

import { make, square, written } from "./svg.js";

const PLACES = { input: 0, kernel: 1, output: 2 }; // in a meeting: input, tap, output
const WORDS = { input: "input", kernel: "tap", output: "output" };
const SENTENCES = { // places of a meeting, and the words around them
  input: { verb: "goes to", first: 2, by: "by", second: 1, between: ", " },
  kernel: { verb: "makes", first: 2, by: "from", second: 0, between: ", " },
  output: { verb: "=", first: 0, by: "×", second: 1, between: " + " },
};
const MOST = 6; // products that are written out
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// Return all [input, tap, output], each [row, column], in which a part takes part.
export function meetingsOf(part, meetings) {
  const [kind, row, column] = part.split(" ");
  const along = (index) => meetings.filter((meeting) => meeting[PLACES[kind]] === Number(index));
  return along(row).flatMap((down) => along(column).map((across) =>
    down.map((index, place) => [index, across[place]])));
}

function words(part, found) {
  const [kind, row, column] = part.split(" ");
  const own = `${WORDS[kind]} (${row}, ${column})`;
  const name = (place, [r, c]) => `${Object.values(WORDS)[place]} (${r}, ${c})`;
  if (!found.length) return `${own} meets nothing.`;
  const { verb, first, by, second, between } = SENTENCES[kind];
  const products = found.slice(0, MOST).map((meeting) =>
    `${name(first, meeting[first])} ${by} ${name(second, meeting[second])}`);
  const rest = found.length > MOST ? `, and ${found.length - MOST} more` : "";
  return `${own} ${verb} ${products.join(between)}${rest}`;
}

// Let the cells of a drawing show what they meet.
export function linked(svg, meetings, say) {
  const groups = [...svg.querySelectorAll("g[tabindex]")];
  const clear = () => {
    for (const group of groups) group.querySelector(".links")?.remove();
    say("");
  };
  const point = (group, at) => {
    clear();
    const part = group.panel.parts.get(at);
    if (!part) return;
    const found = meetingsOf(part, meetings);
    const met = new Set(found.flatMap((meeting) => Object.entries(PLACES)
      .map(([kind, place]) => `${kind} ${meeting[place].join(" ")}`)));
    met.add(part);
    for (const other of groups) other.append(links(other.panel, met, other === group ? at : null));
    const [row, column] = at.split(" ");
    const here = written(group.panel.values[row][column]);
    say(words(part, found) + (here ? `; here ${here}` : ""));
  };
  svg.addEventListener("pointermove", (event) => {
    const group = event.target.closest("g[tabindex]");
    if (!group) return clear();
    const inside = group.getScreenCTM().inverse();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(inside);
    point(group, `${Math.floor(y / group.panel.cell)} ${Math.floor(x / group.panel.cell)}`);
  });
  svg.addEventListener("pointerleave", clear);
  for (const group of groups) walk(group, point, clear);
}

// Return frames around the cells of a panel that show one of some parts.
function links(panel, met, pointed) {
  const group = make("g", { class: "links", fill: "none", "pointer-events": "none" });
  for (const part of met) {
    const at = panel.places.get(part);
    if (at === undefined) continue;
    const [row, column] = at.split(" ");
    const kind = at === pointed ? "pointed" : "met";
    group.append(square(row, column, panel.cell, { class: kind, "data-part": part }));
  }
  return group;
}

// Let the arrow keys go from cell to cell of a panel.
function walk(group, point, clear) {
  const { parts } = group.panel;
  let at = [...parts.keys()][0];
  group.addEventListener("focus", () => point(group, at));
  group.addEventListener("blur", clear);
  group.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = at.split(" ").map(Number);
    // Cells that show no part (zeros between) are passed over.
    for (let n = 1; n <= 64; n++) {
      const next = `${row + n * step[0]} ${column + n * step[1]}`;
      if (parts.has(next)) {
        at = next;
        break;
      }
    }
    point(group, at);
  });
}
