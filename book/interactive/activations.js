/* Activation functions and their slopes: a point on the curves, where they saturate, what ten layers leave of a gradient. */
(function (root, make) {
  const figure = make(root, root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseActivations = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui) {
  "use strict";

  const TEXTS = {
    en: {
      first: "Function", second: "Compare with", z: "Input z", none: "nothing",
      sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", leaky: "Leaky ReLU", elu: "ELU", gelu: "GELU",
      formula_sigmoid: "1 / (1 + e⁻ᶻ)", formula_tanh: "(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)", formula_relu: "max(0, z)", formula_leaky: "0.3 z below 0, else z",
      formula_elu: "eᶻ − 1 below 0, else z", formula_gelu: "z (1 + erf(z / √2)) / 2",
      value: "Output f(z)", slope: "Slope f′(z)", plot: "{what} for z from −6 to 6: {names}", output: "Output", itsSlope: "Slope", ten: "Slope¹⁰",
      below: "z below {to}", above: "z above {from}", between: "z from {from} to {to}", and: " and ",
      where: "{name} for {where}", shaded: "{name} for {where} (shaded)", nowhere: "{name} nowhere from −6 to 6",
      saturated: "Saturated, |slope| < 0.05, so that the unit hardly learns: {list}.", here: ", saturated",
      say: "At z = {z}, {name} gives {value} with slope {slope}{here}. Ten such layers in a row multiply a gradient by {ten}{fate} (weights left out).",
      gone: ": nothing is left", vanish: ": it vanishes", same: ": it passes unchanged", grow: ": it grows",
    },
  };
  const LIMIT = 6, SMALL = 0.05;

  /* erf by its series 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)): terms of one sign, so exact to rounding. */
  function erf(x) {
    let term = x, sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  const share = z => (1 + erf(z / Math.SQRT2)) / 2, sigmoid = z => 1 / (1 + Math.exp(-z));

  /* Each function and its slope. At 0, where ReLU and Leaky ReLU have none, the left one, as in the book's layers. */
  const FUNCTIONS = {
    sigmoid: [sigmoid, z => sigmoid(z) * (1 - sigmoid(z))],
    tanh: [Math.tanh, z => 1 - Math.tanh(z) ** 2],
    relu: [z => Math.max(z, 0), z => (z > 0 ? 1 : 0)],
    leaky: [z => (z > 0 ? z : 0.3 * z), z => (z > 0 ? 1 : 0.3)],
    elu: [z => (z > 0 ? z : Math.expm1(z)), z => (z > 0 ? 1 : Math.exp(z))],
    gelu: [z => z * share(z), z => share(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)],
  };
  const NAMES = Object.keys(FUNCTIONS);

  /* Intervals of [−6, 6] in which the slope is nearly 0; their ends are found by halving. */
  function saturated(name) {
    const small = z => Math.abs(FUNCTIONS[name][1](z)) < SMALL, ends = small(-LIMIT) ? [-LIMIT] : [];
    for (let z = -LIMIT; z < LIMIT; z += 1 / 64) {
      let [a, b] = [z, z + 1 / 64];
      if (small(a) === small(b)) continue;
      for (let i = 0; i < 40; i++) if (small((a + b) / 2) === small(a)) a = (a + b) / 2; else b = (a + b) / 2;
      ends.push(b);
    }
    if (ends.length % 2) ends.push(LIMIT);
    return ends.flatMap((end, i) => (i % 2 ? [[ends[i - 1], end]] : []));
  }

  /* Four decimals, or a power of ten where they would show too little. */
  function scientific(value) {
    if (value === 0 || Math.abs(value) >= 0.001) return ui.format(value, 4);
    const [digits, power] = value.toExponential(1).split("e-");
    return `${ui.format(Number(digits), 1)}·10⁻${power.replace(/\d/g, one => "⁰¹²³⁴⁵⁶⁷⁸⁹"[one])}`;
  }

  const WIDTH = 340, HEIGHT = 220, LEFT = 32, RIGHT = 332, TOP = 8, BOTTOM = 198;
  const across = z => LEFT + ((z + LIMIT) / (2 * LIMIT)) * (RIGHT - LEFT);

  class ActivationsFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = { first: ui.oneOf(NAMES), second: ui.oneOf(["none", ...NAMES], "relu"), z: ui.real(-LIMIT, LIMIT, 3) };

    build() {
      const t = key => this.t(key), { el } = ui, pick = (name, keys) =>
        ui.select({ label: t(name), options: keys.map(key => [key, t(key)]), onChange: value => this.update({ [name]: value }) });
      const z = ui.slider({ label: t("z"), min: -LIMIT, max: LIMIT, step: 0.1, value: 0, onInput: z => this.update({ z }) });
      z.element.classList.add("course-long");
      this.controls = { first: pick("first", NAMES), second: pick("second", ["none", ...NAMES]), z };
      this.plots = ["value", "slope"].map(() => ui.svg("svg", { class: "course-plot", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}` }));
      const pull = event => {
        const { left, width } = event.currentTarget.getBoundingClientRect(), share = (((event.clientX - left) / width) * WIDTH - LEFT) / (RIGHT - LEFT);
        if (event.buttons) this.update({ z: Math.round((2 * Math.min(Math.max(share, 0), 1) - 1) * LIMIT * 10) / 10 });
      };
      for (const plot of this.plots) for (const type of ["pointerdown", "pointermove"]) plot.addEventListener(type, pull);
      [this.rows, this.words] = [el("tbody"), el("p")];
      const head = ["first", "output", "itsSlope", "ten"].map(key => el("th", { scope: "col" }, t(key)));
      const panel = (key, i) => el("div", { class: "course-panel" }, el("p", { class: "course-title" }, t(key)), this.plots[i]);
      return el("div", {}, el("div", { class: "course-controls" }, Object.values(this.controls).map(one => one.element)),
        el("div", { class: "course-row course-plots" }, ["value", "slope"].map(panel)),
        el("table", { class: "course-values" }, el("thead", {}, el("tr", {}, head)), this.rows), el("div", { class: "course-notes" }, this.words));
    }

    /* The functions (0) or their slopes (1): shades, axes, curves with their names, and points at z. */
    draw(which, names, low, high, step) {
      const { z } = this.state, parts = [], add = (...one) => parts.push(ui.svg(...one));
      const up = y => BOTTOM - ((y - low) / (high - low)) * (BOTTOM - TOP), at = (i, x) => FUNCTIONS[names[i]][which](x);
      const line = (x1, y1, x2, y2, name) => add("line", { x1, y1, x2, y2, class: `course-${name}` });
      const text = (words, x, y, anchor, name = "tick") => add("text", { x, y, "text-anchor": anchor, class: `course-${name}` }, words);
      for (const [from, to] of saturated(names[0])) add("rect", { x: across(from), y: TOP, width: across(to) - across(from), height: BOTTOM - TOP, class: "course-shade" });
      for (let x = -LIMIT; x <= LIMIT; x += 2) { line(across(x), TOP, across(x), BOTTOM, x ? "thin" : "axis"); text(ui.format(x), across(x), BOTTOM + 16, "middle"); }
      for (let y = Math.ceil(low / step) * step; y <= high; y += step) { line(LEFT, up(y), RIGHT, up(y), y ? "thin" : "axis"); text(ui.format(y), LEFT - 5, up(y) + 4, "end"); }
      line(across(z), TOP, across(z), BOTTOM, "now");
      /* Names stand where the curves are furthest apart, the upper one above its curve. */
      const apart = x => (names[1] ? Math.abs(at(0, x) - at(1, x)) : at(0, x)), where = [4, 1.5, -1.5, -4].reduce((best, x) => (apart(x) > apart(best) ? x : best));
      names.forEach((name, i) => {
        let path = "", jump = true;
        for (let x = -LIMIT; x <= LIMIT; x += 1 / 32) {
          path += `${jump ? "M" : "L"}${across(x).toFixed(1)} ${up(at(i, x)).toFixed(1)}`;
          jump = at(i, x + 1e-9) - at(i, x) > 0.5;
        }
        add("path", { d: path, class: `course-curve course-curve-${i + 1}` });
        const value = at(i, where), above = !names[1] || (i ? value > at(0, where) : value >= at(1, where)), y = up(value) + (above ? -8 : 18);
        text(this.t(name), across(where), Math.min(Math.max(y, TOP + 10), BOTTOM - 4), !above ? "middle" : at(i, where + 0.5) < value ? "start" : "end", "name");
      });
      names.forEach((name, i) => {
        const [x, y] = [across(z), up(at(i, z))], shape = i ? ["rect", { x: x - 4.5, y: y - 4.5, width: 9, height: 9 }] : ["circle", { cx: x, cy: y, r: 5.5 }];
        add(shape[0], { ...shape[1], class: `course-point course-curve-${i + 1}` });
      });
      this.plots[which].replaceChildren(...parts);
      this.plots[which].setAttribute("aria-label", this.t("plot", { what: this.t(which ? "slope" : "value"), names: names.map(name => this.t(name)).join(", ") }));
    }

    render() {
      const { first, second, z } = this.state, t = (key, values) => this.t(key, values), names = [...new Set([first, second])].filter(name => name !== "none");
      for (const [name, control] of Object.entries(this.controls)) control.set(this.state[name]);
      const ends = names.flatMap(name => [-LIMIT, LIMIT].map(FUNCTIONS[name][0])), [low, high] = [Math.min(...ends), Math.max(...ends)], room = (high - low) / 8;
      this.draw(0, names, low - room, high + room, high > 2 ? 2 : 0.5);
      this.draw(1, names, -0.2, 1.2, 0.25);
      const numbers = name => { const [value, slope] = FUNCTIONS[name].map(rule => rule(z)); return [ui.format(value, 4), ui.format(slope, 4), scientific(slope ** 10)]; };
      this.rows.replaceChildren(...names.map((name, i) => ui.el("tr", {},
        ui.el("th", { scope: "row" }, ui.svg("svg", { class: "course-sample", viewBox: "0 0 34 10", "aria-hidden": "true" }, ui.svg("path", { d: "M1 5H33", class: `course-curve course-curve-${i + 1}` })),
          ` ${t(name)}`, ui.el("small", {}, t(`formula_${name}`))), numbers(name).map(one => ui.el("td", {}, one)))));
      const list = names.map((name, i) => {
        const where = saturated(name).map(([from, to]) => t(from === -LIMIT ? "below" : to === LIMIT ? "above" : "between", { from: ui.format(from), to: ui.format(to) })).join(t("and"));
        return t(where ? (i ? "where" : "shaded") : "nowhere", { name: t(name), where });
      });
      this.words.textContent = t("saturated", { list: list.join("; ") });
      const [value, slope, ten] = numbers(first), exact = Math.abs(FUNCTIONS[first][1](z)), left = exact ** 10;
      const fate = left === 0 ? "gone" : left < 0.001 ? "vanish" : left === 1 ? "same" : left > 1 ? "grow" : null;
      this.say(t("say", { z: ui.format(z), name: t(first), value, slope, ten, here: exact < SMALL ? t("here") : "", fate: fate ? t(fate) : "" }));
    }
  }

  ui.define("course-activations", ActivationsFigure);
  return { FUNCTIONS, erf, saturated, scientific };
});
