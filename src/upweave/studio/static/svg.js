// Elements of SVG.

export const NS = "http://www.w3.org/2000/svg";

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

export function square(row, column, cell, attributes) {
  return make("rect", { x: column * cell, y: row * cell, width: cell, height: cell, ...attributes });
}
