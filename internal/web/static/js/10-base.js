// What every page has: the clock of the laboratory, and the theme without a
// second click. Pages work without any of it.
"use strict";

const desk = {
  prefix: document.body.dataset.prefix,
  // What the server's clock is ahead of this machine's, in milliseconds.
  ahead: Date.parse(document.body.dataset.now) - Date.now(),
  now() { return new Date(Date.now() + desk.ahead); },
  // A time of day in the laboratory.
  clock(t) { return t.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.zone }); },
  // A short tone, where the settings have not turned sound off.
  tone(hertz, seconds) {
    if (document.body.dataset.sound === "off") return;
    try {
      const sound = new AudioContext(), tone = sound.createOscillator();
      tone.connect(sound.destination);
      tone.frequency.value = hertz;
      tone.onended = () => sound.close();
      tone.start();
      tone.stop(sound.currentTime + seconds);
    } catch { /* no sound here, or nobody has touched the page yet */ }
  },
};

// The address of the field that a message leads to gets the focus.
const wrong = document.querySelector(".faults");
if (wrong) wrong.focus();

const theme = document.querySelector(".theme");
if (theme) {
  theme.querySelector("button").hidden = true;
  theme.querySelector("select").addEventListener("change", () => theme.requestSubmit());
}

setInterval(() => {
  const clock = document.querySelector("[data-clock]"), now = desk.now();
  if (clock && clock.textContent !== desk.clock(now)) { clock.textContent = desk.clock(now); clock.dateTime = now.toISOString(); }
}, 1000);
