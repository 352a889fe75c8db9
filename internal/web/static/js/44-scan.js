// The scanner is a fast keyboard. What it reads goes to the open scan entry of
// the step, never into another input, and never sends a form. A badge goes to the
// input that asks for one, and is shown nowhere: from its first letters on, none
// of the keys reaches an input.
{
const bench = desk.bench;
if (bench) {
  const burst = 30, least = 4; // milliseconds between keys; keys that make a scan
  const torn = 1000; // milliseconds after which the rest of a badge does not come
  const badge = "BDG-";
  let code = null; // between prefix (ASCII 2) and suffix (Tab or Enter)
  let bare = false; // it is a badge that came without a prefix
  let fast = "", last = 0, from = null, was = "";

  const present = (text) => {
    const to = document.querySelector("[data-badge]");
    if (!to) {
      bench.say("That was a badge. It is asked for when a second person checks a step, and at the sign-in.");
      return;
    }
    to.value = text;
    to.form.querySelector("button.main").focus();
    bench.say("The badge is read. Press the button to record the check.");
  };

  const restore = () => {
    if (from && "value" in from && from.value !== was) { from.value = was; from.dispatchEvent(new Event("input", { bubbles: true })); }
  };

  const deliver = (text) => {
    if (text.toUpperCase().startsWith(badge)) { present(text); return; }
    const open = [...document.querySelectorAll("#step [data-scan]")];
    const to = open.find((i) => i === from && i.value === "") || open.find((i) => i.value === "") || open.find((i) => i === from);
    desk.tone(to ? 990 : 220, to ? 0.1 : 0.4); // high and short: it has its place
    if (to) {
      to.value = text;
      bench.scanned?.(to, text);
      to.dispatchEvent(new Event("input", { bubbles: true }));
      to.focus();
      bench.say("Scanned " + text + ".");
      return;
    }
    const go = document.createElement("a"), stay = document.createElement("button");
    go.className = "button"; go.textContent = "Go to " + text; go.href = desk.prefix + "/s/" + encodeURIComponent(text);
    stay.type = "button"; stay.textContent = "Stay here";
    stay.addEventListener("click", () => bench.say(""));
    bench.say("Scanned " + text + ". This step does not ask for it. ", go, stay);
    go.focus();
  };

  document.addEventListener("keydown", (e) => {
    const hidden = e.target.type === "password"; // a password is typed there, and at most a badge is scanned
    if (code !== null && bare && e.timeStamp - last > torn) code = null;
    if (e.key === "\u0002" || (e.ctrlKey && e.key.toLowerCase() === "b")) { e.preventDefault(); code = ""; bare = false; from = e.target; return; }
    if (code !== null) {
      e.preventDefault(); e.stopPropagation();
      last = e.timeStamp;
      if (e.key === "Tab" || e.key === "Enter") { const text = code.trim(); code = null; if (text) deliver(text); } else if (e.key.length === 1) code += e.key;
      return;
    }
    const t = e.timeStamp;
    if (e.key === "Enter" && !hidden && e.target === from && fast.length >= least && t - last < burst) { // all in one place: who goes on by Tab types
      e.preventDefault(); e.stopPropagation();
      restore();
      const text = fast.trim();
      fast = "";
      deliver(text);
      return;
    }
    if (e.key.length !== 1 || e.ctrlKey || e.metaKey || e.altKey) return;
    if (t - last >= burst) { fast = ""; from = e.target; was = e.target.value ?? ""; }
    fast += e.key;
    last = t;
    if (hidden && !badge.startsWith(fast.toUpperCase())) { fast = ""; from = null; return; } // a password is nobody's code
    if (fast.toUpperCase() === badge) {
      e.preventDefault(); e.stopPropagation();
      restore();
      code = fast;
      bare = true;
      fast = "";
    }
  }, true);

  // Enter in an entry sends nothing: the button does.
  document.getElementById("step")?.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.ctrlKey && !e.metaKey && e.target.matches("input")) e.preventDefault();
  });
}
}
