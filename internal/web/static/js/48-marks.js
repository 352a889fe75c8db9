// What the record is told beside the values: whether a code was read or typed.
// And what can still be taken back, and what a file has in it.
{
const bench = desk.bench;
if (bench) {
  // A code counts as read while it is the one that the scanner gave.
  bench.scanned = (input, text) => {
    const mark = input.closest("[data-entry]")?.querySelector("[data-scanned]");
    if (mark) mark.value = text;
  };
  for (const input of bench.querySelectorAll("#step [data-scan]")) {
    const mark = input.closest("[data-entry]").querySelector("[data-scanned]");
    const how = document.createElement("p");
    how.className = "how";
    input.after(how);
    const tell = () => { how.textContent = input.value && input.value !== mark.value ? "Typed by hand, which is recorded" : ""; };
    input.addEventListener("input", tell);
    tell();
  }

  // The seconds in which a slip can be taken back.
  for (const slip of bench.querySelectorAll("[data-slip]")) {
    const until = Date.parse(slip.dataset.slip), left = slip.querySelector("[data-slip-left]");
    const tick = () => {
      const seconds = Math.ceil((until - desk.now().getTime()) / 1000);
      left.textContent = "within " + seconds + " s";
      if (seconds > 0) return;
      clearInterval(timer);
      const after = slip.parentElement.querySelector("[data-slip-after]");
      if (slip.contains(document.activeElement)) after.querySelector("a").focus();
      slip.hidden = true;
      after.hidden = false;
    };
    const timer = setInterval(tick, 250);
    tick();
  }

  // The plate of an instrument's file, as soon as the file is stored.
  for (const place of bench.querySelectorAll("[data-read]")) {
    const box = place.closest("[data-entry]").querySelector("[data-upload]");
    const hash = box.querySelector("[data-hash]"), name = box.querySelector("[data-name]");
    let shown = "";
    const read = async () => {
      if (!/^[0-9a-f]{64}$/.test(hash.value) || hash.value === shown) return;
      shown = hash.value;
      place.textContent = "Reading the file";
      try {
        const answer = await fetch(desk.prefix + "/tasks/" + bench.dataset.task + "/read?" + new URLSearchParams({ file: hash.value, name: name.value }));
        const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".read-file");
        if (part) place.replaceChildren(document.adoptNode(part)); else place.textContent = "";
      } catch { place.textContent = "The file is stored. What is in it is shown when the network is back."; }
    };
    hash.addEventListener("input", read);
    read();
  }

  // What is too long for a record never leaves the field.
  const most = 190e3; // bytes; the server takes 200 kB of entries
  document.addEventListener("submit", (e) => {
    const size = new Blob([new URLSearchParams(new FormData(e.target)).toString()]).size;
    if (size < most || !bench.contains(e.target)) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const go = document.createElement("a");
    go.className = "button"; go.textContent = "Attach it as a file"; go.href = desk.prefix + "/tasks/" + bench.dataset.task + "?do=note";
    bench.say("This is " + (size / 1e6).toFixed(1) + " MB of text, the record takes 0.2 MB. Nothing was sent; it is still in the field. ", go);
    bench.querySelector("[data-said]").scrollIntoView({ block: "nearest" });
  }, true);
}
}
