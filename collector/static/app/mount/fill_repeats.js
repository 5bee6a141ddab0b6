/** Instances of repeats on the page, copied from the blank one that the server rendered. */

const BLANK = "__ID__";

/** @param {HTMLElement} section @returns {HTMLElement[]} */
const present = (section) => [...section.children].filter((child) => /** @type {HTMLElement} */ (child).matches(".ri")).map((child) => /** @type {HTMLElement} */ (child));

/**
 * Makes the instances on the page those of the record.
 * @param {HTMLElement} section of the repeat @param {string[]} paths of its instances, in order
 * @returns {{added: HTMLElement[], gone: HTMLElement[]}}
 */
export function sync(section, paths) {
  const here = new Map(present(section).map((element) => [element.dataset.path ?? "", element]));
  const template = /** @type {HTMLTemplateElement} */ (section.querySelector(":scope > template"));
  const added = [];
  for (const path of paths) {
    let element = here.get(path);
    here.delete(path);
    if (!element) {
      element = copy(template, section.dataset.path ?? "", path);
      added.push(element);
    }
    if (element.nextElementSibling !== template || element.parentElement !== section) template.before(element);
  }
  for (const element of here.values()) element.remove();
  if (added.length > 0 || here.size > 0) number(section);
  return { added, gone: [...here.values()] };
}

/** @param {HTMLElement} section */
function number(section) {
  const name = section.getAttribute("aria-label") ?? "";
  present(section).forEach((element, place) => {
    const shown = element.querySelector(":scope > .ri-number [data-number]");
    if (shown) shown.textContent = String(place + 1);
    element.setAttribute("aria-label", `${name} ${place + 1}`);
  });
}

/** @param {HTMLTemplateElement} template @param {string} range @param {string} path @returns {HTMLElement} */
function copy(template, range, path) {
  const content = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  rename(content, `${range}[${BLANK}]`, path);
  return /** @type {HTMLElement} */ (content.firstElementChild);
}

/** Renames in all attributes, also inside the blanks of inner repeats. @param {DocumentFragment} content @param {string} blank @param {string} path */
function rename(content, blank, path) {
  for (const element of content.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes(blank)) attribute.value = attribute.value.replaceAll(blank, path);
    }
    if (element instanceof HTMLTemplateElement) rename(element.content, blank, path);
  }
}
