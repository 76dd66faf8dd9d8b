"use strict";

const SHOWN = 20;
const EVERY = 5000;
const at = (id) => document.getElementById(id);
const select = at("worlds");

function list(place, pairs) {
  at(place).replaceChildren(
    ...pairs.map(([name, value]) => element("div", "", element("dt", name), element("dd", value))),
  );
}

function table(place, rows) {
  at(place).replaceChildren(
    ...rows.map((cells) => element("tr", "", ...cells.map((cell) => element("td", cell)))),
  );
}

// A part of the control plane may be absent or refuse: the rest is still shown.
async function results(path) {
  try {
    return (await control(path)).results.slice(0, SHOWN);
  } catch {
    return [];
  }
}

async function show() {
  const world = await fillWorlds(select);
  const base = `worlds/${encodeURIComponent(world.world)}`;
  const [clock, whole, requests, outbox] = await Promise.all([
    control(`${base}/clock`), control(base), results(`${base}/requests`), results(`${base}/outbox`),
  ]);
  at("now").textContent = clock.now;
  at("mode").textContent = clock.mode;
  const names = ["baseUrl", "devKey", "organizationId", "username", "password"];
  list("credentials", names.map((name) => [name, world[name]]));
  list("counts", Object.entries(whole.counts).filter(([, count]) => count > 0));
  table("requests", requests.map((one) => [
    one.time, `${one.method} ${one.path}`, one.status, (one.codes || []).join(" "),
  ]));
  table("outbox", outbox.map((one) => [one.time, one.to, one.text]));
}

async function refresh(first = () => {}) {
  try {
    await first();
    await show();
    at("trouble").textContent = "";
  } catch (failure) {
    at("trouble").textContent = failure.message;
  }
}

at("choice").addEventListener("change", () => refresh());
at("choice").addEventListener("submit", (event) => event.preventDefault());
at("advance").addEventListener("submit", (event) => {
  event.preventDefault();
  const path = `worlds/${encodeURIComponent(select.value)}/clock/advance`;
  refresh(() => post(path, { [event.submitter.value]: 1 }));
});
askForToken(refresh);
control("health").then(
  (health) => { at("version").textContent = health.version; },
  () => {},
);
refresh();
setInterval(() => { if (!document.hidden) { refresh(); } }, EVERY);
