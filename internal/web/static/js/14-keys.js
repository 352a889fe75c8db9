// Keys. Letters that act by themselves can be turned off in the settings; they
// never act inside a field, and whatever they do has a button or a link besides:
// data-key="d" on it gives it a letter. Rows of lists are marked with data-row.
{
  const field = (e) => e.target.closest?.("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]");
  const away = { t: "/tasks", r: "/runs", v: "/runs?state=review", a: "/artifacts", l: "/lots", p: "/protocols", d: "/decisions" };
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((r) => r.getClientRects().length);
  const opens = (row) => row.querySelector("a[href], button");
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((r) => r.contains(document.activeElement));
    opens(all[Math.max(0, Math.min(at + by, all.length - 1))])?.focus();
  };
  const dark = () => {
    const root = document.documentElement, now = getComputedStyle(root).colorScheme === "dark" ? "light" : "dark";
    root.dataset.theme = now;
    const select = document.getElementById("theme");
    if (select) select.value = now;
    fetch(desk.prefix + "/theme", { method: "POST", body: new URLSearchParams({ theme: now }) }).catch(() => {});
  };
  let leader = "";
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const done = document.querySelector('[data-key="Ctrl Enter"]');
      if (done) { e.preventDefault(); done.click(); }
      return;
    }
    if (e.key === "Escape") {
      if (document.activeElement?.id === "find") document.activeElement.blur();
      const open = [...document.querySelectorAll("details[open]")].pop();
      if (open) { open.open = false; open.querySelector("summary")?.focus(); }
      return;
    }
    if (document.body.dataset.keys === "off" || e.defaultPrevented || e.repeat && !"jk".includes(e.key) || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || field(e)) return;
    const before = leader;
    leader = e.key === "g" ? "g" : "";
    if (before === "g") {
      const to = away[e.key];
      if (to) { e.preventDefault(); location.href = desk.prefix + to; }
      return;
    }
    const marked = document.querySelector(`main [data-key="${CSS.escape(e.key)}"]`);
    if (marked) { e.preventDefault(); marked.click(); return; }
    switch (e.key) {
    case "/": e.preventDefault(); document.getElementById("find")?.focus(); break;
    case "?": location.href = desk.prefix + "/help/keys"; break;
    case "j": move(1); break;
    case "k": move(-1); break;
    case "c": document.activeElement?.closest("[data-row]")?.querySelector("[data-claim]")?.click(); break;
    case "d": document.querySelector("[data-deviate]")?.click(); break;
    case "[": document.querySelector("a[rel~=prev]")?.click(); break;
    case "]": document.querySelector("a[rel~=next]")?.click(); break;
    case "t": dark(); break;
    case "p": print(); break;
    }
  });
}
