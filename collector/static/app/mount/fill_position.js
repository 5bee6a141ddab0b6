/** Taking a position: the best of some seconds, with its accuracy in words. */

import { h, t } from "./dom.js";

/** Good enough to stop, metres; and the longest wait, milliseconds. */
const GOOD = 6;
const LONGEST = 30000;

/** @param {GeolocationCoordinates} coords @returns {string} latitude, longitude, altitude, accuracy */
const written = ({ latitude, longitude, altitude, accuracy }) =>
  [latitude.toFixed(7), longitude.toFixed(7), (altitude ?? 0).toFixed(1), accuracy.toFixed(1)].join(" ");

/** Where this phone is, for a form that asks for it by itself; "" where nobody allows it or nothing is found. @returns {Promise<string>} */
export const measured = () => new Promise((resolve) => {
  if (!("geolocation" in navigator)) return resolve("");
  const settings = { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST };
  navigator.geolocation.getCurrentPosition(({ coords }) => resolve(written(coords)), () => resolve(""), settings);
});

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
    take(written(coords));
    say(t("fill.position.accuracy", { metres: Math.round(best) }));
    if (best <= GOOD) stop();
  }, (error) => {
    stop();
    if (best === Infinity) say(t(error.code === error.PERMISSION_DENIED ? "fill.position.denied" : "fill.position.failed"));
  }, { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST });
}
