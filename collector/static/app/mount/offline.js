/** The service worker: registered once the browser is enrolled; a new version is told and waits for a word. */

import { h, t } from "./dom.js";

/** @returns {Promise<void>} */
export async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  const registration = await register();
  if (registration.waiting) offer(registration);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(registration);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") registration.update().catch(ignoreNetwork);
  });
}

async function register() {
  try {
    return await navigator.serviceWorker.register("/sw.js", { type: "module" });
  } catch (error) {
    // A browser whose workers know no modules: the same worker without background sync. The network can be the
    // reason too; then this one fails as well, and an earlier registration goes on.
    const known = await navigator.serviceWorker.getRegistration("/");
    if (known) return known;
    return navigator.serviceWorker.register("/sw.js?plain");
  }
}

/** Being offline is no fault here. @param {unknown} error */
function ignoreNetwork(error) {
  if (!(error instanceof TypeError)) throw error;
}

/** @param {ServiceWorkerRegistration} registration */
function offer(registration) {
  if (document.getElementById("new-version")) return;
  // Never under an open form: there the line only says that a new version waits.
  const open = document.getElementById("fill") !== null;
  const take = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage("take-over");
  };
  const line = h("div.note", { id: "new-version", role: "status" },
    h("p", null, t(open ? "phone.update_later" : "phone.update")),
    !open && h("div.buttons", null, h("button.main", { type: "button", onclick: take }, t("phone.update_now"))));
  document.getElementById("main")?.prepend(line);
}
