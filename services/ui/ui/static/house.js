// Small comforts. Every page does the same without them.
"use strict";

// A second click on the same button is the same act: the form carries an id. This only spares the wait.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || !button.hasAttribute("data-once")) return;
  if (button.dataset.pressed) event.preventDefault();
  button.dataset.pressed = "yes";
});

// Somebody who comes back must be able to press again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-pressed]").forEach((button) => delete button.dataset.pressed);
});

// What is wrong is the first thing that is read out.
document.getElementById("error-summary")?.focus();

// Long work that is done in pieces goes on by itself.
document.querySelector("[data-goes-on]")?.requestSubmit();

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// Attendance: H, S, I or A in a cell moves down, arrows move about.
document.querySelectorAll("[data-grid]").forEach((grid) => {
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input.grid-mark")]);
  const go = (row, column) => {
    const next = rows[row]?.[column];
    if (next) { next.focus(); next.select(); }
  };
  grid.addEventListener("keydown", (event) => {
    const row = rows.findIndex((marks) => marks.includes(event.target));
    if (row < 0) return;
    const column = rows[row].indexOf(event.target);
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (moves[event.key]) {
      event.preventDefault();
      go(row + moves[event.key][0], column + moves[event.key][1]);
    } else if (/^[hsia]$/i.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      event.target.value = event.key.toUpperCase();
      go(row + 1, column);
    }
  });
});
