/* Fetches the scripts of a figure once the reader comes near it or follows a link into it, and
   those of all others when nothing else is to be done, so that nothing moves while it is read. The
   figure names them: data-scripts="core.js?v=… ui.js?v=… xo.js?v=…". What the page has loaded
   already is not fetched again. Without scripts the picture stands, and on paper; with them its
   room is kept, and it is not fetched (see pictures.css). */
(function (root) {
  "use strict";
  const { document } = root;
  const base = document.currentScript.src;
  const figures = [...document.querySelectorAll("[data-scripts]")];
  const scriptsOf = (figure) => figure.dataset.scripts.split(" ");

  function fail(script) {
    const file = script.split("?")[0];
    for (const figure of figures.filter((one) => scriptsOf(one).includes(script))) {
      const warning = document.createElement("p");
      warning.className = "course-warning";
      warning.textContent = `This cannot start: ${file}`;
      figure.append(warning);
      figure.classList.add("failed");
    }
  }

  function load(figure) {
    near.unobserve(figure);
    for (const name of scriptsOf(figure)) {
      if (document.querySelector(`script[src*="/${name.split("?")[0]}"]`)) continue;
      const script = document.createElement("script");
      script.src = new URL(name, base);
      script.async = false; // run in this order
      script.onerror = () => fail(name);
      document.head.append(script);
    }
  }

  function follow() {
    const [id, query] = root.location.hash.slice(1).split(";")[0].split("?");
    const figure = query !== undefined && document.getElementById(id);
    if (figure) figures.filter((one) => figure.contains(one)).forEach(load);
  }

  const near = new root.IntersectionObserver(
    (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => load(one.target)),
    { rootMargin: "800px" },
  );
  figures.forEach((figure) => near.observe(figure));
  root.addEventListener("hashchange", follow);
  follow();

  const waiting = [...figures];
  const idle = root.requestIdleCallback || ((next) => root.setTimeout(next, 200));
  const next = () => {
    const figure = waiting.shift();
    if (!figure) return;
    load(figure);
    idle(next);
  };
  root.addEventListener("load", () => idle(next));
})(self);
