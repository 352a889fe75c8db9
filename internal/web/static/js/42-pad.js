// The number pad: our own, so that a gloved thumb hits it and no keyboard covers
// the value. Off on phones, which have a good one.
{
  const inputs = [...document.querySelectorAll("[data-bench] #step [data-pad]")];
  const place = document.querySelector("[data-pad-place]");
  if (place && inputs.length && matchMedia("(min-width: 641px)").matches) {
    const root = place.closest("[data-bench]");
    const hand = "secretome:left-hand";
    let at = inputs[0];
    const pad = document.createElement("div");
    pad.className = "pad";
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", "Number pad");
    const title = document.createElement("p");
    pad.append(title);
    const aim = (input) => { at = input; title.textContent = input.closest("[data-entry]").querySelector("label").firstChild.textContent.trim(); };
    const key = (text, kind, press) => {
      const b = document.createElement("button");
      b.type = "button"; b.textContent = text; b.className = kind;
      b.addEventListener("click", press);
      pad.append(b);
      return b;
    };
    const put = (change) => { at.value = change(at.value); at.dispatchEvent(new Event("input", { bubbles: true })); };
    for (const k of ["7", "8", "9", "4", "5", "6", "1", "2", "3"]) key(k, "", () => put((v) => v + k));
    key(".", "", () => put((v) => (/[.,]/.test(v) ? v : (v || "0") + ".")));
    key("0", "", () => put((v) => v + "0"));
    key("Delete", "word", () => put((v) => v.slice(0, -1))).setAttribute("aria-label", "Delete the last digit");
    key("±", "", () => put((v) => (/^[-−]/.test(v) ? v.slice(1) : "-" + v))).setAttribute("aria-label", "Change the sign");
    key("C", "word", () => put(() => "")).setAttribute("aria-label", "Clear");
    key("Next", "word", () => { aim(inputs[(inputs.indexOf(at) + 1) % inputs.length]); at.focus(); }).setAttribute("aria-label", "Next entry");
    const side = key("", "side", () => { localStorage.setItem(hand, root.classList.contains("left-hand") ? "" : "yes"); lay(); });
    const lay = () => {
      const left = (localStorage.getItem(hand) ?? (document.body.dataset.hand === "left" ? "yes" : "")) === "yes";
      root.classList.toggle("left-hand", left);
      side.textContent = left ? "Move the pad to the right hand" : "Move the pad to the left hand";
    };
    for (const input of inputs) {
      input.inputMode = "none";
      input.addEventListener("focus", () => aim(input));
    }
    aim(at);
    lay();
    place.append(pad);
    place.hidden = false;
  }
}
