/**
 * The browser's replica as an IndexedDB database: what stores there are, and how to work on them.
 *
 * Only a completed transaction is saved: a request can succeed and its transaction still abort when the
 * disk is full. Every writing transaction asks for `durability: "strict"`, so that "saved" survives a
 * dead battery.
 */

export const NAME = "homeward";
const VERSION = 1;

/** @typedef {"meta" | "drafts" | "draft_answers" | "changes" | "records" | "hub_records" | "media" | "documents"} StoreName */

/**
 * Migrations, append only: number n brings a database from version n to n + 1. Stores are never recreated.
 * @type {((database: IDBDatabase) => void)[]}
 */
const MIGRATIONS = [
  (database) => {
    database.createObjectStore("meta");
    database.createObjectStore("drafts", { keyPath: "id" });
    database.createObjectStore("draft_answers", { keyPath: ["draft", "path"] });
    const changes = database.createObjectStore("changes", { keyPath: "number" });
    changes.createIndex("draft", "draft", { unique: true });
    const records = database.createObjectStore("records", { keyPath: "record" });
    records.createIndex("village", "village");
    const hub = database.createObjectStore("hub_records", { keyPath: "record" });
    hub.createIndex("village", "village");
    database.createObjectStore("media", { keyPath: "sha256" });
    database.createObjectStore("documents", { keyPath: ["kind", "name"] });
  },
];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
export function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = (event) => {
      for (const migrate of MIGRATIONS.slice(event.oldVersion)) migrate(request.result);
    };
    request.onerror = () => {
      opened = null;
      reject(request.error);
    };
    request.onsuccess = () => {
      const database = request.result;
      // An old tab must not block the upgrade of a new one.
      database.onversionchange = () => {
        database.close();
        opened = null;
      };
      // The system closed the connection (memory, cleared data): the next use opens it again.
      database.onclose = () => {
        opened = null;
      };
      resolve(database);
    };
  });
  return opened;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {StoreName[]} stores @param {IDBTransactionMode} mode @returns {Promise<IDBTransaction>} */
async function begin(stores, mode) {
  const options = /** @type {IDBTransactionOptions} */ ({ durability: mode === "readwrite" ? "strict" : "default" });
  const database = await open();
  try {
    return database.transaction(stores, mode, options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    opened = null; // the handle died without telling: open once more, and let a second failure out
    return (await open()).transaction(stores, mode, options);
  }
}

/**
 * Runs `work` in one transaction and resolves with its result when the transaction is complete.
 * `work` may await requests of this transaction and nothing else: a fetch, a timer or a hash would end it.
 * @template T
 * @param {StoreName[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(store: (name: StoreName) => IDBObjectStore) => T | Promise<T>} work
 * @returns {Promise<T>}
 * @throws {DOMException} why the transaction aborted; nothing of it was kept
 */
export async function transact(stores, mode, work) {
  const transaction = await begin(stores, mode);
  const complete = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
  complete.catch(() => undefined); // reported below; a failing `work` must not leave this one unhandled
  /** @type {T} */
  let value;
  try {
    value = await work((name) => transaction.objectStore(name));
  } catch (error) {
    // A failed request has aborted the transaction already and then its reason is the better one.
    if (transaction.error === null) abort(transaction);
    throw error;
  }
  await complete;
  return value;
}

/** @param {IDBTransaction} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch (error) {
    // Already finished: the only harmless case.
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
  }
}

/**
 * @param {StoreName} store
 * @param {IDBValidKey} key
 * @returns {Promise<any>} undefined when there is none
 */
export function get(store, key) {
  return transact([store], "readonly", (s) => result(s(store).get(key)));
}

/**
 * @param {StoreName} store
 * @param {IDBKeyRange | IDBValidKey} [range]
 * @param {string} [index]
 * @returns {Promise<any[]>}
 */
export function all(store, range, index) {
  return transact([store], "readonly", (s) => {
    const source = index ? s(store).index(index) : s(store);
    return result(source.getAll(range));
  });
}

/** The range of a compound key's first part. @param {string} first */
export function startingWith(first) {
  return IDBKeyRange.bound([first], [first, []]);
}
