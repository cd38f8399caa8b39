// What the page's parts share.

export const part = (id) => document.getElementById(id);

// Return an element with a text.
export function item(name, text, attributes = {}) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// Return one sentence of what the server says is wrong.
export function told(content) {
  if (typeof content.detail === "string") return content.detail;
  return content.detail.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join("; ");
}

// Show a complaint, or hide it where there is none.
export function complain(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

// Have the browser save what is at an address.
export function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
