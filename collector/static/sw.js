/**
 * The service worker: keeps the shell of the app, forms, what they show and lists, and answers from them without a network.
 * The server puts `const BUILD = {version, files, shells}` and `syncOutbox` (null where workers cannot import)
 * before this text; every change of a file changes the version, and so this script. It keeps no answer of a
 * signed-in person and never a redirect.
 */

/* global BUILD, syncOutbox */
const CACHE = `homeward-${BUILD.version}`;
const MARKS = "homeward-marks";
/** A server that accepts and then says nothing (a weak signal, a captive portal) is waited for no longer. */
const PATIENCE = 4000;
const FILES = new Set(BUILD.files);

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

/** All or nothing: a half-kept app would fail where there is no network. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  const waiting = [...BUILD.files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await keep(cache, file);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

async function keep(cache, file) {
  // What is named by its content is taken over from the version before.
  const named = /^\/(forms|lists|form-media)\//.test(file) ? await caches.match(file) : undefined;
  if (named) return cache.put(file, named);
  const request = new Request(file, { credentials: "omit", redirect: "error", cache: "no-cache" });
  const response = await fetch(request);
  if (!response.ok || response.redirected) throw new Error(`${file}: ${response.status}`);
  return cache.put(file, response);
}

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("homeward-") && name !== CACHE && name !== MARKS);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// Only a person's word brings a new version in: never under an open form.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
  // A page asks which pages could not be opened without a network.
  if (event.data?.missing) event.ports[0].postMessage(event.data.missing.filter((path) => !FILES.has(path)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (/^\/(sync|api)\//.test(address.pathname) || address.pathname === "/sw.js") return;
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else event.respondWith(file(request, address));
});

/** The shell that answers an address, or undefined. */
function shellOf(path) {
  if (FILES.has(path)) return path;
  return BUILD.shells.find(([start]) => path.startsWith(start) && !path.slice(start.length).includes("/"))?.[1];
}

async function page(request, address) {
  const shell = shellOf(address.pathname);
  const cache = await caches.open(CACHE);
  // On an enrolled phone the app's own pages never wait for a network: they are filled from the phone.
  if (shell && !address.pathname.endsWith("/device") && !address.searchParams.has("kept") && (await enrolled())) {
    const kept = await cache.match(shell);
    if (kept) return kept;
  }
  try {
    // Only a page that can be answered from here is given up on; others may take their time.
    return shell ? await soon(request) : await fetch(request);
  } catch (error) {
    const kept = shell && (await cache.match(shell));
    if (kept) return kept;
    // Not kept here (the front page, the desk): the villages are where everything begins.
    const lang = address.pathname.startsWith("/en") ? "en" : "zh";
    if (FILES.has(`/${lang}/villages`)) return Response.redirect(`/${lang}/villages`);
    throw error;
  }
}

/** The server's answer if it begins within our patience. */
function soon(request) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE);
    fetch(request).then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function file(request, address) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(address.pathname);
  if (!kept) return fetch(request);
  const range = address.pathname.startsWith("/form-media/") && /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  return range ? part(kept, Number(range[1]), range[2]) : kept;
}

/** A range of sound or video, as players ask for it: some play nothing that is answered whole. */
async function part(kept, first, last) {
  const whole = await kept.blob();
  const end = last === "" ? whole.size : Math.min(Number(last) + 1, whole.size);
  const headers = new Headers(kept.headers);
  if (first >= end) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  headers.set("Content-Range", `bytes ${first}-${end - 1}/${whole.size}`);
  headers.set("Content-Length", String(end - first));
  return new Response(whole.slice(first, end), { status: 206, headers });
}

async function enrolled() {
  const marks = await caches.open(MARKS);
  return (await marks.match("/enrolled")) !== undefined;
}

// Where the system wakes us when the network returns; a page syncs by itself too, so this is only sooner.
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox" && syncOutbox) event.waitUntil(syncOutbox());
});
