// Files go in pieces. What the server has said it has is never sent again: when
// the network breaks, or the tablet sleeps, the upload goes on by itself; after a
// reload, when the same file is chosen again.
{
const bench = desk.bench;
if (bench) {
  const address = desk.prefix + "/uploads";
  const shelf = "secretome:" + bench.dataset.who + ":upload:";
  const piece = 8 << 20, hashed = 64 << 20; // bytes of one request; files up to here are announced with their hash
  const first = 1000, longest = 30000; // milliseconds between two tries
  const mb = (n) => (n / 1e6).toFixed(1);
  const get = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const put = (key, value) => { try { if (value) localStorage.setItem(key, value); else localStorage.removeItem(key); } catch { /* forbidden: it goes on until the page is left */ } };

  const hex = (bytes) => [...new Uint8Array(bytes)].map((x) => x.toString(16).padStart(2, "0")).join("");
  const hashOf = async (file) => (file.size <= hashed && crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) : "");

  // One request; the answer's status is 0 where there was none.
  const ask = (method, path, headers, body, progress, under) => new Promise((done) => {
    const x = new XMLHttpRequest();
    x.open(method, address + path);
    x.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(headers)) x.setRequestHeader(name, value);
    if (progress) x.upload.onprogress = (e) => progress(e.loaded);
    x.onloadend = () => {
      let said = {};
      try { said = JSON.parse(x.responseText); } catch { /* no body, or a page */ }
      const at = x.getResponseHeader("Upload-Offset");
      done({ status: x.status, said, offset: at === null ? null : Number(at), whole: x.getResponseHeader("Upload-Complete") === "?1" });
    };
    under.request = x;
    x.send(body ?? null);
  });

  for (const box of bench.querySelectorAll("[data-upload]")) {
    const hash = box.querySelector("[data-hash]"), name = box.querySelector("[data-name]"), chooser = box.querySelector("input[type=file]");
    const element = (tag, text) => { const e = document.createElement(tag); if (text) e.textContent = text; return e; };
    const button = (text) => { const b = element("button", text); b.type = "button"; b.hidden = true; return b; };
    const ways = element("div"), bar = element("progress"), line = element("p"), again = button("Send it again"), cancel = button("Cancel the upload");
    const title = document.querySelector(`label[for="${CSS.escape(chooser.id)}"]`).firstChild.textContent.trim();
    // A way to bring a file is its input, drawn as a button with words of ours.
    const way = (input, text) => {
      const label = element("label", text);
      label.className = "button";
      input.setAttribute("aria-label", text + ": " + title);
      label.append(input);
      ways.append(label);
      input.addEventListener("change", () => {
        const file = input.files[0];
        if (!file) return;
        stop();
        start(file);
        input.value = ""; // the same file may be chosen again
      });
    };
    ways.className = "ways";
    chooser.removeAttribute("name"); // it goes in pieces, and not once more with the form
    hash.form.enctype = "application/x-www-form-urlencoded";
    bar.setAttribute("aria-label", "Upload");
    bar.hidden = true;
    line.setAttribute("role", "status");
    box.querySelector("[data-by-hand]")?.remove();
    box.append(ways, bar, line, again, cancel);
    way(chooser, "Choose a file");
    if ("photo" in box.dataset) {
      const camera = element("input");
      camera.type = "file"; camera.accept = "image/*"; camera.setAttribute("capture", "environment");
      way(camera, "Take a photo");
    }
    const open = shelf + bench.dataset.task + ":" + hash.name; // what was not finished here
    if (hash.value) line.textContent = "Here: " + (name.value || hash.value.slice(0, 12));
    else if (get(open)) line.textContent = get(open) + ". Choose the same file again to go on.";

    let run = null; // the upload that is on its way
    let wake = null; // ends a wait
    addEventListener("online", () => wake?.());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) wake?.(); });
    const rest = (wait) => new Promise((done) => { const t = setTimeout(done, wait); wake = () => { clearTimeout(t); done(); }; });

    let spoken = 0;
    const tell = (text, now) => { // the words change every other second, the bar at once
      const t = performance.now();
      if (!now && t - spoken < 2000) return;
      spoken = t;
      if (line.textContent !== text) line.textContent = text;
    };
    const show = (up, came) => {
      bar.max = up.file.size || 1;
      bar.value = came;
      tell(mb(came) + " of " + mb(up.file.size) + " MB", false);
    };
    const arrived = (up) => mb(up.offset) + " of " + mb(up.file.size) + " MB arrived";
    const end = (up, text) => {
      run = null;
      put(up.key, ""); put(open, "");
      bar.hidden = cancel.hidden = true;
      tell(text, true);
    };
    const refused = (up, text) => { end(up, up.file.name + ": " + text); again.hidden = false; again.onclick = () => start(up.file); };

    // What an answer means: true where the upload goes on at once.
    const heed = (up, a) => {
      if (a.offset !== null && a.status < 500) { up.offset = a.offset; put(open, up.file.name + ": " + arrived(up)); }
      const artifact = a.said.sha256 ? a.said : a.said.artifact;
      if (artifact && a.status < 300) {
        hash.value = artifact.sha256;
        name.value = up.file.name;
        end(up, up.file.name + ", " + mb(artifact.size) + " MB, is stored. SHA-256 " + artifact.sha256.slice(0, 12));
        hash.dispatchEvent(new Event("input", { bubbles: true }));
        return true;
      }
      if (a.status >= 200 && a.status < 300 && a.offset !== null) { up.wait = first; return true; }
      if (a.status === 409 && a.offset !== null) return true;
      if (a.status === 404 && up.begun) { up.begun = false; up.id = bench.newRequest(); up.offset = 0; put(up.key, up.id); return true; }
      const said = a.said.detail || a.said.problem;
      if (a.status === 0) tell(arrived(up) + ". The upload goes on by itself when the network is back", true);
      else if (a.status === 401 || (a.status < 400 && a.offset === null)) tell(arrived(up) + ". You were signed out: sign in in another tab, and the upload goes on by itself", true);
      else if (a.status >= 500 || a.status === 429) tell(arrived(up) + ". The upload goes on by itself when the server answers again", true);
      else refused(up, (said || "the server did not take it") + (a.said.help ? ". " + a.said.help : ""));
      up.stale = true;
      return false;
    };

    const step = async (up) => {
      if (!up.begun) {
        const about = { name: up.file.name, size: up.file.size, media_type: up.file.type || "application/octet-stream" };
        if (up.hash) about.sha256 = up.hash;
        const a = await ask("POST", "", { "Content-Type": "application/json", "Idempotency-Key": up.id }, JSON.stringify(about), null, up);
        up.begun = a.status === 201;
        return a;
      }
      if (up.stale) {
        up.stale = false;
        return ask("GET", "/" + up.id, {}, null, null, up);
      }
      const from = up.offset;
      return ask("PATCH", "/" + up.id, { "Content-Type": "application/partial-upload", "Upload-Offset": String(from) }, up.file.slice(from, from + piece), (n) => show(up, Math.min(from + n, up.file.size)), up);
    };

    const start = async (file) => {
      const key = shelf + [file.name, file.size, file.lastModified].join(":");
      const up = { file, key, id: get(key) || bench.newRequest(), offset: 0, begun: false, stale: false, wait: first, hash: "" };
      run = up;
      put(key, up.id);
      again.hidden = true;
      bar.hidden = cancel.hidden = false;
      show(up, 0);
      try { up.hash = await hashOf(file); } catch { refused(up, "the file cannot be read. Choose it again."); return; }
      while (run === up) {
        const answer = await step(up);
        if (run !== up) return;
        if (heed(up, answer)) continue;
        if (run !== up) return;
        await rest(up.wait);
        up.wait = Math.min(2 * up.wait, longest);
      }
    };
    const stop = () => { const up = run; run = null; up?.request?.abort(); return up; };
    cancel.addEventListener("click", () => {
      const up = stop();
      if (!up) return;
      ask("DELETE", "/" + up.id, {}, null, null, {});
      end(up, up.file.name + " was not sent. Nothing of it is kept.");
      chooser.focus();
    });
  }
}
}
