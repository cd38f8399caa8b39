// Panels of numbers as SVG, in which a cell shows what it meets.

import { linked } from "./meetings.js";

const CELL = 44;
const READABLE = 18; // pixels of a cell; in smaller ones numbers are shown when pointed at
const GAP = 36;
const TITLE = 24;
const NS = "http://www.w3.org/2000/svg";

export function make(name, attributes, text) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function written(value) {
  if (value === null) return "";
  const text = String(value);
  return text.length <= 6 ? text : String(Number(value.toPrecision(4)));
}

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
  const group = make("g", { transform: `translate(${x} ${y})`, role: "group", "aria-label": title });
  const boxes = make("g", { stroke: "var(--line, #767676)" });
  const texts = make("g", {
    "text-anchor": "middle", "dominant-baseline": "central", "pointer-events": "none",
    fill: "var(--ink, #1b1b1b)", "font-family": "system-ui, sans-serif",
  });
  group.append(boxes, texts);
  const marks = new Map(panel.marks.map(([row, column, mark]) => [`${row} ${column}`, mark]));
  const parts = new Map(panel.parts.map(([row, column, ...shown]) => [`${row} ${column}`, shown]));
  if (parts.size) group.setAttribute("tabindex", "0");
  const largest = Math.max(1e-9, ...panel.values.flat().map((value) => value ?? 0));
  panel.values.forEach((row, r) => row.forEach((value, c) => {
    const mark = marks.get(`${r} ${c}`);
    const box = make("rect", {
      x: c * cell, y: r * cell, width: cell, height: cell,
      fill: mark ? `var(--${mark})` : "var(--paper, #fff)",
    });
    const shown = parts.get(`${r} ${c}`);
    if (shown) {
      box.setAttribute("data-part", shown.join(" "));
      box.at = `${r} ${c}`;
    }
    boxes.append(box);
    if (panel.shaded) {
      boxes.append(make("rect", {
        x: c * cell, y: r * cell, width: cell, height: cell, fill: "var(--input, #9ed3f5)",
        "fill-opacity": Math.max(0, (value ?? 0) / largest), "pointer-events": "none",
      }));
    }
    const text = written(value);
    box.value = text;
    if (text && cell >= READABLE) {
      texts.append(make("text", {
        x: (c + 0.5) * cell, y: (r + 0.5) * cell,
        "font-size": Math.min(15, (1.6 * cell) / Math.max(2, text.length)),
      }, text));
    }
  }));
  return group;
}
