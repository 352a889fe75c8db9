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
