// Time left in a window, counted from the server's deadline: right after sleep,
// reload, and on a tablet whose clock is wrong. The text changes each second, its
// spoken name each minute.
{
  const timed = (part) => [...part.querySelectorAll("[data-left]")].map((el) => {
    const seen = document.createElement("span"), spoken = document.createElement("span");
    seen.setAttribute("aria-hidden", "true");
    spoken.className = "hidden";
    spoken.textContent = el.textContent;
    el.replaceChildren(seen, spoken);
    const at = (v) => (v ? Date.parse(v) : NaN);
    return { el, seen, spoken, opens: at(el.dataset.opens), closes: at(el.dataset.closes), big: el.closest(".clock") };
  });
  let timers = timed(document);
  const nb = "\u00a0", min = 60000, hour = 60 * min, day = 24 * hour;
  const span = (ms) => (ms < min ? "less than a minute" : ms < hour ? Math.floor(ms / min) + nb + "min" : ms < 2 * day ? Math.floor(ms / hour) + nb + "h " + Math.floor((ms % hour) / min) + nb + "min" : Math.floor(ms / day) + " days");
  const exact = (ms) => (ms < hour ? Math.floor(ms / min) + ":" + String(Math.floor((ms % min) / 1000)).padStart(2, "0") : span(ms));
  const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: desk.bench?.dataset.zone });
  const words = (t, now, say) => {
    if (now < t.opens) return "opens in " + say(t.opens - now);
    if (now > t.closes) return t.big && now - t.closes < day ? "ended " + clock(t.closes) + ", " + span(now - t.closes) + " ago" : "closed " + span(now - t.closes) + " ago";
    return Number.isNaN(t.closes) ? "open" : say(t.closes - now) + " left";
  };
  // Five minutes and one minute before the end, once each: a sound and a buzz.
  const alarm = (left) => {
    navigator.vibrate?.(left > min ? [200, 100, 200] : [400, 100, 400, 100, 400]);
    desk.bench?.say("The window closes in " + (left > min ? "5" : "1") + nb + "min.");
    desk.tone(left > min ? 660 : 880, 0.3);
  };
  const tick = () => {
    const now = desk.now().getTime();
    for (const t of timers) {
      for (const left of t.big ? [5 * min, min] : []) {
        if (t.before && t.before <= t.closes - left && now > t.closes - left && now < t.closes) alarm(left);
      }
      t.before = now;
      const seen = words(t, now, t.big ? exact : span), name = words(t, now, span);
      if (t.seen.textContent !== seen) t.seen.textContent = seen;
      if (t.spoken.textContent !== name) t.spoken.textContent = name;
      t.el.classList.toggle("missed", now > t.closes);
      const ring = t.big?.querySelector("[data-ring]");
      if (ring) ring.setAttribute("stroke-dasharray", Math.max(0, Math.round(100 * (t.closes - now) / (t.closes - t.opens))) + " 100");
      t.el.classList.toggle("ending", t.closes - now < 10 * min && now <= t.closes);
    }
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick); // a tablet that wakes up
  document.addEventListener("desk:fresh", (e) => { timers = timers.filter((t) => t.el.isConnected).concat(timed(e.detail)); tick(); });
  // The screen stays awake at the bench while a window runs.
  const awake = () => { if (!document.hidden && timers.some((t) => t.big && t.closes > desk.now())) navigator.wakeLock?.request("screen").catch(() => {}); };
  awake();
  document.addEventListener("visibilitychange", awake);
}
