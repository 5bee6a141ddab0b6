/** Taking a position: the best of some seconds, with its accuracy in words. */

import { h, t } from "./dom.js";

/** Good enough to stop, metres; and the longest wait, milliseconds. */
const GOOD = 6;
const LONGEST = 30000;

/**
 * @param {HTMLButtonElement} button of the question, `data-locate`
 * @param {(answer: string) => void} take called with each better position: latitude, longitude, altitude, accuracy
 */
export function locate(button, take) {
  const place = /** @type {HTMLElement} */ (button.parentElement);
  let words = /** @type {HTMLElement | null} */ (place.parentElement?.querySelector(".position-words") ?? null);
  if (!words) place.after((words = h("p.small.position-words", { role: "status" })));
  const say = (/** @type {string} */ text) => {
    if (words) words.textContent = text;
  };
  if (!("geolocation" in navigator)) return say(t("fill.position.none"));
  let best = Infinity;
  button.disabled = true;
  say(t("fill.position.waiting"));
  const stop = () => {
    navigator.geolocation.clearWatch(watch);
    clearTimeout(timer);
    button.disabled = false;
    if (best === Infinity) say(t("fill.position.failed"));
  };
  const timer = setTimeout(stop, LONGEST);
  const watch = navigator.geolocation.watchPosition(({ coords }) => {
    if (coords.accuracy >= best) return;
    best = coords.accuracy;
    take([coords.latitude.toFixed(7), coords.longitude.toFixed(7), (coords.altitude ?? 0).toFixed(1), best.toFixed(1)].join(" "));
    say(t("fill.position.accuracy", { metres: Math.round(best) }));
    if (best <= GOOD) stop();
  }, (error) => {
    stop();
    if (best === Infinity) say(t(error.code === error.PERMISSION_DENIED ? "fill.position.denied" : "fill.position.failed"));
  }, { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST });
}
