// Applies the chosen display before the page is painted; pages that a service worker kept know no cookie. And lets the
// browser open its databases meanwhile: the first answer waits for nothing longer.
// @ts-check
{
  const found = /(?:^|;\s*)homeward_display=(light|dark|sun|auto)/.exec(document.cookie);
  if (found && found[1] !== "auto") document.documentElement.dataset.theme = found[1];
  else if (found) delete document.documentElement.dataset.theme;
  globalThis.indexedDB?.databases?.().catch(() => undefined); // whoever opens one is told what is wrong with them
}
