// Calls of the control plane, for both pages. The token lives as long as the tab.
"use strict";

const TOKEN = "bill-simulator-token";

function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

// The JSON that the control plane answers; a refusal is thrown with its detail.
async function control(path, options = {}) {
  const headers = { ...authorization(), "Content-Type": "application/json" };
  const response = await fetch(path, { ...options, headers });
  const body = response.status === 204 ? null : await response.json();
  if (response.ok) {
    return body;
  }
  if (response.status === 401) {
    document.getElementById("token-form").hidden = false;
  }
  throw new Error(body.detail || `${response.status}`);
}

function post(path, body) {
  return control(path, { method: "POST", body: JSON.stringify(body) });
}

// Text alone goes into the page, never markup.
function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function askForToken(then) {
  document.getElementById("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, document.getElementById("token").value);
    event.target.hidden = true;
    then();
  });
}

async function fillWorlds(select) {
  const { results } = await control("worlds");
  const chosen = select.value || "default";
  select.replaceChildren(...results.map((world) => new Option(world.world, world.world)));
  select.value = results.some((world) => world.world === chosen) ? chosen : "default";
  return results.find((world) => world.world === select.value);
}
