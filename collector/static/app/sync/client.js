/**
 * Talking to the hub: bearer token, no cookies, JSON only (docs/sync-protocol.md).
 *
 * What is not JSON of the expected shape is not the hub: a captive portal answers every address with 200 and
 * a page of its own.
 */

/** The hub could not be reached, or something else answered in its place. Try again later. */
export class Unreachable extends Error {
  /** @param {string} message @param {boolean} [answered] something answered: the next request may fare better */
  constructor(message, answered = false) {
    super(message);
    this.name = "Unreachable";
    this.answered = answered;
  }
}

/** The hub refused, with a numbered problem. */
export class Refused extends Error {
  /** @param {number} status @param {import("../store/changes.js").Refusal} problem */
  constructor(status, problem) {
    super(`${problem.code} ${problem.message}`);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
  }
}

/** Longest wait for an answer, milliseconds. */
const PATIENCE = 60_000;

/** @typedef {{token: string, lang: string}} Access */

/**
 * @param {Access} access
 * @param {string} path below `/sync/v1/`
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 * @throws {Unreachable}
 */
async function send({ token, lang }, path, options = {}) {
  try {
    return await fetch(`/sync/v1/${path}`, {
      ...options,
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
      headers: { Authorization: `Bearer ${token}`, "Accept-Language": lang, ...options.headers },
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/**
 * The JSON of an answer.
 * @param {Response} response
 * @returns {Promise<any>}
 * @throws {Unreachable | Refused}
 */
async function json(response) {
  /** @type {any} */
  let body;
  try {
    if (!response.headers.get("Content-Type")?.startsWith("application/json")) throw new TypeError("not JSON");
    body = await response.json();
  } catch (error) {
    throw new Unreachable(`no answer of the hub (${response.status}): ${error}`, true);
  }
  if (response.ok) return body;
  if (typeof body?.problem?.code === "string" && response.status < 500) throw new Refused(response.status, body.problem);
  throw new Unreachable(`the hub answered ${response.status}`, true);
}

/**
 * @param {Access} access
 * @param {string} path
 * @param {unknown} body
 */
export async function post(access, path, body) {
  const headers = { "Content-Type": "application/json" };
  return json(await send(access, path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** @param {Access} access @param {string} path */
export async function get(access, path) {
  return json(await send(access, path));
}

/**
 * How many bytes of a photo or recording the hub has.
 * @param {Access} access @param {string} sha256 @returns {Promise<number>}
 * @throws {Unreachable} also when the token is not known any more: an answer to HEAD cannot say why
 */
export async function mediaOffset(access, sha256) {
  const response = await send(access, `media/${sha256}`, { method: "HEAD" });
  const offset = response.headers.get("Upload-Offset") ?? "";
  if (!response.ok || !/^[0-9]+$/.test(offset)) throw new Unreachable(`the hub answered ${response.status}`, response.status !== 401);
  return Number(offset);
}

/**
 * Sends a piece of a photo or recording.
 * @param {Access} access
 * @param {{sha256: string, type: string, size: number}} media
 * @param {number} offset where it begins
 * @param {ArrayBuffer} bytes
 * @returns {Promise<{size: number, complete: boolean}>} what the hub has now
 * @throws {Unreachable | Refused}
 */
export async function appendMedia(access, { sha256, type, size }, offset, bytes) {
  const headers = {
    "Content-Type": type || "application/octet-stream", "Upload-Offset": String(offset), "Upload-Length": String(size),
  };
  const answer = await json(await send(access, `media/${sha256}`, { method: "PATCH", headers, body: bytes }));
  if (answer.sha256 !== sha256 || !Number.isSafeInteger(answer.size)) throw new Unreachable("no answer about this file", true);
  return { size: answer.size, complete: answer.complete === true };
}

/**
 * The field package, or what it was made when the phone has the same already.
 * @param {Access} access
 * @param {string} tag ETag of the one that is here, "" for none
 * @returns {Promise<{field: import("../store/field.js").FieldPackage | null, tag: string, made: string}>}
 */
export async function getField(access, tag) {
  const headers = tag ? { "If-None-Match": tag } : undefined;
  const response = await send(access, "field", { headers });
  if (response.status === 304) return { field: null, tag, made: response.headers.get("X-Made") ?? "" };
  const field = await json(response);
  if (!Array.isArray(field.villages) || !Array.isArray(field.records)) throw new Unreachable("no field package", true);
  return { field, tag: response.headers.get("ETag") ?? "", made: field.made };
}

/**
 * Rows of an attached list. Its address names its content, so no token is asked for it.
 * @param {string} address
 * @returns {Promise<Record<string, string>[]>}
 */
export async function getList(address) {
  let response;
  try {
    response = await fetch(address, { credentials: "omit", redirect: "error" });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  const rows = await json(response);
  if (!Array.isArray(rows)) throw new Unreachable(`no list at ${address}`, true);
  return rows;
}
