// A second click within three seconds sends nothing: the answer to the first is on its way.
// The server tolerates a second press as well; this only spares people a moment of doubt.
(() => {
  "use strict";
  const PAUSE = 3000;
  const sentAt = new WeakMap();
  document.addEventListener("submit", (event) => {
    const now = Date.now();
    if (now - (sentAt.get(event.target) || 0) < PAUSE) {
      event.preventDefault();
      return;
    }
    sentAt.set(event.target, now);
  });
  // A page fetched back from the browser's memory must accept a new answer at once.
  addEventListener("pageshow", () => {
    for (const form of document.forms) sentAt.delete(form);
  });
})();
