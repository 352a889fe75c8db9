// The plate guide walks along the order: the next wells are ringed, bottle by
// bottle, and what is done is struck through. It stays over a reload.
{
const bench = desk.bench;
if (bench) for (const order of bench.querySelectorAll("[data-order]")) {
  const plate = order.closest(".plate"), key = "secretome:guide:" + bench.dataset.task + ":" + order.dataset.layout;
  const wells = order.dataset.order.split(" ").map((name) => plate.querySelector(`[data-well="${CSS.escape(name)}"]`)).filter(Boolean);
  if (!wells.length) continue;
  // A turn is a run of wells with one code.
  const turns = [];
  for (const well of wells) {
    if (turns.at(-1)?.[0].textContent !== well.textContent) turns.push([]);
    turns.at(-1).push(well);
  }
  let at = 0;
  try { at = Math.min(turns.length, Number(localStorage.getItem(key)) || 0); } catch { /* forbidden: it begins anew */ }
  const line = document.createElement("p"), bar = document.createElement("p");
  bar.className = "walk";
  line.setAttribute("role", "status");
  const button = (text, by) => {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = text;
    b.addEventListener("click", () => { at = Math.max(0, Math.min(turns.length, at + by)); try { localStorage.setItem(key, at); } catch { /* forbidden */ } show(); });
    bar.append(b);
    return b;
  };
  const back = button("Back", -1), next = button("Done, next", 1);
  const show = () => {
    turns.forEach((turn, i) => turn.forEach((well) => { well.classList.toggle("done", i < at); well.classList.toggle("next", i === at); }));
    const turn = turns[at];
    line.textContent = turn ? "Next bottle " + turn[0].textContent + ": " + turn.map((w) => w.dataset.well).join(", ") : "All " + wells.length + " wells are done";
    back.disabled = at === 0; next.disabled = !turn;
  };
  order.before(line, bar);
  show();
}
}
