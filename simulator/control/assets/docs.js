"use strict";

const select = document.getElementById("worlds");
const told = document.getElementById("told");
let ui;

function show() {
  ui = SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#api",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      const url = new URL(request.url, location.href);
      if (url.origin === location.origin && url.pathname.startsWith("/_sim/")) {
        Object.assign(request.headers, authorization());
      }
      return request;
    },
  });
  fillWorlds(select).catch((failure) => { told.textContent = failure.message; });
}

async function signIn() {
  const world = await fillWorlds(select);
  const { username, password, organizationId, devKey } = world;
  const response = await fetch("/connect/v3/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password, organizationId, devKey }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer[0].message);
  }
  ui.preauthorizeApiKey("devKey", devKey);
  ui.preauthorizeApiKey("sessionId", answer.sessionId);
  told.textContent = `${username} is signed in to ${world.world}.`;
}

document.getElementById("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  signIn().catch((failure) => { told.textContent = failure.message; });
});
askForToken(show);
show();
