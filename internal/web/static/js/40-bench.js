// The bench: what is typed is judged by the server's own rules, kept on this
// tablet until the server has answered, and sent with the bench's clock.
{
const bench = desk.bench = document.querySelector("[data-bench]");
if (bench) {
  const base = desk.prefix + "/tasks/" + bench.dataset.task;
  const shelf = "secretome:" + bench.dataset.who + ":" + bench.dataset.task + ":";
  const badge = /BDG-/i; // what a slow scanner typed is kept nowhere
  const fieldsOf = (form) => [...form.elements].filter((e) => e.name && e.type !== "hidden" && e.type !== "password" && e.type !== "submit" && e.type !== "file");

  // A UUID of version 7: the time in milliseconds, then chance.
  const uuid7 = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    for (let i = 0, t = desk.now().getTime(); i < 6; i++) b[i] = Math.floor(t / 2 ** (8 * (5 - i))) % 256;
    b[6] = 0x70 | (b[6] & 15); b[8] = 0x80 | (b[8] & 63);
    const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  const shelfGet = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const shelfPut = (key, draft) => { try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* full or forbidden: the form still works */ } };

  bench.newRequest = uuid7;
  bench.say = (text, ...more) => {
    const said = bench.querySelector("[data-said]");
    said.replaceChildren(document.createTextNode(text), ...more);
  };

  // What the server has recorded needs no keeping.
  const answered = bench.dataset.answered.split(" ");
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(shelf) && answered.includes((shelfGet(key) || {}).request)) localStorage.removeItem(key);
  }

  for (const form of bench.querySelectorAll("form[data-draft]")) {
    const key = shelf + form.dataset.draft;
    const values = () => Object.fromEntries(fieldsOf(form).filter((e) => (e.type !== "radio" || e.checked) && !badge.test(e.value)).map((e) => [e.name, e.value]));
    const draft = shelfGet(key);
    if (draft) {
      for (const e of fieldsOf(form)) {
        const v = draft.values[e.name];
        if (v === undefined) continue;
        if (e.type === "radio") e.checked = e.value === v; else e.value = v;
      }
      for (const [name, v] of Object.entries(draft.files || {})) if (form.elements[name]) form.elements[name].value = v;
      form.elements.request.value = draft.request;
      bench.say("What you typed at " + draft.at + " on this tablet is here again. It is not recorded yet.");
    }
    const keep = () => {
      const was = shelfGet(key);
      // What was sent and changed since is another act.
      const request = was && !was.sent ? was.request : uuid7();
      form.elements.request.value = request;
      const files = Object.fromEntries([...form.querySelectorAll("[data-hash], [data-name]")].map((e) => [e.name, e.value]));
      shelfPut(key, { request, values: values(), files, at: clockText(desk.now()) });
    };
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => {
      const was = shelfGet(key);
      if (was) shelfPut(key, { ...was, sent: true });
    });
  }

  function clockText(t) { return t.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: bench.dataset.zone }); }

  // Every act says when it happened, by this machine's clock, and what that
  // clock says now: the server knows by how much it is wrong.
  document.addEventListener("submit", (e) => {
    const { clock, happened } = e.target.elements;
    if (clock && happened) clock.value = happened.value = new Date().toISOString();
  });

  const form = document.getElementById("step");
  let asking, waiting;
  const judge = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(base + "/judge", { method: "POST", body: new URLSearchParams(new FormData(form)), signal: asking.signal });
      if (answer.ok && answer.headers.get("Content-Type").startsWith("application/json")) show(await answer.json());
    } catch { /* away, or asked again: the server judges when it is sent */ }
  };
  const show = (verdicts) => {
    const said = new Map(verdicts.map((v) => [v.field, v]));
    for (const entry of form.querySelectorAll("[data-entry]")) {
      const v = said.get(entry.dataset.entry);
      const input = entry.querySelector("[data-judge]");
      const place = entry.querySelector("[data-verdict]");
      const p = document.createElement("p");
      if (v?.problem) {
        p.className = "wrong";
        p.textContent = v.problem + (v.help ? ". " + v.help : "");
      } else if (v?.value) {
        p.className = "fine";
        p.textContent = "is " + v.value;
      }
      if (v?.fine && !v.problem) {
        p.className = "fine";
        p.textContent = v.fine;
      }
      if (place.textContent !== p.textContent) place.replaceChildren(...(p.textContent ? [p] : []));
      if (input) { if (v?.problem) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid"); }
      const scale = entry.querySelector(".scale");
      if (scale) {
        scale.querySelector("[data-at]").setAttribute("x", v ? v.at : -1);
        scale.classList.toggle("out", Boolean(v?.outside));
      }
    }
    const depart = form.querySelector("[data-depart]");
    if (depart && !depart.querySelector("textarea").value) depart.hidden = !verdicts.some((v) => v.outside);
  };
  if (form) {
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(judge, 300); });
    if (fieldsOf(form).some((e) => e.value && e.type !== "radio" && e.name.startsWith("e-"))) judge();
    for (const input of form.querySelectorAll("[data-time]")) {
      const now = document.createElement("button");
      now.type = "button";
      now.textContent = "Now";
      now.addEventListener("click", () => {
        const t = desk.now().toLocaleString("sv-SE", { timeZone: bench.dataset.zone });
        input.value = t.slice(0, 16).replace(" ", "T");
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
      input.after(now);
    }
  }

  document.addEventListener("keydown", (e) => {
    const done = document.querySelector(".bench-bar .main");
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && done) { e.preventDefault(); done.click(); }
  });
}
}
