// Live pages: one stream of the server for all tabs of this browser. It tells
// what changed; the page reads itself again and takes over the parts that are
// marked with data-live and an id. How to mark them is told in live.go.
{
const shown = document.querySelector("[data-stream]");
if (shown && "EventSource" in window) {
  const says = shown.querySelector("[data-stream-says]"), told = document.querySelector("[data-stream-told]"), news = document.querySelector("[data-news]");
  const second = 1000, minute = 60 * second, beat = 15 * second;
  const posted = "posted" in document.body.dataset;
  const name = "secretome" + desk.prefix;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  let mark = document.body.dataset.mark; // up to where this page knows
  let source = null, release = null, gone = null, hiding = 0, retry = 0;
  let heard = Date.now(), since = null, over = false;
  const waiting = new Map(); // id → what would be taken over
  let unseen = 0;

  // The state in words: live, offline since when, not updated for how long.
  const state = (kind, words, ...more) => {
    shown.hidden = false;
    shown.dataset.state = kind;
    if (says.textContent !== words || more.length) says.replaceChildren(document.createTextNode(words), ...more);
  };
  const say = (words) => { // to a screen reader, once in ten seconds at most
    clearTimeout(say.later);
    say.later = setTimeout(() => { say.last = Date.now(); told.textContent = words; }, Math.max(0, (say.last || 0) + 10 * second - Date.now()));
  };
  const link = (words, href) => { const a = document.createElement("a"); a.href = href; a.textContent = words; return a; };
  const offline = () => {
    if (over) return;
    since ||= desk.now();
    state("offline", "Offline since " + desk.clock(since) + (desk.bench ? ". What you type is kept on this tablet; timers run" : ""));
  };
  const live = () => { heard = Date.now(); since = null; if (!over) state("live", "Live"); };
  const signedOut = () => {
    over = true;
    leave();
    shown.setAttribute("role", "alert");
    state("offline", "You were signed out. ", link("Sign in again", desk.prefix + "/login?back=" + encodeURIComponent(location.pathname + location.search)));
  };
  setInterval(() => {
    const silent = Date.now() - heard;
    if (over || since || document.hidden || silent < 2 * beat + 5 * second) return;
    const n = Math.floor(silent / minute);
    if (shown.dataset.state !== "stale" || !says.textContent.includes(n < 1 ? "a moment" : n + " min")) state("stale", "Not updated for " + (n < 1 ? "a moment" : n + " min") + ". ", link("Load again", location.href));
  }, 5 * second);

  // What is in use stays as it is.
  const busy = (el) => {
    const at = document.activeElement, chosen = getSelection();
    if (at && at !== document.body && el.contains(at)) return true;
    if (chosen && !chosen.isCollapsed && chosen.rangeCount && chosen.getRangeAt(0).intersectsNode(el)) return true;
    return [...el.querySelectorAll("input, textarea, select")].some((i) =>
      i.type === "checkbox" || i.type === "radio" ? i.checked !== i.defaultChecked : i.tagName === "SELECT" ? [...i.options].some((o) => o.selected !== o.defaultSelected) : i.type !== "hidden" && i.value !== i.defaultValue);
  };
  const plain = (el) => { // without what differs each time
    const c = el.cloneNode(true);
    c.classList.remove("fresh");
    for (const i of c.querySelectorAll("input[name=request], input[name=back]")) i.removeAttribute("value");
    for (const t of c.querySelectorAll("[data-left], svg.window")) t.replaceChildren(); // time goes on without news
    for (const b of c.querySelectorAll("details")) b.removeAttribute("open");
    return c.outerHTML.replace(/ class=""/g, "");
  };
  const take = (old, fresh) => {
    const was = [...old.querySelectorAll("details")], now = [...fresh.querySelectorAll("details")];
    if (was.length === now.length) now.forEach((d, i) => { d.open = was[i].open; }); // what was opened stays open
    old.replaceWith(fresh);
    desk.seen?.set(fresh.id, plain(fresh));
    if (!("quiet" in fresh.dataset)) { fresh.classList.add("fresh"); setTimeout(() => fresh.classList.remove("fresh"), 3 * second); }
    document.dispatchEvent(new CustomEvent("desk:fresh", { detail: fresh }));
  };
  // Script changes parts (a timer counts): what the server sent is compared with
  // what it sent before.
  desk.seen = new Map([...document.querySelectorAll("[data-live][id]")].map((el) => [el.id, plain(el)]));
  const show = () => {
    news.hidden = waiting.size === 0;
    news.textContent = Math.max(1, unseen) === 1 ? "1 new event" : unseen + " new events";
  };
  news.addEventListener("click", () => {
    const at = document.activeElement?.closest?.("a[href]")?.getAttribute("href");
    for (const [id, fresh] of waiting) { const old = document.getElementById(id); if (old) take(old, fresh); }
    waiting.clear();
    unseen = 0;
    show();
    (at && document.querySelector(`main a[href="${CSS.escape(at)}"]`) || document.getElementById("main")).focus();
  });

  let reading = null;
  const read = async () => {
    if (posted || over) return;
    reading?.abort();
    reading = new AbortController();
    try {
      const answer = await fetch(location.href, { headers: { "X-Fragment": "1" }, cache: "no-store", signal: reading.signal });
      if (answer.redirected && new URL(answer.url).pathname === desk.prefix + "/login") return signedOut();
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      let changed = 0;
      for (const old of [...document.querySelectorAll("[data-live][id]")]) {
        const fresh = page.getElementById(old.id);
        if (!fresh || old.parentElement.closest("[data-live][id]")) continue; // gone with the page, or part of a part
        if (plain(fresh) === desk.seen.get(old.id)) { waiting.delete(old.id); continue; }
        if (busy(old)) { waiting.set(old.id, document.importNode(fresh, true)); continue; }
        waiting.delete(old.id);
        take(old, document.importNode(fresh, true));
        if (!("quiet" in old.dataset)) changed++;
      }
      if (waiting.size === 0) unseen = 0;
      show();
      if (waiting.size) say("There is news on this page. A button at the top shows it.");
      else if (changed) say("This page has changed.");
    } catch { /* away, or asked again */ }
  };
  let soon = 0;
  const about = (topics, count) => {
    const all = topics.includes("all");
    const touches = (list) => all || list.split(/\s+/).some((t) => topics.includes(t));
    for (const w of document.querySelectorAll("[data-warn]")) if (touches(w.dataset.warn)) { if (w.hidden) say(w.textContent.trim()); w.hidden = false; }
    if (![...document.querySelectorAll("[data-live][id]")].some((el) => touches(el.dataset.live))) return;
    unseen += count;
    clearTimeout(soon);
    soon = setTimeout(read, 200 + Math.random() * 300);
  };

  const hear = (m) => {
    if (m.type === "where") { if (source) channel.postMessage({ type: "time", id: mark, at: desk.now().toISOString() }); return; }
    if (m.type === "ended") return signedOut();
    if (m.type === "offline") return offline();
    live();
    if (m.at) desk.ahead = Date.parse(m.at) - Date.now();
    if (m.type === "changed") about(m.from === mark ? m.topics : ["all"], m.count);
    else if (m.id && mark && m.id !== mark) about(["all"], 1); // this tab missed something
    if (m.id) mark = m.id;
  };
  const tell = (m) => { channel?.postMessage(m); hear(m); };
  if (channel) channel.onmessage = (e) => hear(e.data);

  // The tab that holds the lock has the stream.
  const open = () => {
    const es = source = new EventSource(desk.prefix + "/events?after=" + encodeURIComponent(mark));
    let last = mark;
    es.addEventListener("time", (e) => { retry = 0; tell({ type: "time", id: e.lastEventId, at: e.data }); last = e.lastEventId; });
    es.addEventListener("changed", (e) => { tell({ type: "changed", from: last, id: e.lastEventId, ...JSON.parse(e.data) }); last = e.lastEventId; });
    es.addEventListener("ended", () => tell({ type: "ended" }));
    es.onerror = () => {
      tell({ type: "offline" });
      if (es.readyState !== EventSource.CLOSED || source !== es) return; // it comes back by itself
      read(); // which tells whether somebody signed out
      clearTimeout(open.again);
      open.again = setTimeout(() => { if (source === es && !over) open(); }, Math.min(minute, 2 * second * 2 ** retry++) * (1 + Math.random()));
    };
  };
  const shut = () => { clearTimeout(open.again); source?.close(); source = null; };
  const join = () => {
    if (gone || over) return;
    gone = new AbortController();
    if (!navigator.locks) return open();
    navigator.locks.request(name, { signal: gone.signal }, () => new Promise((done) => { release = done; open(); })).catch(() => {});
    channel?.postMessage({ type: "where" });
  };
  function leave() {
    gone?.abort();
    gone = null;
    shut();
    release?.();
    release = null;
  }
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) { hiding = setTimeout(leave, 5 * minute); return; }
    if (!gone && !over) { heard = Date.now(); join(); about(["all"], 1); }
  });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (e) => { if (e.persisted) { join(); about(["all"], 1); } });
  addEventListener("offline", offline);
  addEventListener("online", () => { if (source?.readyState === EventSource.CLOSED) { shut(); open(); } });
  if (document.hidden) hiding = setTimeout(leave, 5 * minute);
  join();
}
}
