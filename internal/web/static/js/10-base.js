// What every page has: the clock of the laboratory, the search by key, the theme
// without a second click. Pages work without any of it.
"use strict";

const desk = {
  prefix: document.body.dataset.prefix,
  // What the server's clock is ahead of this machine's, in milliseconds.
  ahead: Date.parse(document.body.dataset.now) - Date.now(),
  now() { return new Date(Date.now() + desk.ahead); },
};

// The address of the field that a message leads to gets the focus.
const wrong = document.querySelector(".faults");
if (wrong) wrong.focus();

const theme = document.querySelector(".theme");
if (theme) {
  theme.querySelector("button").hidden = true;
  theme.querySelector("select").addEventListener("change", () => theme.requestSubmit());
}

// Single letters are for who wants them, and never inside a field.
let leader = "";
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, [contenteditable]")) return;
  const find = document.getElementById("find");
  if (e.key === "/" && find) { e.preventDefault(); find.focus(); return; }
  if (leader === "g") {
    const to = { t: "/tasks", r: "/runs", v: "/runs?state=review", a: "/artifacts", l: "/lots" }[e.key];
    if (to) location.href = desk.prefix + to;
  }
  leader = e.key;
});
