/** Photos, sound and files of a form: scaled, freed of what the camera wrote into them, kept on this phone. */

import { LIMIT, load, put } from "../store/media.js";
import { h, t } from "./dom.js";

/** Photos without `max-pixels` keep their size up to this, in pixels of the longer side. */
const LARGEST = 4096;
const QUALITY = 0.86;

/**
 * Keeps a chosen file.
 * @param {File} file @param {string | undefined} maxPixels of the question, the longer side of a photo
 * @param {string} draft @returns {Promise<string>} the answer: the SHA-256 of what was kept
 * @throws {RangeError} when it is too large
 */
export async function keep(file, maxPixels, draft) {
  const blob = file.type.startsWith("image/") && file.type !== "image/svg+xml" ? await scaled(file, Number(maxPixels) || LARGEST) : file;
  if (blob.size > LIMIT) throw new RangeError("too large");
  return put(blob, draft);
}

/**
 * A photo drawn anew: upright, no larger than asked, without position, time or maker of the camera.
 * @param {File} file @param {number} most @returns {Promise<Blob>}
 */
async function scaled(file, most) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * share));
  canvas.height = Math.max(1, Math.round(bitmap.height * share));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (file.type !== "image/png") {
    context.fillStyle = "#fff"; // JPEG has no transparency
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const type = file.type === "image/png" ? "image/png" : "image/jpeg";
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be drawn"))), type, QUALITY);
  });
}

/**
 * Shows what a question holds: the picture, or a line of words, and how to take it away.
 * @param {HTMLElement} question @param {string} sha the answer @param {() => void} remove
 */
export async function show(question, sha, remove) {
  const place = /** @type {HTMLElement} */ (question.querySelector(".upload"));
  if (place.dataset.shown === sha) return;
  place.dataset.shown = sha;
  for (const old of place.querySelectorAll("[data-upload-state], .upload-shown")) old.remove();
  const picture = place.querySelector("img");
  if (picture) URL.revokeObjectURL(picture.src);
  if (sha === "") return;
  const media = await load(sha);
  if (place.dataset.shown !== sha) return;
  const shown = h("div.upload-shown", null);
  if (media?.type.startsWith("image/")) shown.append(h("img", { src: URL.createObjectURL(media.blob), alt: t("fill.photo.kept") }));
  else if (media?.type.startsWith("audio/")) shown.append(h("audio", { src: URL.createObjectURL(media.blob), controls: true }));
  shown.append(
    h("p.small", { "data-upload-state": true }, t(media ? "fill.file.kept" : "fill.file.elsewhere")),
    h("button.button.quiet", { type: "button", onclick: remove }, t("fill.file.remove")),
  );
  place.prepend(shown);
}
