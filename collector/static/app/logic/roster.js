/**
 * The roster of a village: pure, the same for the server's page and the phone.
 * Twin of `collector/visit/roster.py`; both reproduce `tests/vectors/roster.json`. No text for people is made
 * here: states and gaps are codes, and pages put them into words.
 */

import { byBytes } from "../sync/canonical.js";
import { find } from "./place.js";
import { WHERE } from "./places.js";

/**
 * @typedef {Readonly<Record<string, string>>} Answers
 * @typedef {object} Current  a record as it is now
 * @property {string} record
 * @property {string} form_id
 * @property {Answers} answers
 * @property {string} [review]   received, edited, has_issues, approved, rejected; "" when the hub has not seen it
 * @property {string} [comment]
 * @property {string} [created]  sortable
 *
 * @typedef {{form: string, prefill: Record<string, string>, kind: string}} Start
 * @typedef {{what: "jobs" | "support" | "inn", have: number, want: number, kinds: string[]}} Missing
 * @typedef {{village: string, township: string, county: string}} Place
 * @typedef {{record: string, result: string, review: string, comment: string}} Visit
 * @typedef {{businesses: number, businesses_listed: number, inns: number, inns_listed: number, refused: number,
 *   returned: number}} Counts
 *
 * @typedef {object} Line
 * @property {string} form
 * @property {string} record
 * @property {string} parent   record of the business that runs the inn
 * @property {string} uid
 * @property {string} name
 * @property {string} code
 * @property {string} result
 * @property {string} review
 * @property {string} comment
 * @property {boolean} done
 * @property {Missing[]} missing
 * @property {Start[]} starts
 *
 * @typedef {{visit: Visit | null, counts: Counts, lines: Line[], starts: Start[], others: Current[]}} Roster
 * @typedef {{jobs: Current[], support: Current[], inn: Current[]}} Linked
 */

/** Results of a visit that say: this is no unit of ours. */
const NOT_COUNTED = new Set(["not_eligible", "already_recorded"]);
/** Answers to "did you receive this support?" after which the forms ask for a support record. */
const ASKED_OF = new Set(["received", "applied"]);
/** Kinds of support with a question `sup_…` of their own; `sup_other` takes any other kind. */
const SUPPORT = [
  "tax", "guarantee_loan", "other_loan", "bonus", "rent", "social_insurance", "land_use", "training", "platform",
];

/** A whole number of people; what is no number counts as `otherwise`. @param {string} text @param {number} otherwise */
const number = (text, otherwise) => (/^[0-9]+$/.test(text) ? Number(text) : otherwise);

/**
 * A start of `form`; `values` by the short names of `WHERE`.
 * @param {string} form @param {Record<string, string>} values @param {string} [kind]
 * @returns {Start}
 */
export function start(form, values, kind = "") {
  const paths = WHERE[form] ?? {};
  const known = Object.entries(values).filter(([, value]) => value !== "");
  return { form, prefill: Object.fromEntries(known.map(([name, value]) => [paths[name] ?? name, value])), kind };
}

/** @param {Place} place */
const placeValues = (place) => ({
  listed: "yes", county: place.county, township: place.township, village: place.village,
});

/**
 * What can be begun in a village without a unit: visit, business, inn, event, story.
 * @param {Place} place @param {string} [today] ISO date or ""
 * @returns {Start[]}
 */
export function unitStarts(place, today = "") {
  const where = placeValues(place);
  const { listed: _, ...placeOnly } = where;
  return [
    start("village_visit", { code_status: "as_listed", ...placeOnly, date: today }),
    start("business", where),
    start("inn", where),
    start("event", placeOnly),
    start("case_story", where),
  ];
}

/** A complete visit is never hidden by a later attempt that found nobody. @param {Current[]} visits */
function latestVisit(visits) {
  const rank = (/** @type {Current} */ one) => [
    find(one.answers, "disposition") === "complete" ? "1" : "0", find(one.answers, "visit_date"), one.created ?? "",
  ];
  return visits.reduce((best, one) => {
    if (best === null) return one;
    const mine = rank(one);
    const theirs = rank(best);
    const place = mine.findIndex((value, at) => value !== theirs[at]);
    return place >= 0 && byBytes(/** @type {string} */ (mine[place]), /** @type {string} */ (theirs[place])) > 0 ? one : best;
  }, /** @type {Current | null} */ (null));
}

/** @param {Answers} answers */
const countsAsUnit = (answers) =>
  find(answers, "consent_interview") === "yes" && !NOT_COUNTED.has(find(answers, "disposition"));

/** @param {Answers} answers @param {Current[]} jobs @returns {Missing[]} */
function jobsGap(answers, jobs) {
  const told = find(answers, "workers_total");
  if (told === "") return []; // not asked (an inn run by a recorded business, a place not yet open) or not known
  const want = number(told, 0);
  const have = jobs.reduce((sum, job) => sum + number(find(job.answers, "headcount"), 0), 0);
  return have === want ? [] : [{ what: "jobs", have, want, kinds: [] }];
}

/** @param {Answers} answers @param {Current[]} support @returns {Missing[]} */
function supportGap(answers, support) {
  const recorded = new Set(support.map((one) => find(one.answers, "instrument")));
  const wanted = SUPPORT.filter((kind) => ASKED_OF.has(find(answers, `sup_${kind}`)));
  const open = wanted.filter((kind) => !recorded.has(kind));
  if (ASKED_OF.has(find(answers, "sup_other"))) {
    wanted.push("other");
    if (![...recorded].some((kind) => kind !== "" && !SUPPORT.includes(kind))) open.push("other");
  }
  if (open.length === 0) return [];
  return [{ what: "support", have: wanted.length - open.length, want: wanted.length, kinds: open }];
}

