/** The supervisor's page with a code: counts down, and goes on when a phone has used it. */

const box = /** @type {HTMLElement} */ (document.getElementById("code"));
const line = /** @type {HTMLElement} */ (box.querySelector("[data-countdown]"));
const { state = "", next = "", text = "" } = box.dataset;
const end = performance.now() + Number(box.dataset.left) * 1000;

function count() {
  const left = Math.max(0, Math.round((end - performance.now()) / 1000));
  line.textContent = text.replace("{time}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
  if (left > 0) setTimeout(count, 1000);
  else location.replace(next);
}

async function ask() {
  try {
    const response = await fetch(state, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.ok && (await response.json()).state !== "live") return location.replace(next);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // no network, or a portal: asked again
  }
  setTimeout(() => void ask(), 2000);
}

count();
void ask();

export {};
