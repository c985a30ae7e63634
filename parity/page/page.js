"use strict";
// The filter of the verdicts, and a line below each plot that says what is pointed at.
document.documentElement.classList.add("scripted");

const filter = document.querySelector("#filter");
if (filter) {
  const only = document.querySelector("#only");
  const rows = [...document.querySelectorAll("tr.row")];
  const shown = document.querySelector("#shown");
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.text.includes(word));
      row.hidden = !fits || (only.checked && !row.classList.contains("miss"));
    }
    for (const body of document.querySelectorAll(".verdicts tbody")) {
      body.hidden = !body.querySelector("tr.row:not([hidden])");
    }
    const left = rows.filter((row) => !row.hidden).length;
    shown.textContent = `${left} of ${rows.length} rows`;
  };
  filter.addEventListener("input", show);
  only.addEventListener("change", show);
  show();
}

for (const event of ["pointerover", "pointerdown"]) {
  document.addEventListener(event, ({ target }) => {
    const title = target.querySelector?.(":scope > title");
    const readout = title && target.closest("figure")?.querySelector(".readout");
    if (readout) readout.textContent = title.textContent;
  });
}
