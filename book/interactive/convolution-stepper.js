/* Convolution and transposed convolution step by step: every product, how channels add up to one
   map a filter, and how the output size is rounded. */
(function (root, make) {
  const figure = make(
    root,
    root.CourseCore || require("./core.js"),
    root.CourseUI || require("./ui.js"),
  );
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseStepper = figure;
})(typeof self !== "undefined" ? self : this, function (root, core, ui) {
  "use strict";

  const TEXTS = {
    en: {
      mode: "Layer",
      n: "Input size n",
      k: "Kernel size k",
      s: "Stride s",
      p: "Padding p",
      d: "Dilation d",
      c: "Channels C",
      filters: "Filters C′",
      b: "Bias b",
      input: "Input",
      kernel: "Kernel",
      bof: "Bias of filter {filter}",
      kernelof: "Kernels of filter {filter}",
      difference: "right − left",
      fresh: "New numbers",
      steps: "Steps",
      x: "Input x, {n} × {n}",
      w: "Kernel w",
      y: "Output y, {m} × {m}",
      shown: "Filter shown",
      filter: "Filter {filter}",
      wof: "Filter {filter}, kernel {q}",
      yof: "Map {filter}, {m} × {m}",
      products: "x · w, sum {sum}",
      stamp: "x · w",
      channel: "Channel {q}: ",
      term: "channel {q}",
      bias: "bias",
      entry: "map {filter}",
      place: "row {i}, column {j}",
      padding: "padding",
      window: "in this step",
      unreached: "in no window",
      empty: "not computed yet",
      hint: "Tap a number of x or w and it grows by one.",
      type: " Or type it; minus turns its sign.",
      walk: "Tap a place of the output, and the window goes there.",
      again: "edits change a number twice",
      none:
        "No window of {span} × {span} fits into {all} × {all}: choose a larger input, " +
        "more padding, or a smaller kernel.",
      gone: "The padding cuts off all {full} rows: choose less of it.",
      step: "Output {m} × {m}, step {step} of {steps}. ",
      stepof: "Output {m} × {m} × {filters}, step {step} of {steps}, filter {filter}. ",
      sums: "y at {place}: {sums} = {value}.",
      stamped: "x at {place} is {entries}: the kernel, times that, is added to y from {corner} on.",
      size:
        "n′ = ⌊(n + {pads} − d(k − 1) − 1) / s⌋ + 1\n" +
        "= ⌊({n} + {given} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = ⌊{top} / {s}⌋ + 1 = " +
        "⌊{exact}⌋ + 1 = {m}",
      stampedsame: "n′ = n·s = {n}·{s} = {m}",
      stampedvalid:
        "n′ = (n − 1)·s + max(d(k − 1) + 1, s)\n" +
        "= ({n} − 1)·{s} + max({d}·({k} − 1) + 1, {s}) = {m}",
      stampednumber:
        "n′ = (n − 1)·s + d(k − 1) + 1 − 2p\n= ({n} − 1)·{s} + {d}·({k} − 1) + 1 − 2·{p} = {m}",
      floor:
        "{top} / {s} leaves a remainder of {rest}: {parts} windows, rounded down to " +
        "{m}. One more would stick out by {out}. That is allowed.",
      lost: "Rows and columns in no window (crossed out): {lost}.",
      zeros: "same: zeros until n′ = ⌈n / s⌉ = {m}; {before} before, {after} after.",
      cuts: "Rows cut off before: {before}, after: {after}.",
      even: "Stamps on a cell, away from the border: {list}.",
      uneven: "In turn: a checkerboard. With ones as input and kernel, y counts them.",
      filtered:
        "A filter has k·k·C weights and a bias, and makes one map.\n" +
        "C′·(k·k·C + 1) = {filters}·({k}·{k}·{c} + 1) = {count} parameters, " +
        "output n′ × n′ × C′ = {m} × {m} × {filters}",
      keras: "Keras refuses stride and dilation both above 1. The figure computes it anyway.",
    },
  };

  const { el, format: f } = ui;
  const up = (state) => state.mode === "transposed";
  const inside = (size, ...place) => place.every((one) => one >= 0 && one < size);

  /* Values of a rule (row, column, channel), channels last. */
  const cube = (side, channels, rule) =>
    Array.from({ length: side * side * channels }, (_, at) =>
      rule(Math.floor(at / channels / side), Math.floor(at / channels) % side, at % channels),
    );

  /* Numbers of x have places 0 … 299, those of w 300 … 374 in filter 0 and 375 … 449 in filter 1.
     An edit is 19 · place + value + 9. */
  const placeOf = (kind, i, j, q, o = 0) =>
    kind === "x" ? 100 * q + 10 * i + j : 300 + 75 * o + 25 * q + 5 * i + j;
  const edited = (code) => Math.floor(code / 19);
  const presetOf = (place) => (place < 300 ? "input" : place < 375 ? "kernel" : "kernel1");
  /* Each filter has a bias and a preset of its own; the names of filter 1 end in 1. */
  const own = (name, { filter }) => (filter && ["b", "kernel"].includes(name) ? `${name}1` : name);
  const noise = (seed, place, below) => ((7919 * seed + 3571 * place) ** 2 % 65521) % below;

  /* Input and kernels as rules. Channels of a preset differ: their sum is no mere multiple. */
  function rules({ n, k, c, seed, input, kernel, kernel1, edits }) {
    const ones = () => 1;
    const far = (side, i, j) => Math.abs(i - ((side - 1) >> 1)) + Math.abs(j - ((side - 1) >> 1));
    const written = new Map(edits.map((code) => [edited(code), (code % 19) - 9]));
    const rule =
      (kind, presets) =>
      (i, j, q, o = 0) => {
        const at = placeOf(kind, i, j, q, o);
        return written.get(at) ?? presets[o](i, j, q, at);
      };
    const inputs = {
      random: (i, j, q, at) => noise(seed, at, 10),
      ramp: (i, j, q) => [j, i, (i + j) >> 1][q],
      ones,
      edge: (i, j, q) => (2 * [j, i, n - 1 - j][q] >= n - 1 ? 9 : 0),
      dot: (i, j) => +!far(n, i, j),
    };
    const kernels = {
      random: (u, v, q, at) => noise(seed, at, 7) - 3,
      difference: (u, v) => Math.sign(2 * v - k + 1),
      mean: () => 1 / (k * k * c),
      ones,
      identity: (u, v) => +!far(k, u, v),
      sharpen: (u, v) => [k > 2 ? 5 : 2 * k - 1, -1][far(k, u, v)] ?? 0,
    };
    return { x: rule("x", [inputs[input]]), w: rule("w", [kernels[kernel], kernels[kernel1]]) };
  }

  /* The weights as the layer has them: (k, k, C, C′), or (k, k, C′, C) if it is transposed. */
  function weightsOf(state) {
    const { k, c, filters } = state;
    const { w } = rules(state);
    return cube(k, c * filters, (u, v, at) =>
      up(state)
        ? w(u, v, at % c, Math.floor(at / c))
        : w(u, v, Math.floor(at / filters), at % filters),
    );
  }

  const options = ({ s, p, d, b, b1, filters }) => ({
    stride: s,
    padding: p,
    dilation: d,
    bias: [b, b1].slice(0, filters),
  });
  const sideOf = (state) =>
    (up(state) ? core.stamps : core.windows)(state.n, state.k, options(state));
  const stepsOf = (state) => {
    const { size } = sideOf(state);
    return size && (up(state) ? state.n : size) ** 2;
  };

  /* The output, a channel a filter; if it is transposed, of the first `entries` stamps. */
  function output(state, entries = Infinity) {
    const { n, k, c, filters } = state;
    const { x } = rules(state);
    const weights = weightsOf(state);
    if (!up(state)) {
      return core.conv2d(
        core.tensor([n, n, c], cube(n, c, x)),
        core.tensor([k, k, c, filters], weights),
        options(state),
      );
    }
    const stamped = cube(n, c, (i, j, q) => (i * n + j < entries ? x(i, j, q) : 0));
    return core.convTranspose2d(
      core.tensor([n, n, c], stamped),
      core.tensor([k, k, filters, c], weights),
      options(state),
    );
  }

  /* One step of the chosen filter: its place, the kernel's corner and what it covers; for each
     channel factors and sum. */
  function stepOf(state) {
    const { n, k, s, d, c, step, filter } = state;
    const side = sideOf(state);
    const { x, w } = rules(state);
    const wide = up(state) ? n : side.size;
    const i = Math.floor(step / wide);
    const j = step % wide;
    const [top, left] = [i, j].map((at) => (up(state) ? at * s - side.before : side.starts[at]));
    const channels = Array.from({ length: c }, (_, q) => {
      const pairs = cube(k, 1, (u, v) => {
        const place = up(state) ? [i, j] : [top + u * d, left + v * d];
        return [inside(n, ...place) ? x(...place, q) : 0, w(u, v, q, filter)];
      });
      return { pairs, sum: pairs.reduce((sum, [a, weight]) => sum + a * weight, 0) };
    });
    return {
      i,
      j,
      top,
      left,
      channels,
      covers: (row, column) =>
        inside(k, (row - top) / d, (column - left) / d) &&
        !((row - top) % d || (column - left) % d),
    };
  }

  /* Numbers of stamps that lie on cells far from the border, smallest first. */
  function overlaps({ k, s, d }) {
    const along = Array(s).fill(0);
    for (let u = 0; u < k; u++) along[(u * d) % s]++;
    return [...new Set(along.flatMap((one) => along.map((other) => one * other)))].sort(
      (a, b) => a - b,
    );
  }

  const KERNELS = ["difference", "mean", "sharpen", "identity", "ones", "random"];

  class ConvolutionStepper extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      mode: ui.oneOf(["convolution", "transposed"]),
      n: ui.whole(1, 10, 6),
      k: ui.whole(1, 5, 3),
      s: ui.whole(1, 4, 1),
      p: ui.oneOf(["valid", "same", 0, 1, 2, 3]),
      d: ui.whole(1, 3, 1),
      c: ui.whole(1, 3, 1),
      filters: ui.whole(1, 2, 1),
      b: ui.whole(-9, 9, 0),
      input: ui.oneOf(["random", "ramp", "edge", "dot", "ones"]),
      kernel: ui.oneOf(KERNELS),
      seed: ui.whole(1, 9999, 1),
      step: ui.whole(0, 255, 0),
      edits: ui.list(null, ui.whole(0, 8549), []),
      filter: ui.whole(0, 1, 0),
      b1: ui.whole(-9, 9, 0),
      kernel1: ui.oneOf(KERNELS, "sharpen"),
    };

    settle(state) {
      if (new Set(state.edits.map(edited)).size < state.edits.length) {
        throw new RangeError(this.t("again"));
      }
      return {
        ...state,
        filter: Math.min(state.filter, state.filters - 1),
        step: Math.min(state.step, Math.max(stepsOf(state) - 1, 0)),
      };
    }

    build() {
      const t = (key) => this.t(key);
      const block = (name, ...parts) => el("div", { class: `course-${name}` }, parts.flat());
      const grid = (onPick, drag) => ui.grid({ label: "", rows: 1, columns: 1, onPick, drag });
      const panel = (one) =>
        (one.panel = block("panel", (one.title = el("p", { class: "course-title" })), one.element));
      /* A new preset takes the place of edited numbers. */
      const change = (name, value, more) =>
        this.update({
          [name]: value,
          ...more,
          edits: this.state.edits.filter((code) => name !== presetOf(edited(code))),
        });
      this.controls = Object.entries(ConvolutionStepper.fields)
        .slice(0, 11)
        .map(([name, { options, initial: value, ...limits }]) => {
          const set = (one) => change(own(name, this.state), one);
          const shared = { ...limits, label: t(name), value, onChange: set, onInput: set };
          return [
            name,
            options
              ? ui.select({ ...shared, options: options.map((key) => [key, t(String(key))]) })
              : ui.slider(shared),
          ];
        });
      const fresh = ui.button(t("fresh"), () =>
        change("input", "random", { seed: (this.state.seed % 9999) + 1 }),
      );
      /* Picking a number makes it one larger, at the end the smallest again; digits and minus type
         it. */
      const editable = (kind, q) => {
        const [size, first, last] = kind === "x" ? ["n", 0, 9] : ["k", -3, 3];
        const write = (row, column, rule) => {
          const [i, j] = kind === "x" ? [row - this.before, column - this.before] : [row, column];
          const { edits, filter } = this.state;
          const at = [i, j, q, kind === "x" ? 0 : filter];
          const place = placeOf(kind, ...at);
          if (inside(this.state[size], i, j)) {
            this.update({
              edits: [
                ...edits.filter((code) => edited(code) !== place),
                19 * place + 9 + rule(Math.floor(rules(this.state)[kind](...at))),
              ],
            });
          }
        };
        const one = grid((row, column) =>
          write(row, column, (value) => (value < last ? value + 1 : first)),
        );
        one.element.addEventListener("keydown", ({ key, target }) => {
          if (/^[-\d]$/.test(key)) {
            write(target.parentNode.rowIndex, target.cellIndex, (value) =>
              key === "-" ? -value : +key,
            );
          }
        });
        return one;
      };
      this.channels = [0, 1, 2].map((q) => {
        const [x, w, products] = [editable("x", q), editable("w", q), grid()];
        return {
          x,
          w,
          products,
          element: block("channel", panel(x), block("channel", panel(w), panel(products))),
        };
      });
      this.maps = [0, 1].map((filter) => {
        const one = grid((i, j) => {
          if (!up(this.state)) this.update({ filter, step: i * one.size()[0] + j });
        }, true);
        return one;
      });
      this.chooser = [0, 1].map((filter) =>
        ui.button(this.t("filter", { filter }), () => this.update({ filter })),
      );
      this.choice = el(
        "div",
        { class: "course-stepper", role: "group", "aria-label": t("shown") },
        this.chooser,
      );
      this.terms = el("p", { class: "course-terms" });
      this.outputs = block("maps", this.terms, this.maps.map(panel));
      this.walk = el("span", {}, ` ${t("walk")}`);
      this.hint = el("p", {}, t("hint"), ui.keyboard(t("type")), this.walk);
      this.stepper = ui.stepper({
        figure: this,
        label: t("steps"),
        count: 1,
        value: 0,
        onChange: (step) => this.update({ step }),
      });
      this.notes = block("notes");
      this.body = el(
        "div",
        {},
        this.stepper.element,
        this.choice,
        block(
          "row",
          el(
            "div",
            {},
            this.channels.map((one) => one.element),
          ),
          this.outputs,
        ),
        this.hint,
      );
      return block(
        "convolution",
        block("controls", ...this.controls.map(([, one]) => one.element), fresh),
        this.body,
        this.notes,
      );
    }

    /* Fill a grid: cell(row, column) gives a value, that of full colour, and marks to see and to
       hear. */
    paint(grid, rows, title, cell, shift = 0) {
      if (grid.size()[0] !== rows) grid.resize(rows, rows);
      grid.element.style.setProperty("--columns", rows);
      grid.label((grid.title.textContent = title));
      cube(rows, 1, (row, column) => {
        const [i, j] = [row - shift, column - shift];
        const { value, top, said, ...marks } = cell(i, j);
        const on = Object.keys(marks).filter((mark) => marks[mark]);
        const text = marks.empty ? "" : f(value);
        grid.set(row, column, {
          text,
          share: text && value / top,
          classes: on.join(" "),
          name: [this.t("place", { i, j }), said || text, ...on.map((mark) => this.t(mark))].join(
            ", ",
          ),
        });
      });
    }

    render() {
      const state = this.state;
      const { n, k, s, d, c, filters, filter, step } = state;
      const t = (key, values) => this.t(key, values);
      const stamping = up(state);
      const several = filters > 1;
      const side = sideOf(state);
      const { size: m, before, after } = side;
      const shift = (this.before = stamping ? 0 : before);
      const all = n + (stamping ? 0 : before + after);
      for (const [name, control] of this.controls) {
        control.set(state[own(name, state)]);
        if (own(name, { filter: 1 }) !== name) {
          control.element.firstChild.textContent = t(several ? `${name}of` : name, { filter });
        }
      }
      this.choice.hidden = !several;
      this.chooser.forEach((one, o) => one.setAttribute("aria-pressed", o === filter));
      this.walk.hidden = stamping;
      this.outputs.classList.toggle("course-several", several);
      this.explain(side);
      this.say("");
      this.body.hidden = !m;
      if (!m) throw new RangeError(t(stamping ? "gone" : "none", { ...side, all }));

      const { x, w } = rules(state);
      const now = stepOf(state);
      const y = output(state, step + 1).values;
      const steps = stepsOf(state);
      const [heaviest, top] = [weightsOf(state), y].map((values) =>
        Math.max(...Array.from(values, Math.abs), 0.01),
      );
      const lost = stamping ? [] : core.windows(all, k, { stride: s, dilation: d }).unreached;
      this.stepper.set(step, steps);
      this.channels.forEach((grids, q) => {
        grids.element.hidden = q >= c;
        if (q >= c) return;
        const { pairs, sum } = now.channels[q];
        this.paint(
          grids.x,
          all,
          (c > 1 ? t("channel", { q }) : "") + t("x", { n }),
          (i, j, padding = !inside(n, i, j)) => ({
            value: padding ? 0 : x(i, j, q),
            top: 9,
            padding,
            window: stamping ? i === now.i && j === now.j : now.covers(i, j),
            unreached: lost.includes(i + shift) || lost.includes(j + shift),
          }),
          shift,
        );
        this.paint(grids.w, k, t(several ? "wof" : "w", { filter, q }), (u, v) => ({
          value: w(u, v, q, filter),
          top: heaviest,
        }));
        this.paint(
          grids.products,
          k,
          t(stamping ? "stamp" : "products", { sum: f(sum) }),
          (u, v, [a, weight] = pairs[u * k + v]) => ({
            value: a * weight,
            top: 9 * heaviest,
            said: `${f(a)} · ${f(weight)} = ${f(a * weight)}`,
          }),
        );
      });
      this.maps.forEach((map, o) => {
        map.panel.hidden = o >= filters;
        if (o >= filters) return;
        const title = t(several ? "yof" : "y", { m, filter: o });
        this.paint(map, m, title, (i, j, at = i * m + j) => ({
          value: y[at * filters + o],
          top,
          empty: !stamping && at > step,
          window: o === filter && (stamping ? now.covers(i, j) : at === step),
        }));
      });
      /* What adds up to one entry: numbers with their signs, and where each comes from. */
      const bias = state[own("b", state)];
      const terms = [...now.channels.map(({ sum }) => sum), bias].map((one, at) => {
        const text = f(one);
        return at ? `+ ${text}`.replace("+ −", "− ") : text;
      });
      const value = f(y[step * filters + filter]);
      this.terms.hidden = !several || stamping;
      this.terms.replaceChildren(
        ...[
          ...terms.map((term, q) => [term, t(q < c ? "term" : "bias", { q })]),
          [`= ${value}`, t("entry", { filter })],
        ].flatMap(([term, from]) => [
          el("span", {}, el("b", {}, term), " ", el("small", {}, from)),
          " ",
        ]),
      );
      this.say(
        t(several ? "stepof" : "step", { m, filters, filter, step: step + 1, steps }) +
          t(stamping ? "stamped" : "sums", {
            place: t("place", now),
            entries: now.channels.map((one) => f(one.pairs[0][0])).join(", "),
            corner: t("place", { i: now.top, j: now.left }),
            sums: terms.join(" "),
            value,
          }),
      );
    }

    /* The formula with the numbers of now, and what rounding down means here. */
    explain({ size: m, before, after, span, exact, unreached = [] }) {
      const state = this.state;
      const { n, k, s, p, d, c, filters } = state;
      const same = p === "same";
      const top = n + before + after - span;
      const rest = top % s;
      const counts = overlaps(state);
      const values = {
        ...state,
        m: up(state) ? m : f(Math.floor(exact) + 1),
        before,
        after,
        rest,
        out: s - rest,
        top: f(top),
        exact: f(exact),
        parts: f(exact + 1),
        pads: same ? "p₁ + p₂" : "2p",
        given: same ? `${before} + ${after}` : `2·${before}`,
        lost: unreached.join(", "),
        list: counts.join(", "),
        count: filters * (k * k * c + 1),
      };
      const keys = up(state)
        ? [
            `stamped${p >= 0 ? "number" : p}`,
            before + after && "cuts",
            "even",
            counts[1] && "uneven",
          ]
        : ["size", m && rest && "floor", m && values.lost && "lost", same && "zeros"];
      this.notes.replaceChildren(
        ...[...keys, m && filters > 1 && "filtered", s > 1 && d > 1 && "keras"]
          .filter(Boolean)
          .map((key) => el("p", {}, this.t(key, values))),
      );
    }
  }

  ui.define("course-convolution-stepper", ConvolutionStepper);
  return { fields: ConvolutionStepper.fields, rules, sideOf, stepsOf, output, stepOf, overlaps };
});