/** @param {Answers} answers @param {Current[]} inns @returns {Missing[]} */
function innGap(answers, inns) {
  const lodging = find(answers, "fields").split(/\s+/).includes("lodging");
  return lodging && inns.length === 0 ? [{ what: "inn", have: 0, want: 1, kinds: [] }] : [];
}

/** @param {Current} unit @param {string} uid @param {Place} place @param {Missing[]} missing @returns {Start[]} */
function lineStarts(unit, uid, place, missing) {
  const business = unit.form_id === "business";
  /** @type {Record<string, string>} */
  const link = business ? { business: uid } : { inn: uid };
  const aid = { consent: "linked", beneficiary: business ? "business" : "inn", ...link };
  if (!business && find(unit.answers, "linked") === "yes") {
    return [start("case_story", { ...placeValues(place), ...link })]; // its people and support are the business's
  }
  const starts = [];
  if (business) starts.push(start("inn", { ...placeValues(place), linked: "yes", business: uid }));
  starts.push(start("jobs", { consent: "linked", employer: business ? "returnee_business" : "inn", ...link }));
  for (const kind of missing.flatMap((gap) => gap.kinds)) {
    const received = find(unit.answers, `sup_${kind}`) === "received";
    const known = { instrument: kind === "other" ? "" : kind, status: received ? "received" : "" };
    starts.push(start("support", { ...aid, ...known }, kind));
  }
  starts.push(start("support", aid), start("case_story", { ...placeValues(place), ...link }));
  return starts;
}

/** @param {Current} unit @param {string} parent @param {Place} place @param {Linked} linked @returns {Line} */
function makeLine(unit, parent, place, linked) {
  const { answers, form_id: form, review = "", comment = "" } = unit;
  const stem = form === "business" ? "business" : "inn";
  const uid = find(answers, `${stem}_uid`);
  const result = find(answers, "disposition");
  const unitOfOurs = countsAsUnit(answers);
  const missing = unitOfOurs ? [...jobsGap(answers, linked.jobs), ...supportGap(answers, linked.support)] : [];
  if (unitOfOurs && form === "business") missing.push(...innGap(answers, linked.inn));
  return {
    form, record: unit.record, parent, uid,
    name: find(answers, `${stem}_name`), code: find(answers, `${stem}_code`),
    result, review, comment,
    done: result === "complete" && missing.length === 0 && review !== "has_issues",
    missing,
    starts: unitOfOurs ? lineStarts(unit, uid, place, missing) : [],
  };
}

/**
 * The roster of a village from the current, undeleted records that belong to it, in any order.
 * @param {Place} place @param {Iterable<Current>} records @param {string} [today] ISO date or ""
 * @returns {Roster}
 */
export function roster(place, records, today = "") {
  const ordered = [...records].sort((a, b) => byBytes(a.created ?? "", b.created ?? "") || byBytes(a.record, b.record));
  const of = (/** @type {string} */ form) => ordered.filter((one) => one.form_id === form);
  const [inns, jobs, support] = [of("inn"), of("jobs"), of("support")];
  /** @type {Line[]} */
  const lines = [];
  /** @type {Set<string>} */
  const hung = new Set();
  /** @param {Current[]} from @param {string} name @param {string} uid */
  const linksTo = (from, name, uid) => from.filter((one) => uid !== "" && find(one.answers, name) === uid);

  /** @param {Current} unit @param {string} parent @param {"business" | "inn"} stem */
  function add(unit, parent, stem) {
    const uid = find(unit.answers, `${stem}_uid`);
    const linked = {
      jobs: linksTo(jobs, `${stem}_uid`, uid),
      support: linksTo(support, `${stem}_uid`, uid),
      inn: stem === "business" ? linksTo(inns, "business_uid", uid) : [],
    };
    lines.push(makeLine(unit, parent, place, linked));
    for (const one of [...linked.jobs, ...linked.support]) hung.add(one.record);
    for (const inn of linked.inn) {
      if (hung.has(inn.record)) continue;
      hung.add(inn.record);
      add(inn, unit.record, "inn");
    }
  }

  for (const business of of("business")) add(business, "", "business");
  for (const inn of inns) if (!hung.has(inn.record)) add(inn, "", "inn");
  for (const line of lines) hung.add(line.record);
  const visit = latestVisit(of("village_visit"));
  return {
    visit: visit && {
      record: visit.record, result: find(visit.answers, "disposition"), review: visit.review ?? "", comment: visit.comment ?? "",
    },
    counts: counts(ordered, visit),
    lines,
    starts: unitStarts(place, today),
    others: ordered.filter((one) => !hung.has(one.record) && one !== visit),
  };
}

/** @param {Current[]} records @param {Current | null} visit @returns {Counts} */
function counts(records, visit) {
  const units = (/** @type {string} */ form) =>
    records.filter((one) => one.form_id === form && countsAsUnit(one.answers)).length;
  const listing = visit ? visit.answers : {};
  return {
    businesses: units("business"),
    businesses_listed: number(find(listing, "businesses_listed"), -1),
    inns: units("inn"),
    inns_listed: number(find(listing, "inns_listed"), -1),
    refused: records.filter((one) => find(one.answers, "disposition") === "refused").length,
    returned: records.filter((one) => one.review === "has_issues").length,
  };
}
