// The family tree: where the transposed convolution stands among layers and upsamplers.

import { item, part } from "./page.js";
import { TREE } from "./kinds.js";

const TRIANGLE = 20; // pixels at the beginning of a name, which close and open
const list = part("tree");

function branch(kind, level) {
  const line = item("li", "", { role: "treeitem", "aria-level": level, tabindex: -1 });
  line.append(item("span", kind.name));
  line.kind = kind;
  if (kind.kinds) {
    line.setAttribute("aria-expanded", "true");
    const inner = item("ul", "", { role: "group" });
    inner.append(...kind.kinds.map((inside) => branch(inside, level + 1)));
    line.append(inner);
  }
  return line;
}

// The branches that can be seen, from above.
function visible() {
  return [...list.querySelectorAll("[role=treeitem]")].filter(
    (line) => !line.parentElement.closest("[aria-expanded=false]"));
}

function expand(line, open) {
  if (line.kind.kinds) line.setAttribute("aria-expanded", String(open));
}

function choose(line) {
  for (const other of list.querySelectorAll("[role=treeitem]")) {
    other.tabIndex = -1;
    other.setAttribute("aria-selected", "false");
  }
  line.tabIndex = 0;
  line.setAttribute("aria-selected", "true");
  const { name, text, see, call } = line.kind;
  const links = Object.entries(see ?? {}).map(([words, hash]) => {
    const paragraph = document.createElement("p");
    paragraph.append(item("a", words, { href: `#${hash}` }));
    return paragraph;
  });
  const code = item("p", call ? "In PyTorch: " : "");
  if (call) code.append(item("code", call));
  part("told").replaceChildren(item("h3", name), item("p", text), code, ...links);
}

function keys(event) {
  const line = event.target;
  const lines = visible();
  const place = lines.indexOf(line);
  const open = line.getAttribute("aria-expanded");
  let to = null;
  if (event.key === "ArrowDown") to = lines[place + 1];
  else if (event.key === "ArrowUp") to = lines[place - 1];
  else if (event.key === "Home") [to] = lines;
  else if (event.key === "End") to = lines.at(-1);
  else if (event.key === "ArrowRight" && open === "false") expand(line, true);
  else if (event.key === "ArrowRight") to = line.querySelector("[role=treeitem]");
  else if (event.key === "ArrowLeft" && open === "true") expand(line, false);
  else if (event.key === "ArrowLeft") to = line.parentElement.closest("[role=treeitem]");
  else if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  choose(to ?? line);
  (to ?? line).focus();
}

list.append(...TREE.map((kind) => branch(kind, 1)));
list.addEventListener("keydown", keys);
list.addEventListener("click", (event) => {
  const line = event.target.closest("[role=treeitem]");
  if (!line) return;
  const onTriangle = event.target.parentElement === line && event.offsetX < TRIANGLE;
  if (onTriangle) expand(line, line.getAttribute("aria-expanded") === "false");
  choose(line);
  line.focus();
});
choose(list.querySelector("[role=treeitem]"));
