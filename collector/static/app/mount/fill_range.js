/** Sliders beside the numbers that are the answers: a slider always stands somewhere, an answer may be none. */

/** @param {EventTarget | null} target @returns {HTMLInputElement | null} */
const sliderAt = (target) => (target instanceof HTMLInputElement && "slider" in target.dataset ? target : null);

/** The number that a slider moves. @param {HTMLInputElement} slider */
const numberOf = (slider) => /** @type {HTMLInputElement | null} */ (slider.closest(".range")?.querySelector("input.number") ?? null);

/** Puts a slider where its number is. @param {HTMLInputElement} slider */
function follow(slider) {
  const value = numberOf(slider)?.value.normalize("NFKC").trim() ?? "";
  slider.value = value || slider.min;
  slider.toggleAttribute("data-unset", value === "");
}

/** @param {HTMLFormElement} form */
export function attach(form) {
  const all = () => {
    for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-slider]"))) follow(slider);
  };
  /** @param {HTMLInputElement} slider @param {string} kind */
  const take = (slider, kind) => {
    const number = numberOf(slider);
    if (!number) return;
    number.value = slider.value;
    slider.removeAttribute("data-unset");
    number.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, (event) => {
      const slider = sliderAt(event.target);
      if (slider) {
        event.stopPropagation(); // what counts is what its number says
        take(slider, kind);
      } else if (event.target instanceof HTMLElement) {
        const beside = event.target.closest(".range")?.querySelector("[data-slider]");
        if (beside instanceof HTMLInputElement) follow(beside);
      }
    }, { capture: true });
  }
  // A tap where it stands already moves nothing, and is an answer all the same.
  form.addEventListener("click", (event) => {
    const slider = sliderAt(event.target);
    if (!slider?.hasAttribute("data-unset")) return;
    take(slider, "input");
    take(slider, "change");
  });
  form.addEventListener("answered", () => queueMicrotask(all));
  all();
}
