// Which inputs, taps and outputs meet: shown at the cell that is pointed at, or walked to by keys.

const PLACES = { input: 0, kernel: 1, output: 2 }; // in a meeting: input, tap, output
const WORDS = { input: "input", kernel: "tap", output: "output" };
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
  const products = found.slice(0, MOST).map((meeting) => kind === "output"
    ? `${name(0, meeting[0])} × ${name(1, meeting[1])}`
    : kind === "input" ? `${name(2, meeting[2])} by ${name(1, meeting[1])}`
      : `${name(2, meeting[2])} from ${name(0, meeting[0])}`);
  const rest = found.length > MOST ? `, and ${found.length - MOST} more` : "";
  const verb = kind === "output" ? " = " : kind === "input" ? " goes to " : " makes ";
  return own + verb + products.join(kind === "output" ? " + " : ", ") + rest;
}

// Let the cells of a drawing show what they meet.
export function linked(svg, meetings, say) {
  const cells = [...svg.querySelectorAll("[data-part]")];
  const clear = () => {
    for (const cell of cells) cell.classList.remove("pointed", "met");
    say("");
  };
  const point = (cell) => {
    clear();
    const found = meetingsOf(cell.dataset.part, meetings);
    const met = new Set(found.flatMap((meeting) => Object.entries(PLACES)
      .map(([kind, place]) => `${kind} ${meeting[place].join(" ")}`)));
    for (const other of cells) other.classList.toggle("met", met.has(other.dataset.part));
    cell.classList.add("pointed");
    const here = cell.value ? `; here ${cell.value}` : "";
    say(words(cell.dataset.part, found) + here);
  };
  svg.addEventListener("pointerover", ({ target }) => target.dataset.part ? point(target) : clear());
  svg.addEventListener("pointerleave", clear);
  for (const group of svg.querySelectorAll("g[tabindex]")) walk(group, point, clear);
}

// Let the arrow keys go from cell to cell of a panel.
function walk(group, point, clear) {
  const cells = new Map([...group.querySelectorAll("[data-part]")].map((cell) => [cell.at, cell]));
  let at = [...cells.keys()][0];
  group.addEventListener("focus", () => point(cells.get(at)));
  group.addEventListener("blur", clear);
  group.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = at.split(" ").map(Number);
    // Cells that show no part (zeros between) are passed over.
    for (let n = 1; n <= 64; n++) {
      const next = `${row + n * step[0]} ${column + n * step[1]}`;
      if (cells.has(next)) {
        at = next;
        break;
      }
    }
    point(cells.get(at));
  });
}
