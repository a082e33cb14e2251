/* Optimisers race down a surface of two weights: contour lines, paths and losses, step by step. */
(function (root, make) {
  const figure = make(root, root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseOptimizerRace = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui) {
  "use strict";

  const TEXTS = {
    en: {
      surface: "Surface",
      ravine: "ravine",
      saddle: "saddle",
      bowl: "noisy bowl",
      formula_ravine: "L = 0.1 w₁² + 5 w₂², fifty times as curved across as along.",
      formula_saddle: "L = w₁²/2 + (w₂² − 4)²/16, with a saddle at (0, 0) between two minima.",
      formula_bowl:
        "L = w₁²/2 + w₂². Each step's slopes carry noise of standard deviation 2, the " +
        "same for all racers; losses are without it.",
      rate: "Learning rate",
      momentum_share: "Momentum",
      start1: "Start w₁",
      start2: "Start w₂",
      noise: "Other noise",
      walk: "Steps",
      ten: "10 steps",
      at: "Step {step} of {steps}",
      race: "Optimiser",
      loss: "Loss",
      gd: "gradient descent",
      momentum: "momentum",
      nesterov: "Nesterov",
      rmsprop: "RMSprop",
      adam: "Adam",
      plot: "Contour lines of the {surface}, and the paths of {names} after {step} steps",
      marks: "Ring: the start; drag it or tap elsewhere. Plus: lowest loss. A dot for each step.",
      settings:
        "All have the learning rate that you set. Momentum and Nesterov have the momentum that " +
        "you set, RMSprop ρ = 0.9, Adam β₁ = 0.9 and β₂ = 0.999, as in Keras.",
      out: "off the map",
      gone: "diverges",
      when: "step {step}",
      item: "{name} {value}",
      not: "not yet",
      found_ravine: "Steps that cross w₂ = 0 and are longer than 0.1 across: {list}.",
      found_saddle: "First step with |w₂| above 1, off the saddle: {list}.",
      found_bowl: "Mean loss of the last {count} steps: {list}.",
      begin: "Step 0 on the {surface}: all start at ({w1}, {w2}), loss {loss}. {question}",
      ask_ravine: "Which path will zigzag?",
      ask_saddle: "Which will leave the saddle first?",
      ask_bowl: "Which will come to rest?",
      racing: "Racing. Pause for the losses in words.",
      say: "Step {step} on the {surface}{order}.{gone}",
      order: ", lowest loss first: {list}",
      away: " Diverging, more than {limit} away from (0, 0): {list}.",
      since: "{name} at step {step}",
      small: "below 0.0001",
      tiny: "<0.0001",
      wrong: "the start must have w₂ from −{high} to {high}, not {given}",
      nobody: "at least one optimiser must race",
    },
  };
  const STEPS = 200;
  const LIMIT = 100; // how far from (0, 0) a path is no longer followed
  const [WIDE, HIGH] = [4, 3]; // the map shows w₁ from −4 to 4, w₂ from −3 to 3
  const NOISE = 2;
  const squares = (first, step, count) =>
    Array.from({ length: count }, (_, i) => (first + i * step) ** 2);

  const SURFACES = {
    ravine: {
      loss: ([a, b]) => 0.1 * a * a + 5 * b * b,
      slopes: ([a, b]) => [0.2 * a, 10 * b],
      minima: [[0, 0]],
      start: [-3.5, 2],
      levels: [0.1, ...squares(0.632, 0.632, 10)],
    },
    saddle: {
      loss: ([a, b]) => 0.5 * a * a + (b * b - 4) ** 2 / 16,
      slopes: ([a, b]) => [a, (b * (b * b - 4)) / 4],
      minima: [
        [0, -2],
        [0, 2],
      ],
      start: [-3.5, 0.1],
      levels: squares(0.25, 0.25, 12),
    },
    bowl: {
      loss: ([a, b]) => 0.5 * a * a + b * b,
      slopes: ([a, b]) => [a, 2 * b],
      minima: [[0, 0]],
      start: [-3.5, 2],
      levels: squares(0.5, 0.5, 8),
    },
  };

  /* How one weight moves: slope g, what was remembered of it, settings, number t of the step from 1
     → its move and what is remembered next. */
  const RULES = {
    gd: (g, past, { rate }) => [-rate * g, past],
    momentum: (g, { velocity = 0 }, { rate, momentum }) => {
      const next = momentum * velocity - rate * g;
      return [next, { velocity: next }];
    },
    nesterov: (g, { velocity = 0 }, { rate, momentum }) => {
      const next = momentum * velocity - rate * g;
      return [momentum * next - rate * g, { velocity: next }];
    },
    rmsprop: (g, past, { rate }) => {
      const square = 0.9 * (past.square ?? 0) + (1 - 0.9) * (g * g);
      return [(-rate * g) / Math.sqrt(square + 1e-7), { square }];
    },
    adam: (g, past, { rate }, t) => {
      const mean = (past.mean ?? 0) + (1 - 0.9) * (g - (past.mean ?? 0));
      const square = (past.square ?? 0) + (1 - 0.999) * (g * g - (past.square ?? 0));
      const corrected = (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      return [(-corrected * mean) / (Math.sqrt(square) + 1e-7), { mean, square }];
    },
  };
  const NAMES = Object.keys(RULES);

  /* Pairs of numbers with mean 0 and variance 1: sums of twelve from a generator that multiplies by
     48271 modulo 2³¹ − 1. */
  function noise(seed, count) {
    const modulus = 2147483647;
    let x = 1 + 7919 * seed;
    const one = () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) {
        x = (48271 * x) % modulus;
        sum += x / modulus;
      }
      return sum;
    };
    return Array.from({ length: count }, () => [one(), one()]);
  }

  /* The path of each racer: its weights at step 0, 1, …, and the step at which it was too far away
     to be followed, or null. */
  function race(state) {
    const { slopes, start } = SURFACES[state.surface];
    const shakes = state.surface === "bowl" ? noise(state.seed, state.step) : null;
    const run = (name) => {
      let w = state.start.length ? state.start : start;
      let memory = [{}, {}];
      const path = [w];
      for (let t = 1; t <= state.step; t++) {
        const shake = shakes?.[t - 1];
        const moves = slopes(w).map((slope, i) =>
          RULES[name](shake ? slope + NOISE * shake[i] : slope, memory[i], state, t),
        );
        memory = moves.map(([, next]) => next);
        w = w.map((one, i) => one + moves[i][0]);
        path.push(w);
        if (Math.hypot(...w) > LIMIT) return { path, gone: t };
      }
      return { path, gone: null };
    };
    return Object.fromEntries(state.race.map((name) => [name, run(name)]));
  }

  /* What each surface is about, told of a path as a number, or null where it has not happened. */
  const FINDINGS = {
    ravine: (path) =>
      path.filter(([, b], i) => i && b * path[i - 1][1] < 0 && Math.abs(b - path[i - 1][1]) > 0.1)
        .length,
    saddle: (path) => {
      const step = path.findIndex(([, b]) => Math.abs(b) > 1);
      return step < 0 ? null : step;
    },
    bowl: (path) =>
      path.slice(-20).reduce((sum, w, _, all) => sum + SURFACES.bowl.loss(w) / all.length, 0),
  };

  /* Where a surface has a height: pieces [[x, y], [x, y]] of a line, one or two in each square of a
     grid that the line meets. */
  function contour(loss, level, pitch = 0.1) {
    const pieces = [];
    const [columns, rows] = [WIDE, HIGH].map((side) => Math.round((2 * side) / pitch));
    const at = (i, j) => [(i * 2 * WIDE) / columns - WIDE, (j * 2 * HIGH) / rows - HIGH];
    const heights = Array.from({ length: rows + 1 }, (_, j) =>
      Array.from({ length: columns + 1 }, (_, i) => loss(at(i, j)) - level),
    );
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const corners = [
          [i, j],
          [i + 1, j],
          [i + 1, j + 1],
          [i, j + 1],
        ];
        const found = corners.flatMap((from, side) => {
          const to = corners[(side + 1) % 4];
          const [a, b] = [from, to].map(([i, j]) => heights[j][i]);
          if (a < 0 === b < 0) return [];
          const [p, q] = [at(...from), at(...to)];
          return [p.map((one, axis) => one + (a / (a - b)) * (q[axis] - one))];
        });
        for (let k = 0; k < found.length; k += 2) pieces.push(found.slice(k, k + 2));
      }
    }
    return pieces;
  }

  /* The slider of the learning rate: 0.001, 0.0011, … 0.0099, 0.01, 0.011, … 1. */
  const rateAt = (place) => Number(`${10 + (place % 90)}e${Math.floor(place / 90) - 4}`);
  const placeOf = (rate) => {
    const power = Math.floor(Math.log10(rate) + 1e-9);
    return Math.round(90 * (power + 3) + rate / 10 ** (power - 1) - 10);
  };

  /* So many decimals, zeros too, so that the points of a column stand below each other; none where
     the column would become too wide for a phone. */
  function aligned(value, decimals = 4, most = 100) {
    const digits = Math.abs(value) < most ? decimals : 0;
    const options = {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: "negative",
    };
    const language = root.document.documentElement.lang || "en";
    return value.toLocaleString(language, options).replace("-", "−");
  }

  const WIDTH = 340;
  const HEIGHT = 252;
  const [LEFT, RIGHT, TOP, BOTTOM] = [30, 334, 6, 234];
  const across = (a) => LEFT + ((a + WIDE) / (2 * WIDE)) * (RIGHT - LEFT);
  const up = (b) => BOTTOM - ((b + HIGH) / (2 * HIGH)) * (BOTTOM - TOP);
  const place = ([a, b]) => `${across(a).toFixed(1)} ${up(b).toFixed(1)}`;
  const outside = ([a, b]) => Math.abs(a) > WIDE || Math.abs(b) > HIGH;
  const SHAPES = {
    gd: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    momentum: "M-4.5-4.5h9v9h-9z",
    nesterov: "M0-6L5.5 4.5h-11z",
    rmsprop: "M0-6.5L6.5 0L0 6.5L-6.5 0z",
    adam: "M0 6L5.5-4.5h-11z",
  };

  class OptimizerRaceFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      surface: ui.oneOf(Object.keys(SURFACES)),
      rate: ui.real(0.001, 1, 0.19),
      momentum: ui.real(0, 0.99, 0.5),
      race: {
        initial: ["gd", "momentum", "adam"],
        write: (names) => names.join(","),
        read: (text) => {
          const names = text.split(",").map(ui.oneOf(NAMES).read);
          const twice = names.find((name, i) => names.indexOf(name) < i);
          if (twice) throw new RangeError(ui.common("twice", { name: twice }));
          return NAMES.filter((name) => names.includes(name));
        },
      },
      start: ui.list(2, ui.real(-WIDE, WIDE), []), // none: that of the surface
      step: ui.whole(0, STEPS, 0),
      seed: ui.whole(0, 999, 0),
    };

    settle(state) {
      if (!state.race.length) throw new RangeError(this.t("nobody"));
      if (Math.abs(state.start[1] ?? 0) > HIGH) {
        throw new RangeError(this.t("wrong", { high: HIGH, given: ui.format(state.start[1]) }));
      }
      return state;
    }

    get start() {
      return this.state.start.length ? this.state.start : SURFACES[this.state.surface].start;
    }

    build() {
      const t = (key, values) => this.t(key, values);
      const { el } = ui;
      const slide = (label, min, max, step, onInput, write) =>
        ui.slider({ label: t(label), min, max, step, value: min, onInput, write });
      const move = (axis) => (value) =>
        this.update({ start: this.start.map((one, i) => (i === axis ? value : one)) });
      this.controls = {
        surface: ui.select({
          label: t("surface"),
          options: Object.keys(SURFACES).map((name) => [name, t(name)]),
          onChange: (surface) => this.update({ surface, start: [], step: 0 }),
        }),
        rate: slide(
          "rate",
          0,
          270,
          1,
          (value) => this.update({ rate: rateAt(value) }),
          () => ui.format(this.state.rate, 4),
        ),
        momentum: slide("momentum_share", 0, 0.99, 0.01, (momentum) => this.update({ momentum })),
        start1: slide("start1", -WIDE, WIDE, 0.1, move(0)),
        start2: slide("start2", -HIGH, HIGH, 0.1, move(1)),
      };
      this.controls.surface.element.classList.add("course-long");
      this.noise = ui.button(t("noise"), () => this.update({ seed: (this.state.seed + 1) % 1000 }));
      this.plot = ui.svg("svg", {
        class: "course-plot",
        role: "img",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      });
      this.handle = el("div", { class: "course-start", "aria-hidden": "true" });
      this.listen();
      [this.formula, this.found] = [el("p"), el("p")];
      const box = (name, ...parts) => el("div", { class: name }, parts.flat());
      return box(
        null,
        box(
          "course-controls",
          Object.values(this.controls).map((one) => one.element),
        ),
        this.buildSteps(),
        box(
          "course-row course-plots",
          box("course-panel", box("course-map", this.plot, this.handle)),
          box("course-panel", this.buildTable(), box("course-notes", this.found)),
        ),
        box(
          "course-notes",
          this.formula,
          ...["marks", "settings"].map((key) => el("p", {}, t(key))),
        ),
      );
    }

    /* The start follows a pointer that pulls its ring, and jumps where the map is tapped. */
    listen() {
      const to = (event) => {
        const { left, top, width } = this.plot.getBoundingClientRect();
        const scale = WIDTH / width;
        const share = [
          ((event.clientX - left) * scale - LEFT) / (RIGHT - LEFT),
          (BOTTOM - (event.clientY - top) * scale) / (BOTTOM - TOP),
        ];
        const start = [WIDE, HIGH].map((side, i) => {
          const value = Math.min(Math.max((2 * share[i] - 1) * side, -side), side);
          return Math.round(value * 10) / 10;
        });
        if (String(start) !== String(this.start)) this.update({ start });
      };
      this.plot.addEventListener("click", to);
      /* A press within the ring does not move it yet. */
      ui.pointing(this.handle, {
        draws: () => true,
        act: (event, started) => (started ? event.preventDefault() : to(event)),
      });
    }

    /* Steps back and on. Playing is offered only to who has not asked for less motion; meanwhile
       the live region is silent. */
    buildSteps() {
      const go = (target) => () => {
        this.update({ step: Math.min(Math.max(target(this.state.step), 0), STEPS) });
        this.rest();
      };
      const buttons = [
        ["first", "|◀", () => 0],
        ["back", "◀", (step) => step - 1],
        ["next", "▶", (step) => step + 1],
      ].map(([key, sign, target]) => {
        const name = ui.common(key);
        return ui.button(sign, go(target), { "aria-label": name, title: name });
      });
      buttons.push(
        ui.button(
          this.t("ten"),
          go((step) => step + 10),
        ),
      );
      this.buttons = buttons;
      this.player = ui.button(ui.common("play"), () => (this.playing ? this.rest() : this.run()));
      this.count = ui.el("span", { class: "course-steps" });
      const still = root.matchMedia("(prefers-reduced-motion: reduce)").matches;
      return ui.el(
        "div",
        { class: "course-stepper", role: "group", "aria-label": this.t("walk") },
        buttons,
        still ? null : this.player,
        this.noise,
        this.count,
      );
    }

    run() {
      if (this.state.step === STEPS) this.update({ step: 0 });
      let expected = this.state.step;
      const next = () => {
        if (this.state.step !== expected) return false;
        expected += 1;
        this.update({ step: expected });
        return expected < STEPS;
      };
      this.play(this.player, 100, next, this.t("racing"));
    }

    /* One table is choice, legend and result. */
    buildTable() {
      const { el, svg } = ui;
      this.rows = NAMES.map((name, i) => {
        const input = el("input", {
          type: "checkbox",
          onchange: () => {
            const race = this.rows.filter((row) => row.input.checked).map((row) => row.name);
            this.update({ race });
          },
        });
        const sample = svg(
          "svg",
          {
            class: "course-sample",
            viewBox: "0 0 40 14",
            preserveAspectRatio: "xMidYMid slice",
            "aria-hidden": "true",
          },
          svg("path", { d: "M1 7H39", class: "course-curve" }),
          svg("path", { d: SHAPES[name], transform: "translate(20 7)", class: "course-point" }),
        );
        const cells = ["loss", "w1", "w2"].map(() => el("td"));
        const label = el("label", { class: "course-check" }, input, sample, this.t(name));
        const row = el("tr", { class: `course-${name}` }, el("th", { scope: "row" }, label), cells);
        return { name, input, cells, row };
      });
      const head = [this.t("race"), this.t("loss"), "w₁", "w₂"];
      return el(
        "table",
        { class: "course-values" },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            head.map((text) => el("th", { scope: "col" }, text)),
          ),
        ),
        el(
          "tbody",
          {},
          this.rows.map(({ row }) => row),
        ),
      );
    }

    /* What does not change with the steps, for each surface once. */
    ground() {
      const { surface } = this.state;
      if (this.drawn?.surface === surface) return this.drawn.parts;
      const { loss, levels, minima } = SURFACES[surface];
      const path = (d, name) => ui.svg("path", { d, class: `course-${name}` });
      const lines = levels
        .flatMap((level) => contour(loss, level))
        .map(([p, q]) => `M${place(p)}L${place(q)}`);
      const text = (content, x, y, anchor) =>
        ui.svg("text", { x, y, "text-anchor": anchor }, content);
      const parts = [
        path(`M${LEFT} ${TOP}H${RIGHT}V${BOTTOM}H${LEFT}z`, "sheet"),
        path(lines.join(""), "level"),
        path(minima.map((w) => `M${place(w)}m-6 0h12m-6-6v12`).join(""), "lowest"),
        ...[-4, -2, 0, 2, 4].map((a) => text(ui.format(a), across(a), BOTTOM + 15, "middle")),
        ...[-2, 0, 2].map((b) => text(ui.format(b), LEFT - 5, up(b) + 4, "end")),
        text("w₁", across(3), BOTTOM + 15, "middle"),
        text("w₂", LEFT - 5, up(1) + 4, "end"),
      ];
      this.drawn = { surface, parts };
      return parts;
    }

    draw(racers) {
      const { surface, step } = this.state;
      const paths = Object.entries(racers).map(([name, { path }]) => {
        const points = path.map((w) => place(w));
        const last = path[path.length - 1];
        return ui.svg(
          "g",
          { class: `course-${name}` },
          ui.svg("path", { d: `M${points.join("L")}`, class: "course-curve" }),
          ui.svg("path", { d: points.map((p) => `M${p}h0`).join(""), class: "course-dots" }),
          ui.svg("path", {
            d: SHAPES[name],
            transform: `translate(${place(last)})`,
            class: "course-point",
          }),
        );
      });
      const box = { x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP };
      const view = `${LEFT} ${TOP} ${box.width} ${box.height}`;
      this.plot.replaceChildren(...this.ground(), ui.svg("svg", { ...box, viewBox: view }, paths));
      this.plot.setAttribute(
        "aria-label",
        this.t("plot", { surface: this.t(surface), names: this.list(this.state.race), step }),
      );
      const [a, b] = this.start;
      this.handle.style.left = `${(across(a) / WIDTH) * 100}%`;
      this.handle.style.top = `${(up(b) / HEIGHT) * 100}%`;
    }

    list(names, value) {
      const item = (name) =>
        value ? this.t("item", { name: this.t(name), value: value(name) }) : this.t(name);
      return names.map(item).join(", ");
    }

    /* A loss as it is read out, or as it stands in the table. */
    loss(w, small = "small") {
      const loss = SURFACES[this.state.surface].loss(w);
      return loss > 0 && loss < 5e-5 ? this.t(small) : aligned(loss);
    }

    fillTable(racers) {
      for (const { name, input, cells, row } of this.rows) {
        const racer = racers[name];
        input.checked = !!racer;
        row.classList.toggle("course-idle", !racer);
        if (!racer) {
          for (const cell of cells) cell.textContent = "–";
          continue;
        }
        const last = racer.path[racer.path.length - 1];
        const [text, more] = racer.gone
          ? [this.t("gone"), this.t("when", { step: racer.gone })]
          : [this.loss(last, "tiny")];
        const note = more || (outside(last) ? this.t("out") : "");
        cells[0].replaceChildren(text, ...(note ? [ui.el("small", {}, note)] : []));
        last.forEach((one, i) => {
          cells[i + 1].textContent = racer.gone ? "–" : aligned(one, 2, 10);
        });
      }
    }

    render() {
      const { surface, step, race: names } = this.state;
      const t = (key, values) => this.t(key, values);
      const racers = race(this.state);
      const [w1, w2] = this.start;
      this.controls.surface.set(surface);
      this.controls.rate.set(placeOf(this.state.rate));
      this.controls.momentum.set(this.state.momentum);
      this.controls.start1.set(w1);
      this.controls.start2.set(w2);
      this.noise.hidden = surface !== "bowl";
      this.buttons.forEach((one, i) =>
        one.setAttribute("aria-disabled", i < 2 ? step === 0 : step === STEPS),
      );
      this.count.textContent = t("at", { step, steps: STEPS });
      this.draw(racers);
      this.fillTable(racers);
      this.formula.textContent = t(`formula_${surface}`);

      const last = (name) => racers[name].path[racers[name].path.length - 1];
      const running = names.filter((name) => !racers[name].gone);
      const finding = (name) => {
        const value = FINDINGS[surface](racers[name].path);
        return value === null ? t("not") : surface === "bowl" ? aligned(value) : value;
      };
      const found = { list: this.list(running, finding), count: Math.min(step + 1, 20) };
      this.found.textContent = step && running.length ? t(`found_${surface}`, found) : "";
      const surfaceName = t(surface);
      if (!step) {
        const question = t(`ask_${surface}`);
        const loss = ui.format(SURFACES[surface].loss(this.start), 4);
        const values = { w1: ui.format(w1), w2: ui.format(w2), loss, question };
        this.say(t("begin", { surface: surfaceName, ...values }));
        return;
      }
      const { loss } = SURFACES[surface];
      const order = [...running].sort((a, b) => loss(last(a)) - loss(last(b)));
      const list = this.list(order, (name) => this.loss(last(name)));
      const gone = names
        .filter((name) => racers[name].gone)
        .map((name) => t("since", { name: t(name), step: racers[name].gone }))
        .join(", ");
      this.say(
        t("say", {
          step,
          surface: surfaceName,
          order: list ? t("order", { list }) : "",
          gone: gone ? t("away", { list: gone, limit: LIMIT }) : "",
        }),
      );
    }
  }

  ui.define("course-optimizer-race", OptimizerRaceFigure);
  return { SURFACES, STEPS, LIMIT, NOISE, NAMES, race, noise, contour, rateAt, placeOf, FINDINGS };
});
