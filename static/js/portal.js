// Everything works without this file. It spares people three worries; the words and the rules are the server's.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  // A second click within three seconds sends nothing: the answer to the first is on its way.
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

  // A page with errors is the answer to what was sent. Back and Reload open its address instead of sending that again.
  if (document.querySelector(".error-summary")) history.replaceState(history.state, "", location.href);

  // Two minutes before the session ends, a notice says so and offers to stay signed in.
  const notice = byId("session-notice");
  if (!notice) return;
  const WARNING = 120000;
  const SAID_FOR = 10000;
  const LOOK_EVERY = 5000; // by the clock: a laptop that slept is told as soon as it wakes
  const words = byId("session-words").content;
  const shownEnd = byId("session-end");
  const tabs = self.BroadcastChannel && new BroadcastChannel("session");
  let shown = "";
  let cameFrom;

  const part = (name) => words.querySelector(`[data-part=${name}]`).cloneNode(true);

  const look = () => {
    const left = end.at - Date.now();
    const name = left <= 0 ? "ended" : left > WARNING ? "" : end.final ? "last" : "stay";
    if (name === shown) return;
    const hadFocus = notice.contains(document.activeElement);
    if (!shown) cameFrom = document.activeElement;
    shown = name;
    notice.replaceChildren(...(name ? [part(name)] : []));
    const login = notice.querySelector("[data-part=ended] a");
    if (login) login.search = new URLSearchParams({ next: location.pathname + location.search });
    if (hadFocus) back();
  };

  // Whoever pressed the button goes on where they were.
  const back = () => {
    if (cameFrom?.isConnected && cameFrom !== document.body) cameFrom.focus();
    else byId("main-content").focus({ preventScroll: true });
  };

  // What was done is said for a moment; the footer goes on saying it.
  const say = (text) => {
    const said = part("kept");
    said.firstElementChild.textContent = text;
    notice.replaceChildren(said);
    setTimeout(() => said.remove(), SAID_FOR);
  };

  // Every page puts off the end for all tabs, so the latest end is the right one.
  const take = (news) => {
    if (news.at > end.at) {
      end = news;
      shownEnd.textContent = end.text;
    }
    look();
  };

  let end = {
    at: Date.now() + notice.dataset.left * 1000,
    final: "final" in notice.dataset,
    text: shownEnd.textContent,
  };
  if (tabs) {
    tabs.onmessage = (event) => take(event.data);
    tabs.postMessage(end);
  }

  notice.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    notice.querySelector("[data-part=failed]")?.remove();
    try {
      const askedAt = Date.now();
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.ok) {
        const { left, final, text, kept } = await answer.json();
        take({ at: askedAt + left * 1000, final, text });
        tabs?.postMessage(end);
        if (!shown) say(kept);
      } else if (answer.status < 500) {
        // To the login page, or refused: this session is over.
        end = { ...end, at: 0 };
        look();
      } else throw answer;
    } catch {
      notice.append(part("failed"));
    }
  });

  look();
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
})();
