/** What a record is given by itself at its beginning and end: defaults, first instances, time, device, person. */

/** @typedef {import("./session.js").Session} Session */

/** @param {[string, string]} preload @returns {boolean} */
const isEnd = ([kind, param]) => kind === "timestamp" && param === "end";
/** @param {[string, string]} preload @returns {boolean} */
const isStart = ([kind, param]) => kind === "timestamp" && param === "start";

/** A new record. @param {Session} session */
export function begin({ form, tree, flow, context }) {
  flow.repeats.fill(tree.root);
  form.nodes.forEach(({ preload }, number) => {
    if (!preload || isEnd(preload)) return;
    for (const item of tree.of(number)) item.value = given(preload, context);
  });
}

/** Nodes that a record did not have when it began; nobody knows any more when that was. @param {Session} session @param {Set<string>} paths */
export function beginLater({ form, tree, flow, context }, paths) {
  form.nodes.forEach(({ preload, path }, number) => {
    if (!preload || isStart(preload) || isEnd(preload) || !paths.has(path)) return;
    for (const item of tree.of(number)) {
      if (item.value !== "") continue;
      item.value = given(preload, context);
      flow.changed(item);
    }
  });
}

/** A finished record. @param {Session} session */
export function end({ form, tree, flow, context }) {
  form.nodes.forEach(({ preload }, number) => {
    if (!preload || !isEnd(preload)) return;
    for (const item of tree.of(number)) {
      item.value = context.now();
      flow.changed(item);
    }
  });
}

/** @param {[string, string]} preload @param {import("./session.js").Context} context @returns {string} */
function given([kind, param], context) {
  if (kind === "timestamp") return context.now();
  if (kind === "date") return context.now().slice(0, 10);
  if (kind === "uid") return `uuid:${context.uuid()}`;
  return kind === "property" && (param === "deviceid" || param === "username") ? context[param] : "";
}
