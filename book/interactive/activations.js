/* Activation functions and their slopes: a point on the curves, where they saturate, what ten
   layers leave of a gradient. */
(function (root, make) {
  const figure = make(root, root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseActivations = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui) {
  "use strict";

  const TEXTS = {
    en: {
      first: "Function",
      second: "Compare with",
      z: "Input z",
      none: "nothing",
      sigmoid: "sigmoid",
      tanh: "tanh",
      relu: "ReLU",
      leaky: "Leaky ReLU",
      elu: "ELU",
      gelu: "GELU",
      formula_sigmoid: "1 / (1 + e⁻ᶻ)",
      formula_tanh: "(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
      formula_relu: "max(0, z)",
      formula_leaky: "0.3 z below 0, else z",
      formula_elu: "eᶻ − 1 below 0, else z",
      formula_gelu: "z (1 + erf(z / √2)) / 2",
      value: "Output f(z)",
      slope: "Slope f′(z)",
      plot: "{what} for z from −6 to 6: {names}",
      output: "Output",
      itsSlope: "Slope",
      ten: "Slope¹⁰",
      below: "z below {to}",
      above: "z above {from}",
      between: "z from {from} to {to}",
      and: " and ",
      where: "{name} for {where}",
      shaded: "{name} for {where} (shaded)",
      nowhere: "{name} nowhere from −6 to 6",
      saturated: "Saturated, |slope| < 0.05, so that the unit hardly learns: {list}.",
      here: ", saturated",
      say:
        "At z = {z}, {name} gives {value} with slope {slope}{here}. Ten such layers in " +
        "a row multiply a gradient by {ten}{fate} (weights left out).",
      gone: ": nothing is left",
      vanish: ": it vanishes",
      same: ": it passes unchanged",
      grow: ": it grows",
    },
  };
  const LIMIT = 6;
  const SMALL = 0.05;

  /* erf by its series 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)): terms of one sign, so
     exact to rounding. */
  function erf(x) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      sum += term *= (2 * x * x) / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  const share = (z) => (1 + erf(z / Math.SQRT2)) / 2;
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  /* Each function and its slope. At 0, where ReLU and Leaky ReLU have none, the left one, as in the
     book's layers. */
  const FUNCTIONS = {
    sigmoid: [sigmoid, (z) => sigmoid(z) * (1 - sigmoid(z))],
    tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
    relu: [(z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0)],
    leaky: [(z) => (z > 0 ? z : 0.3 * z), (z) => (z > 0 ? 1 : 0.3)],
    elu: [(z) => (z > 0 ? z : Math.expm1(z)), (z) => (z > 0 ? 1 : Math.exp(z))],
    gelu: [
      (z) => z * share(z),
      (z) => share(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI),
    ],
  };
  const NAMES = Object.keys(FUNCTIONS);

  /* Intervals of [−6, 6] in which the slope is nearly 0; their ends are found by halving. */
  function saturated(name) {
    const small = (z) => Math.abs(FUNCTIONS[name][1](z)) < SMALL;
    const ends = small(-LIMIT) ? [-LIMIT] : [];
    for (let z = -LIMIT; z < LIMIT; z += 1 / 64) {
      let [a, b] = [z, z + 1 / 64];
      if (small(a) === small(b)) continue;
      for (let i = 0; i < 40; i++) {
        if (small((a + b) / 2) === small(a)) a = (a + b) / 2;
        else b = (a + b) / 2;
      }
      ends.push(b);
    }
    if (ends.length % 2) ends.push(LIMIT);
    return ends.flatMap((end, i) => (i % 2 ? [[ends[i - 1], end]] : []));
  }

  /* Four decimals, or a power of ten where they would show too little. */
  function scientific(value) {
    if (value === 0 || Math.abs(value) >= 0.001) return ui.format(value, 4);
    const [digits, power] = value.toExponential(1).split("e-");
    return `${ui.format(Number(digits), 1)}·10⁻${power.replace(/\d/g, (one) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[one])}`;
  }

  const WIDTH = 340;
  const HEIGHT = 220;
  const LEFT = 40;
  const RIGHT = 332;
  const TOP = 8;
  const BOTTOM = 198;
  const across = (z) => LEFT + ((z + LIMIT) / (2 * LIMIT)) * (RIGHT - LEFT);

  /* A curve, interrupted where it jumps. */
  function pathOf(curve, up) {
    let path = "";
    let jump = true;
    for (let x = -LIMIT; x <= LIMIT; x += 1 / 32) {
      path += `${jump ? "M" : "L"}${across(x).toFixed(1)} ${up(curve(x)).toFixed(1)}`;
      jump = curve(x + 1e-9) - curve(x) > 0.5;
    }
    return path;
  }

  /* Moves a name that would stick out of the plot; how wide it is depends on the fonts. */
  function keepInside(text) {
    const { x, width } = text.getBBox();
    const wanted = Math.min(Math.max(x, 3), WIDTH - 3 - width);
    text.setAttribute("x", Number(text.getAttribute("x")) + wanted - x);
  }

  class ActivationsFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      first: ui.oneOf(NAMES),
      second: ui.oneOf(["none", ...NAMES], "relu"),
      z: ui.real(-LIMIT, LIMIT, 3),
    };

    build() {
      const t = (key) => this.t(key);
      const { el } = ui;
      const pick = (name, keys) =>
        ui.select({
          label: t(name),
          options: keys.map((key) => [key, t(key)]),
          onChange: (value) => this.update({ [name]: value }),
        });
      const z = ui.slider({
        label: t("z"),
        min: -LIMIT,
        max: LIMIT,
        step: 0.1,
        value: 0,
        onInput: (z) => this.update({ z }),
      });
      z.element.classList.add("course-long");
      this.controls = {
        first: pick("first", NAMES),
        second: pick("second", ["none", ...NAMES]),
        z,
      };
      this.plots = ["value", "slope"].map(() =>
        ui.svg("svg", { class: "course-plot", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}` }),
      );
      const to = (plot, x) => {
        const { left, width } = plot.getBoundingClientRect();
        const share = (((x - left) / width) * WIDTH - LEFT) / (RIGHT - LEFT);
        const z = Math.round((2 * Math.min(Math.max(share, 0), 1) - 1) * LIMIT * 10) / 10;
        if (z !== this.state.z) this.update({ z });
      };
      for (const plot of this.plots) {
        ui.pointing(plot, { slides: true, act: ({ clientX }) => to(plot, clientX) });
      }
      [this.rows, this.words] = [el("tbody"), el("p")];
      const head = ["first", "output", "itsSlope", "ten"].map((key) =>
        el("th", { scope: "col" }, t(key)),
      );
      const panel = (key, i) =>
        el(
          "div",
          { class: "course-panel" },
          el("p", { class: "course-title" }, t(key)),
          this.plots[i],
        );
      return el(
        "div",
        {},
        el(
          "div",
          { class: "course-controls" },
          Object.values(this.controls).map((one) => one.element),
        ),
        el("div", { class: "course-row course-plots" }, ["value", "slope"].map(panel)),
        el("table", { class: "course-values" }, el("thead", {}, el("tr", {}, head)), this.rows),
        el("div", { class: "course-notes" }, this.words),
      );
    }

    /* The functions (0) or their slopes (1): shades, axes, curves with names, points at z. */
    draw(which, names, low, high, step) {
      const up = (y) => BOTTOM - ((y - low) / (high - low)) * (BOTTOM - TOP);
      const curves = names.map((name) => FUNCTIONS[name][which]);
      const labels = this.labels(names, curves, up);
      this.plots[which].replaceChildren(
        ...saturated(names[0]).map(([from, to]) =>
          ui.svg("rect", {
            x: across(from),
            y: TOP,
            width: across(to) - across(from),
            height: BOTTOM - TOP,
            class: "course-shade",
          }),
        ),
        ...this.axes(low, high, step, up),
        ...curves.map((curve, i) => {
          const style = `course-curve course-curve-${i + 1}`;
          return ui.svg("path", { d: pathOf(curve, up), class: style });
        }),
        ...labels,
        ...curves.map((curve, i) => this.point(i, up(curve(this.state.z)))),
      );
      labels.forEach(keepInside);
      this.plots[which].setAttribute(
        "aria-label",
        this.t("plot", {
          what: this.t(which ? "slope" : "value"),
          names: names.map((name) => this.t(name)).join(", "),
        }),
      );
    }

    /* Lines across both axes with their numbers, and one at z. */
    axes(low, high, step, up) {
      const parts = [];
      const line = (x1, y1, x2, y2, name) =>
        parts.push(ui.svg("line", { x1, y1, x2, y2, class: `course-${name}` }));
      const number = (value, x, y, anchor) =>
        parts.push(
          ui.svg("text", { x, y, "text-anchor": anchor, class: "course-tick" }, ui.format(value)),
        );
      for (let x = -LIMIT; x <= LIMIT; x += 2) {
        line(across(x), TOP, across(x), BOTTOM, x ? "thin" : "axis");
        number(x, across(x), BOTTOM + 16, "middle");
      }
      for (let y = Math.ceil(low / step) * step; y <= high; y += step) {
        line(LEFT, up(y), RIGHT, up(y), y ? "thin" : "axis");
        number(y, LEFT - 5, up(y) + 4, "end");
      }
      line(across(this.state.z), TOP, across(this.state.z), BOTTOM, "now");
      return parts;
    }

    /* Names stand where the curves are furthest apart, the upper one above its curve. */
    labels(names, curves, up) {
      const [first, second] = curves;
      const apart = (x) => (second ? Math.abs(first(x) - second(x)) : first(x));
      const where = [4, 1.5, -1.5, -4].reduce((best, x) => (apart(x) > apart(best) ? x : best));
      return curves.map((curve, i) => {
        const value = curve(where);
        const above = !second || (i ? value > first(where) : value >= second(where));
        const falls = curve(where + 0.5) < value;
        const y = up(value) + (above ? -8 : 18);
        const properties = {
          x: across(where),
          y: Math.min(Math.max(y, TOP + 10), BOTTOM - 4),
          "text-anchor": !above ? "middle" : falls ? "start" : "end",
          class: "course-name",
        };
        return ui.svg("text", properties, this.t(names[i]));
      });
    }

    /* The point at z: round on the first curve, square on the second. */
    point(i, y) {
      const x = across(this.state.z);
      const style = `course-point course-curve-${i + 1}`;
      if (!i) return ui.svg("circle", { cx: x, cy: y, r: 5.5, class: style });
      return ui.svg("rect", { x: x - 4.5, y: y - 4.5, width: 9, height: 9, class: style });
    }

    render() {
      const { first, second, z } = this.state;
      const t = (key, values) => this.t(key, values);
      const names = [...new Set([first, second])].filter((name) => name !== "none");
      for (const [name, control] of Object.entries(this.controls)) control.set(this.state[name]);
      const ends = names.flatMap((name) => [-LIMIT, LIMIT].map(FUNCTIONS[name][0]));
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      const room = (high - low) / 8;
      this.draw(0, names, low - room, high + room, high > 2 ? 2 : 0.5);
      this.draw(1, names, -0.2, 1.2, 0.25);
      const numbers = (name) => {
        const [value, slope] = FUNCTIONS[name].map((rule) => rule(z));
        return [ui.format(value, 4), ui.format(slope, 4), scientific(slope ** 10)];
      };
      this.rows.replaceChildren(
        ...names.map((name, i) =>
          ui.el(
            "tr",
            {},
            ui.el(
              "th",
              { scope: "row" },
              ui.svg(
                "svg",
                { class: "course-sample", viewBox: "0 0 34 10", "aria-hidden": "true" },
                ui.svg("path", { d: "M1 5H33", class: `course-curve course-curve-${i + 1}` }),
              ),
              ` ${t(name)}`,
              ui.el("small", {}, t(`formula_${name}`)),
            ),
            numbers(name).map((one) => ui.el("td", {}, one)),
          ),
        ),
      );
      const list = names.map((name, i) => {
        const where = saturated(name)
          .map(([from, to]) =>
            t(from === -LIMIT ? "below" : to === LIMIT ? "above" : "between", {
              from: ui.format(from),
              to: ui.format(to),
            }),
          )
          .join(t("and"));
        return t(where ? (i ? "where" : "shaded") : "nowhere", { name: t(name), where });
      });
      this.words.textContent = t("saturated", { list: list.join("; ") });
      const [value, slope, ten] = numbers(first);
      const exact = Math.abs(FUNCTIONS[first][1](z));
      const left = exact ** 10;
      const fate =
        left === 0
          ? "gone"
          : left < 0.001
            ? "vanish"
            : left === 1
              ? "same"
              : left > 1
                ? "grow"
                : null;
      this.say(
        t("say", {
          z: ui.format(z),
          name: t(first),
          value,
          slope,
          ten,
          here: exact < SMALL ? t("here") : "",
          fate: fate ? t(fate) : "",
        }),
      );
    }
  }

  ui.define("course-activations", ActivationsFigure);
  return { FUNCTIONS, erf, saturated, scientific };
});
