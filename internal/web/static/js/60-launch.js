// The launch of a run: what is typed is kept at once, and the preview follows.
{
  const form = document.querySelector("form.plan[data-draft]");
  for (const only of document.querySelectorAll(".plan [data-without-script]")) only.hidden = true;

  // A file is read here: the form carries its text.
  const upload = document.querySelector(".begin [data-upload], .plan [data-upload]");
  if (upload) {
    upload.hidden = false;
    upload.querySelector("input").addEventListener("change", async (e) => {
      const file = e.target.files[0], text = document.getElementById("document");
      if (!file || !text) return;
      text.value = await file.text();
      document.querySelector("[data-file]").value = file.name;
      const other = document.querySelector('.offers input[value=""]');
      if (other) other.checked = true;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  const pasted = document.querySelector(".begin textarea");
  if (pasted) pasted.addEventListener("input", () => { document.querySelector('.offers input[value=""]').checked = true; });

  // A mistake leads to its line.
  const text = document.querySelector("#plan #document");
  const goTo = (line, column) => {
    let at = 0;
    for (let n = 1; n < line; n++) {
      const end = text.value.indexOf("\n", at);
      if (end < 0) break;
      at = end + 1;
    }
    text.focus();
    text.setSelectionRange(at + Math.max(0, column - 1), at + Math.max(0, column - 1));
    text.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(text).lineHeight));
  };
  if (text) {
    document.addEventListener("click", (e) => {
      const link = e.target.closest("a[data-line]");
      if (!link) return;
      e.preventDefault();
      goTo(Number(link.dataset.line), Number(link.dataset.column));
    });
    const caret = document.querySelector("[data-caret]"), words = caret.textContent;
    text.addEventListener("selectionchange", () => {
      const before = text.value.slice(0, text.selectionStart).split("\n");
      caret.textContent = `Line ${before.length}, column ${before.at(-1).length + 1}. ${words}`;
    });
  }

  if (form) {
    const rehearsal = form.querySelector("[data-rehearsal]"), speed = form.querySelector("[data-speed]");
    const shown = () => { if (speed) speed.hidden = !rehearsal.checked; };
    if (rehearsal) { rehearsal.addEventListener("change", shown); shown(); }

    const saved = form.querySelector("[data-saved]");
    const hidden = (name) => form.elements[name];
    let timer = 0, sending = null, leaves = false, waiting = "";
    const wait = 500;

    const faults = (preview) => {
      const at = new Map();
      for (const li of preview.querySelectorAll(".problems [data-field]")) if (!at.has(li.dataset.field)) at.set(li.dataset.field, li.dataset.message);
      for (const place of form.querySelectorAll("p.wrong[id$='-wrong']")) {
        const name = place.id.slice(0, -"-wrong".length), field = document.getElementById(name);
        place.textContent = at.get(name) || "";
        place.hidden = !at.has(name);
        if (!field) continue;
        if (at.has(name)) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
      }
      for (const hint of preview.querySelectorAll("[data-hint]")) {
        const place = document.getElementById(hint.dataset.hint);
        if (place) place.replaceChildren(...[...hint.childNodes].map((n) => n.cloneNode(true)));
      }
      const list = document.getElementById("document-wrong");
      if (!list || !text) return;
      list.replaceChildren(...[...preview.querySelectorAll('.problems [data-field="document"]')].map((li) => li.cloneNode(true)));
      if (list.children.length) text.setAttribute("aria-invalid", "true"); else text.removeAttribute("aria-invalid");
    };

    const show = (html) => {
      const old = document.getElementById("preview");
      if (!old || old.contains(document.activeElement)) { waiting = html; return; } // nothing moves under a hand
      waiting = "";
      const open = [...old.querySelectorAll("details[open] summary span:first-child")].map((s) => s.textContent);
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const fresh = holder.content.querySelector("#preview");
      if (!fresh) return;
      for (const d of fresh.querySelectorAll("details")) d.open = open.includes(d.querySelector("summary span").textContent);
      faults(fresh);
      old.replaceWith(fresh);
    };
    document.addEventListener("focusin", (e) => { if (waiting && !e.target.closest("#preview")) show(waiting); });

    const send = async () => {
      if (sending) sending.abort();
      const mine = sending = new AbortController();
      hidden("turn").value = Number(hidden("turn").value) + 1;
      const preview = document.getElementById("preview");
      if (preview) preview.classList.add("old");
      saved.textContent = "Saving";
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: mine.signal, redirect: "manual" });
        const html = await answer.text();
        if (mine !== sending || leaves) return;
        const kept = /id="preview"[^>]* data-version="(\d+)" data-saved="([^"]*)"/.exec(html);
        if (!kept) { saved.textContent = answer.status === 403 || answer.status === 401 ? "Not saved: you are signed out. Your text stays on this page" : "Not saved. It is tried again with the next change"; return; }
        show(html);
        if (answer.ok) { hidden("version").value = kept[1]; saved.textContent = `Draft saved ${kept[2]}`; } else saved.textContent = "Not saved: see the problem beside";
      } catch (e) {
        if (e.name !== "AbortError") saved.textContent = "Not saved: the server cannot be reached. Your text stays on this page";
      } finally {
        const now = document.getElementById("preview");
        if (mine === sending && now) now.classList.remove("old");
      }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, wait); });
    form.addEventListener("submit", () => {
      leaves = true;
      clearTimeout(timer);
      if (sending) sending.abort();
      hidden("turn").value = Number(hidden("turn").value) + 1;
    });
    window.addEventListener("pageshow", (e) => { if (e.persisted) leaves = false; });
  }

  // A launch is pressed once; the server launches once in any case.
  const once = document.querySelector("form.sign-launch[data-once]");
  if (once) once.addEventListener("submit", (e) => {
    if (once.dataset.sent) { e.preventDefault(); return; }
    once.dataset.sent = "1";
    once.querySelector("button").textContent = "Launching";
  });
}
