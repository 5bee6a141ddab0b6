/**
 * What the hub gave this phone to work with: villages, forms, lists, entity rows and the records of its
 * villages; and what a record is now, from that and from what was written here since.
 */

import { all, get, result, transact } from "./db.js";

/**
 * @typedef {object} Village
 * @property {string} village
 * @property {string} township
 * @property {string} county
 * @property {string} label_zh
 * @property {string} label_en
 * @property {string} where_zh   county and township
 * @property {string} where_en
 *
 * @typedef {object} Head  the field package without its long parts
 * @property {{id: string, name: string, username: string}} person
 * @property {Village[]} villages
 * @property {Record<string, {version: string, address: string} & import("../logic/own.js").OwnForm>} forms  by form id
 * @property {Record<string, string>} lists      stem to address; an address names its content
 * @property {string} made                       ISO, the hub's clock
 *
 * @typedef {object} HubRecord   a record as the hub shows it
 * @property {string} record
 * @property {string} form
 * @property {string} form_id
 * @property {string} village
 * @property {Record<string, string>} answers    all of one's own, of others what the roster needs
 * @property {Record<string, string>} [reasons]
 * @property {boolean} own                       all answers are here, so it can be edited
 * @property {string[]} heads
 * @property {string} review
 * @property {string} comment
 * @property {string[]} questions
 * @property {string} created
 * @property {string} updated
 *
 * @typedef {Head & {entities: Record<string, Record<string, string>[]>, records: HubRecord[]}} FieldPackage
 * @typedef {import("./changes.js").OwnRecord} OwnRecord
 * @typedef {import("./changes.js").Change} Change
 * @typedef {"waiting" | "refused" | "received" | "hub"} Standing  "hub": not written on this phone
 *
 * @typedef {object} Current  a record as it is now
 * @property {string} record
 * @property {string} form
 * @property {string} form_id
 * @property {string} village
 * @property {string} title
 * @property {Record<string, string>} answers
 * @property {Record<string, string>} reasons
 * @property {boolean} own
 * @property {string[]} heads
 * @property {string} review      "" when the hub has not seen the latest
 * @property {string} comment
 * @property {string} created
 * @property {string} updated
 * @property {Standing} standing
 * @property {string} received    ISO, "" when it was not
 * @property {import("./changes.js").Refusal | null} refused
 */

/**
 * Keeps a field package and the lists that were fetched for it, in one transaction.
 * @param {FieldPackage} field
 * @param {Record<string, Published>} lists by stem, only those that are new
 */
export function keep(field, lists) {
  const { entities, records, ...head } = field;
  return transact(["documents", "hub_records"], "readwrite", (store) => {
    const documents = store("documents");
    documents.put({ kind: "field", name: "head", data: head });
    for (const [name, rows] of Object.entries(lists)) {
      documents.put({ kind: "list", name, address: field.lists[name], data: rows });
    }
    for (const [name, rows] of Object.entries(entities)) documents.put({ kind: "entities", name, data: rows });
    store("hub_records").clear();
    for (const record of records) store("hub_records").put(record);
  });
}

/** The hub says that the package here is still what it would give. @param {string} made ISO, the hub's clock */
export function restamp(made) {
  return transact(["documents"], "readwrite", async (store) => {
    const held = await result(store("documents").get(["field", "head"]));
    if (held && made) store("documents").put({ ...held, data: { ...held.data, made } });
  });
}

/** @returns {Promise<Head | null>} null before the first field package */
export async function head() {
  return (await get("documents", ["field", "head"]))?.data ?? null;
}

/** Which list is held at which address. @returns {Promise<Record<string, string>>} stem to address */
export async function heldLists() {
  const held = await all("documents", IDBKeyRange.bound(["list"], ["list", []]));
  return Object.fromEntries(held.map((list) => [list.name, list.address]));
}

/**
 * @typedef {Record<string, string>[]} Rows
 * @typedef {Rows | import("../logic/trees.js").Branch} Published  rows of a list, or the tree of another file
 */

/**
 * Rows of attached lists: as the hub published them, and of entity lists what this phone recorded first, then what
 * the hub gave. All in one transaction.
 * @param {string[]} names stems, such as "villages"
 * @returns {Promise<Map<string, {recorded: Rows, published: Published}>>}
 */
export async function rowsOf(names) {
  if (names.length === 0) return new Map(); // all records of this phone would be read for nothing
  return transact(["documents", "records"], "readonly", async (store) => {
    const [own, ...documents] = await Promise.all([
      result(store("records").getAll()),
      ...names.flatMap((name) => ["list", "entities"].map((kind) => result(store("documents").get([kind, name])))),
    ]);
    return new Map(names.map((name, place) => {
      const [published, hub] = documents.slice(place * 2, place * 2 + 2).map((document) => /** @type {Rows} */ (document?.data ?? []));
      return [name, { recorded: recorded(own, name, hub), published }];
    }));
  });
}

/** @param {OwnRecord[]} own @param {string} list @param {Rows} hub @returns {Rows} */
function recorded(own, list, hub) {
  const here = own.flatMap((record) => record.entities).filter((entity) => entity.list === list).map((entity) => entity.row);
  const names = new Set(here.map((row) => row.name));
  return [...here, ...hub.filter((row) => !names.has(row.name))];
}

/**
 * The records of a village, or all, as they are now: what was written here until the hub has shown that it
 * has it, then what the hub says.
 * @param {string} [village]
 * @returns {Promise<Current[]>}
 */
export function current(village) {
  return transact(["records", "hub_records", "changes", "documents"], "readonly", async (store) => {
    const from = (/** @type {"records" | "hub_records"} */ name) =>
      result(village === undefined ? store(name).getAll() : store(name).index("village").getAll(village));
    /** @type {[OwnRecord[], HubRecord[], Change[], any]} */
    const [own, hub, log, field] = await Promise.all([
      from("records"),
      from("hub_records"),
      result(store("changes").getAll()),
      result(store("documents").get(["field", "head"])),
    ]);
    const made = field?.data.made ?? "";
    const changes = new Map(log.map((change) => [change.number, change]));
    const byHub = new Map(hub.map((record) => [record.record, record]));
    const mine = own.map((record) => merge(record, changes.get(record.number), byHub.get(record.record), made));
    const names = new Set(own.map((record) => record.record));
    return [...mine, ...hub.filter((record) => !names.has(record.record)).map(ofHub)];
  });
}

/** @param {HubRecord} record @returns {Current} */
function ofHub(record) {
  return { title: "", reasons: {}, ...record, standing: "hub", received: record.updated, refused: null };
}

/**
 * @param {OwnRecord} own
 * @param {Change | undefined} change its last change
 * @param {HubRecord | undefined} hub
 * @param {string} made when the hub made the field package
 * @returns {Current}
 */
function merge(own, change, hub, made) {
  const received = change?.received ?? "";
  const standing = received ? "received" : change?.refused ? "refused" : "waiting";
  const status = { standing: /** @type {Standing} */ (standing), received, refused: change?.refused ?? null };
  // A package made before the receipt cannot know the change yet.
  if (hub && received && made >= received) return { ...ofHub(hub), title: own.title, ...status };
  const { formId, number: _, author: __, entities: ___, ...rest } = own;
  return {
    ...rest, form_id: formId, own: true, review: received ? "received" : "", comment: "",
    created: hub?.created ?? own.updated, ...status,
  };
}
