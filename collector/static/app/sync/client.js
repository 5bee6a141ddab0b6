/**
 * Talking to the hub: bearer token, no cookies, JSON only (docs/sync-protocol.md).
 *
 * What is not JSON of the expected shape is not the hub: a captive portal answers every address with 200 and
 * a page of its own.
 */

/** The hub could not be reached, or something else answered in its place. Try again later. */
export class Unreachable extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "Unreachable";
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
    throw new Unreachable(`no answer of the hub (${response.status}): ${error}`);
  }
  if (response.ok) return body;
  if (typeof body?.problem?.code === "string" && response.status < 500) throw new Refused(response.status, body.problem);
  throw new Unreachable(`the hub answered ${response.status}`);
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

/**
 * Sends a photo or recording, and says so only when the hub names its digest and its length.
 * @param {Access} access
 * @param {{sha256: string, blob: Blob, type: string}} media
 * @returns {Promise<boolean>}
 */
export async function putMedia(access, { sha256, blob, type }) {
  const headers = { "Content-Type": type || "application/octet-stream" };
  const answer = await json(await send(access, `media/${sha256}`, { method: "PUT", headers, body: blob }));
  return answer.sha256 === sha256 && answer.size === blob.size;
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
  if (!Array.isArray(field.villages) || !Array.isArray(field.records)) throw new Unreachable("no field package");
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
  if (!Array.isArray(rows)) throw new Unreachable(`no list at ${address}`);
  return rows;
}
