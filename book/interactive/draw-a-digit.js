/* Draw a digit. Weights and program are large, so this script only fetches them, once the reader comes near the figure or
   follows a link into it. A part that the page has loaded itself is not fetched again. */
(function (root) {
  "use strict";
  const PARTS = ["digit-network", "digit-model", "digit-preprocess", "digit-inside", "digit-pad"], NAME = "course-draw-a-digit";
  if (!root.document) return;
  const { document, CourseUI: ui } = root, source = document.currentScript.src;
  const figures = [...document.querySelectorAll(NAME)];
  let asked = false;

  function failed(part) {
    for (const figure of figures) figure.append(ui.el("p", { class: "course-warning" }, ui.common("failed", { what: `${part}.js` })));
  }

  function load() {
    if (asked) return;
    asked = true;
    for (const part of PARTS) {
      if (document.querySelector(`script[src*="/${part}.js"]`)) continue;
      const script = ui.el("script", { src: new URL(`${part}.js`, source), onerror: () => failed(part) });
      script.async = false; // run in this order
      document.head.append(script);
    }
  }

  const near = new root.IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) load(); }, { rootMargin: "800px" });
  for (const figure of figures) near.observe(figure);
  root.addEventListener("hashchange", load);
  if (root.location.hash.includes("?")) load();
})(typeof self !== "undefined" ? self : this);
