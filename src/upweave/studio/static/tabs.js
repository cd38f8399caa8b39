// The tabs: one is shown, and its module is loaded when it first is.

const tabs = [...document.querySelectorAll("[role=tab]")];
const loaded = new Set();

export function parameters() {
  return new URLSearchParams(location.hash.slice(1));
}

async function show(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  const name = tab.getAttribute("aria-controls");
  if (!loaded.has(name)) {
    loaded.add(name);
    await import(`./${name}.js`);
  }
}

function choose(tab) {
  const name = tab.getAttribute("aria-controls");
  const values = parameters();
  values.set("tab", name);
  history.replaceState(null, "", `#${values}`);
  show(tab);
  tab.focus();
}

function byAddress() {
  const name = parameters().get("tab") ?? "explore";
  show(tabs.find((tab) => tab.getAttribute("aria-controls") === name) ?? tabs[0]);
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[(to + tabs.length) % tabs.length]);
  });
}
addEventListener("hashchange", byAddress);
byAddress();
