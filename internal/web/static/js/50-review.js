// The line of records: the number beside the slider, and the keys of the replay.
{
  const slider = document.querySelector("[data-at]");
  if (slider) {
    const out = document.querySelector("[data-at-out]");
    slider.addEventListener("input", () => { out.value = slider.value; });
    document.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.target.closest("input, select, textarea, pre, .scroller, [contenteditable]")) return;
      const link = document.querySelector(`[data-move="${CSS.escape(e.key)}"]`);
      if (link && (e.key.startsWith("Arrow") || location.search.includes("at="))) { e.preventDefault(); link.click(); }
    });
  }
}
// Whatever is under the pointer, or has the focus, in a figure says its name below
// it: the wells, the plate, the value.
for (const drawing of document.querySelectorAll(".from-report svg[role=group]")) {
  const name = document.createElement("p");
  name.className = "named";
  name.setAttribute("aria-hidden", "true"); // who listens hears the name of the link itself
  drawing.after(name);
  const tell = (e) => { name.textContent = e.target.closest?.("a[aria-label]")?.getAttribute("aria-label") ?? ""; };
  for (const kind of ["pointerover", "focusin", "focusout"]) drawing.addEventListener(kind, (e) => tell(kind === "focusout" ? { target: document.body } : e));
}
