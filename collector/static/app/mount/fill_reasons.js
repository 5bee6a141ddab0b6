/** The buttons for a reason, made when somebody asks why there is no answer, or when there is a reason already. */

/** @param {HTMLElement} question */
export const detailsOf = (question) => /** @type {HTMLDetailsElement | null} */ (question.querySelector(":scope > .q-reason"));

/** @param {HTMLElement} question @returns {NodeListOf<HTMLInputElement>} */
export const boxesOf = (question) => question.querySelectorAll(".q-reason > .choices input");

/** Puts the buttons in, once. @param {HTMLDetailsElement} details */
export function offer(details) {
  const { path } = /** @type {HTMLElement} */ (details.parentElement).dataset;
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("reasons"));
  if (path === undefined || details.querySelector(":scope > .choices")) return;
  const choices = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  for (const box of choices.querySelectorAll("input")) box.name = `reason:${path}`;
  details.append(choices);
}

/** Those opened before this script came have their buttons now. @param {HTMLFormElement} form */
export function mount(form) {
  const found = (/** @type {EventTarget | null} */ target) => {
    if (target instanceof HTMLDetailsElement && target.open && target.matches(".q-reason")) offer(target);
  };
  form.addEventListener("toggle", (event) => found(event.target), true);
  for (const details of form.querySelectorAll(".q-reason[open]")) found(details);
}
