/** Distances and areas on the ground. Source: ODK XForms specification, "XPath Functions". */

import { opened, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./values.js").Value} Value
 * @typedef {[number, number]} Point  latitude and longitude in radians
 */

/** Metres; the equatorial radius, as ODK Collect has it. */
const RADIUS = 6378100;

/** Points of geopoints, traces and shapes: "lat lon alt acc; …". @param {Value[]} args @returns {Point[]} */
function points(args) {
  return opened(args)
    .flatMap((value) => toText(value).split(";"))
    .filter((text) => text.trim() !== "")
    .map((text) => {
      const [lat, lon = ""] = text.trim().split(/\s+/);
      return [(toNumber(lat) * Math.PI) / 180, (toNumber(lon) * Math.PI) / 180];
    });
}

/** Metres along the sphere. @param {Point} a @param {Point} b @returns {number} */
function metres([lat1, lon1], [lat2, lon2]) {
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin((lon2 - lon1) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** @param {number} n @returns {number} */
const centi = (n) => Math.floor(n * 100 + 0.5) / 100;

/** Whether a point lies in a shape: whether a ray from it crosses the border an odd number of times. @type {XFunction} */
function geofence([place, shape]) {
  const [[point], border] = [points([place]), points([shape])];
  if (!point) return false;
  const [y, x] = point;
  return border.filter(([lat, lon], at) => {
    const [lat2, lon2] = border[(at + 1) % border.length];
    return lon > x !== lon2 > x && y < ((lat2 - lat) * (x - lon)) / (lon2 - lon) + lat;
  }).length % 2 === 1;
}

/** @type {Record<string, XFunction>} */
export const placeFunctions = {
  geofence,
  distance: (args) => {
    let sum = 0;
    const list = points(args);
    for (let at = 1; at < list.length; at++) sum += metres(list[at - 1], list[at]);
    return centi(sum);
  },
  area: (args) => {
    const list = points(args);
    let sum = 0;
    list.forEach(([lat, lon], at) => {
      const [lat2, lon2] = list[(at + 1) % list.length];
      sum += (lon2 - lon) * (2 + Math.sin(lat) + Math.sin(lat2));
    });
    return list.length < 3 ? 0 : centi(Math.abs((sum * RADIUS * RADIUS) / 2));
  },
};
