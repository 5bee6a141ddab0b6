/**
 * The page that enrols this phone. The code leaves the address bar before anything else is done or loaded: it must not
 * stay in the history, nor in a picture of the screen. Inside WeChat it stays, for there the address is what is handed
 * on to the browser, and nothing is redeemed.
 */

const inWeChat = /MicroMessenger/i.test(navigator.userAgent);

/** Also when another code is opened while the page is here: then only the fragment changes. */
function take() {
  const code = location.hash.slice(1);
  if (code && !inWeChat) history.replaceState(null, "", location.pathname + location.search);
  void import("./enrol_steps.js").then(({ run }) => run(code, inWeChat));
}

take();
addEventListener("hashchange", take);

export {};
