// The scanner is a fast keyboard. What it reads goes to the open scan entry of
// the step, never into another input, and never sends a form.
{
const bench = desk.bench;
if (bench) {
  const burst = 30, least = 4; // milliseconds between keys; keys that make a scan
  let code = null; // between prefix (ASCII 2) and suffix (Tab or Enter)
  let fast = "", last = 0, from = null, was = "";

  const deliver = (text) => {
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
    if (e.target.type === "password") return;
    if (e.key === "\u0002" || (e.ctrlKey && e.key.toLowerCase() === "b")) { e.preventDefault(); code = ""; from = e.target; return; }
    if (code !== null) {
      e.preventDefault(); e.stopPropagation();
      if (e.key === "Tab" || e.key === "Enter") { const text = code.trim(); code = null; if (text) deliver(text); } else if (e.key.length === 1) code += e.key;
      return;
    }
    const t = e.timeStamp;
    if (e.key === "Enter" && fast.length >= least && t - last < burst) {
      e.preventDefault(); e.stopPropagation();
      if (from && "value" in from && from.value !== was) { from.value = was; from.dispatchEvent(new Event("input", { bubbles: true })); }
      const text = fast.trim();
      fast = "";
      deliver(text);
      return;
    }
    if (e.key.length !== 1 || e.ctrlKey || e.metaKey || e.altKey) return;
    if (t - last >= burst) { fast = ""; from = e.target; was = e.target.value ?? ""; }
    fast += e.key;
    last = t;
  }, true);

  // Enter in an entry sends nothing: the button does.
  document.getElementById("step")?.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.ctrlKey && !e.metaKey && e.target.matches("input")) e.preventDefault();
  });
}
}
