// Panels of numbers as SVG, in which a cell shows what it meets.

import { linked } from "./meetings.js";
import { NS, make, square, written } from "./svg.js";

const CELL = 44;
const READABLE = 18; // pixels of a cell; in smaller ones numbers are shown when pointed at
const GAP = 36;
const TITLE = 24;

function sized(panel) {
  const rows = panel.values.length;
  const columns = panel.values[0].length;
  const cell = Math.max(14, Math.min(CELL, 480 / Math.max(rows, columns)));
  const title = `${panel.title}, ${rows} × ${columns}`;
  return { panel, rows, columns, cell, title, width: Math.max(columns * cell, 7.2 * title.length) };
}

// Return an <svg> of a frame's panels, from left to right; `say` is told what a cell meets.
export function draw(frame, meetings, say) {
  const panels = frame.panels.map(sized);
  const width = panels.reduce((sum, { width }) => sum + width + GAP, -GAP) + 4;
  const height = Math.max(...panels.map(({ rows, cell }) => rows * cell)) + TITLE + 4;
  const svg = make("svg", {
    xmlns: NS, width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": panels.map(({ title }) => title).join("; "),
  });
  let left = 2;
  for (const { panel, rows, columns, cell, title, width: slot } of panels) {
    const x = left + (slot - columns * cell) / 2;
    const y = TITLE + (height - TITLE - rows * cell) / 2;
    svg.append(make("text", {
      x: left + slot / 2, y: y - 8, "text-anchor": "middle", "font-size": 13,
      "font-family": "system-ui, sans-serif", fill: "var(--ink, #1b1b1b)",
    }, title));
    svg.append(grid(panel, x, y, cell, title));
    left += slot + GAP;
  }
  linked(svg, meetings, say);
  return svg;
}

function grid(panel, x, y, cell, title) {
  const rows = panel.values.length;
  const columns = panel.values[0].length;
  const group = make("g", { transform: `translate(${x} ${y})`, role: "group", "aria-label": title });
  group.append(
    make("rect", { width: columns * cell, height: rows * cell, fill: "var(--paper, #fff)" }),
    filled(panel, cell), lines(rows, columns, cell), numbers(panel, cell));
  if (panel.parts.length) {
    group.setAttribute("tabindex", "0");
    group.panel = { cell, parts: new Map(), places: new Map(), values: panel.values };
    for (const [row, column, ...shown] of panel.parts) {
      const [at, part] = [`${row} ${column}`, shown.join(" ")];
      group.panel.parts.set(at, part);
      group.panel.places.set(part, at);
    }
  }
  return group;
}

// Return the cells that have a colour. All others are one rectangle, and all lines one path: of a
// thousand cells, each an element of its own, a drawing would take a browser too long.
function filled(panel, cell) {
  const group = make("g", {});
  for (const [row, column, mark] of panel.marks) {
    group.append(square(row, column, cell, { fill: `var(--${mark})` }));
  }
  if (panel.shaded) {
    const largest = Math.max(1e-9, ...panel.values.flat().map((value) => value ?? 0));
    panel.values.forEach((row, r) => row.forEach((value, c) => group.append(square(r, c, cell, {
      fill: "var(--input, #9ed3f5)", "fill-opacity": Math.max(0, (value ?? 0) / largest),
    }))));
  }
  return group;
}

function lines(rows, columns, cell) {
  const across = Array.from({ length: rows + 1 }, (_, n) => `M0 ${n * cell}h${columns * cell}`);
  const down = Array.from({ length: columns + 1 }, (_, n) => `M${n * cell} 0v${rows * cell}`);
  return make("path", { d: [...across, ...down].join(""), stroke: "var(--line, #767676)", fill: "none" });
}

function numbers(panel, cell) {
  const group = make("g", {
    "text-anchor": "middle", "dominant-baseline": "central", fill: "var(--ink, #1b1b1b)",
    "font-family": "system-ui, sans-serif",
  });
  if (cell < READABLE) return group;
  panel.values.forEach((row, r) => row.forEach((value, c) => {
    const text = written(value);
    if (!text) return;
    group.append(make("text", {
      x: (c + 0.5) * cell, y: (r + 0.5) * cell,
      "font-size": Math.min(15, (1.6 * cell) / Math.max(2, text.length)),
    }, text));
  }));
  return group;
}
