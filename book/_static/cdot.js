/* Text, pictures and explorers first, formulas after: a long page takes longer to typeset than to load.
   This runs before MathJax, which is deferred. */
(() => {
  "use strict";
  if (!window.MathJax || document.readyState === "complete") return;
  const loaded = new Promise((done) => window.addEventListener("load", () => setTimeout(done), { once: true }));
  window.MathJax.startup = { pageReady: () => loaded.then(() => window.MathJax.startup.defaultPageReady()) };
})();

/* A formula wider than its line scrolls by itself, and what scrolls by itself can
   be scrolled by keyboard: it takes the focus, as long as it does not fit. */
(() => {
  "use strict";
  const mark = () => {
    for (const formula of document.querySelectorAll("main span.math")) {
      const line = formula.closest("p, li, dd, td, figcaption, div");
      const wide = formula.scrollWidth || formula.firstElementChild?.offsetWidth || 0;
      formula.classList.toggle("cdot-wide", Boolean(line) && line.clientWidth > 0 && wide > line.clientWidth);
    }
    for (const box of document.querySelectorAll("main div, main pre, main table, main mjx-container, main span.math")) {
      if (box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX)) {
        if (box.tabIndex < 0) {
          box.tabIndex = 0;
          box.dataset.cdotScrolls = "";
        }
      } else if ("cdotScrolls" in box.dataset) {
        box.removeAttribute("tabindex");
        delete box.dataset.cdotScrolls;
      }
    }
  };
  window.addEventListener("load", () => {
    const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();
    typeset.then(() => {
      mark();
      let waiting = 0;
      window.addEventListener("resize", () => {
        clearTimeout(waiting);
        waiting = setTimeout(mark, 200);
      });
      document.addEventListener("toggle", mark, true); // a folded part has no width before it opens
      document.addEventListener("click", () => setTimeout(mark, 50));
    });
  });
})();
