// A plate is one stop of the Tab key: arrows move between its wells, and what a well
// holds is said below it. v, or its button, shows codes in the place of values.
{
  const plates = [...document.querySelectorAll("main table.wells")];
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  for (const plate of plates) {
    const rows = [...plate.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")]);
    const name = document.createElement("p"), frame = plate.parentElement;
    name.className = "named";
    name.setAttribute("aria-hidden", "true"); // who listens hears the well itself
    frame.after(name);
    frame.removeAttribute("tabindex");
    plate.setAttribute("role", "grid");
    for (const well of rows.flat()) {
      well.tabIndex = -1; // its headings and its content name it
      if (!well.textContent.trim()) well.setAttribute("aria-label", well.title || "empty");
    }
    let at = rows[0][0];
    at.tabIndex = 0;
    plate.addEventListener("keydown", (e) => {
      const step = steps[e.key], row = rows.findIndex((r) => r.includes(e.target));
      if (!step || row < 0 || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
      e.preventDefault();
      rows[row + step[0]]?.[rows[row].indexOf(e.target) + step[1]]?.focus();
    });
    plate.addEventListener("focusin", (e) => {
      const well = e.target.closest("td");
      if (!well) return;
      at.tabIndex = -1;
      at = well;
      at.tabIndex = 0;
    });
    const tell = (e) => { name.textContent = e.target.closest?.("td")?.title ?? ""; };
    for (const kind of ["pointerover", "focusin", "focusout"]) plate.addEventListener(kind, (e) => tell(kind === "focusout" ? { target: document.body } : e));
  }

  const coded = plates.filter((plate) => plate.querySelector("td span"));
  if (coded.length) {
    const bar = document.createElement("p"), button = document.createElement("button");
    bar.className = "plate-bar";
    button.type = "button";
    button.dataset.key = "v";
    button.textContent = "Codes alone";
    button.addEventListener("click", () => {
      const codes = coded[0].classList.contains("codes");
      for (const plate of coded) plate.classList.toggle("codes", !codes);
      button.textContent = codes ? "Codes alone" : "Values and codes";
    });
    bar.append(button);
    coded[0].parentElement.before(bar);
  }
}
