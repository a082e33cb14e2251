/* Pooling of one map: the window walks, keeps its maximum or its mean, and the reader sees what
   survives a shift. */
(function (root, make) {
  const figure = make(
    root,
    root.CourseCore || require("./core.js"),
    root.CourseUI || require("./ui.js"),
  );
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CoursePooling = figure;
})(typeof self !== "undefined" ? self : this, function (root, core, ui) {
  "use strict";

  const TEXTS = {
    en: {
      input: "Map",
      letter: "X seen by ╲",
      ramp: "0 … 35",
      shift: "Shift the letter",
      none: "not at all",
      right: "1 pixel right",
      down: "1 pixel down",
      mode: "Keep the",
      max: "maximum",
      average: "average",
      window: "Window",
      stride: "Stride",
      padding: "Padding",
      same: "same",
      valid: "valid",
      side: "{k} × {k}",
      walk: "Windows",
      before_letter: "Map in ninths, {n} × {n}",
      before_ramp: "Map, {n} × {n}",
      after: "Pooled, {m} × {m}",
      edit: "Change row {row}, column {column}:",
      cell: "row {row}, column {column}: {text}",
      outside: "outside the map",
      inside: "in the window",
      "course-best": "the maximum",
      unreached: "in no window",
      "course-kept": "unchanged",
      survive:
        "Unchanged (underlined): {kept} of {all} pooled numbers; before pooling, " +
        "{keptBefore} of {allBefore}.",
      size:
        "Size: ⌊({n} + {p} − {k}) / {s}⌋ + 1 = ⌊{exact}⌋ + 1 = {m}, from map, padding, " +
        "window and stride.",
      lost: "Rows and columns in no window, crossed out: {lost}.",
      reached: "Each row and column is in a window.",
      partial:
        "Padding, hatched: {before} before, {after} after. It takes no part: border " +
        "windows are partial.",
      facts:
        "{allBefore} numbers become {all}: the area shrinks {factor} times (stride² " +
        "= {squared}). No parameters. Channels stay: 64 maps in, 64 out.",
      say: "Window {step} of {all}: the {mode} of {list} is {value}.",
      wrong: "a changed number is whole, from −99 to 99, and has a place in the map",
      again: "edits change a number twice",
    },
  };
  const SHIFTS = { none: [0, 0], right: [0, 1], down: [1, 0] };
  const OPTIONS = {
    input: ["letter", "ramp"],
    shift: Object.keys(SHIFTS),
    padding: ["same", "valid"],
    mode: ["max", "average"],
  };

  /* The map that is pooled: 0 … 35, or ╲ convolved with the letter X, 9 × 9 in ±1. `edits`: place,
     value, place, value … */
  function mapOf({ input, shift = "none", edits = [] }) {
    let map = core.tensor(
      [6, 6, 1],
      Array.from({ length: 36 }, (_, i) => i),
    );
    if (input === "letter") {
      const picture = core.tensor([9, 9, 1], Array(81).fill(-1));
      const [down, right] = SHIFTS[shift];
      for (let i = 1; i < 8; i++) {
        for (const j of [i, 8 - i]) picture.values[(i + down) * 9 + j + right] = 1;
      }
      map = core.conv2d(picture, core.tensor([3, 3, 1, 1], [1, -1, -1, -1, 1, -1, -1, -1, 1]));
    }
    for (let i = 0; i < edits.length; i += 2) map.values[edits[i]] = edits[i + 1];
    return map;
  }

  const pooled = (map, state) => core.pool(map, state.window, state);

  /* The window of a step: its first row and column, maybe outside, and its values, with their
     places in the map. */
  function windowOf(map, state, step) {
    const n = map.shape[0];
    const { window, mode } = state;
    const { starts, size } = core.windows(n, window, state);
    const [top, left] = [starts[Math.floor(step / size)], starts[step % size]];
    const holds = (row, column) =>
      row >= top && row < top + window && column >= left && column < left + window;
    const places = [...map.values.keys()].filter((i) => holds(Math.floor(i / n), i % n));
    const values = places.map((i) => map.values[i]);
    return {
      top,
      left,
      holds,
      values,
      best: places.filter((i) => mode === "max" && map.values[i] === Math.max(...values)),
    };
  }

  /* Which numbers are as in the original map, before and after pooling. */
  function survivors(state) {
    const equal = (a, b) =>
      Array.from(a.values, (value, i) => Math.abs(value - b.values[i]) < 1e-9);
    const [was, is] = [mapOf({ input: state.input }), mapOf(state)];
    return { before: equal(was, is), after: equal(pooled(was, state), pooled(is, state)) };
  }

  class PoolingFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      ...Object.fromEntries(
        Object.entries(OPTIONS).map(([name, options]) => [name, ui.oneOf(options)]),
      ),
      window: ui.whole(1, 4, 2),
      stride: ui.whole(1, 4, 2),
      step: ui.whole(0, 48, 0),
      edits: ui.list(null, ui.whole(-99, 99), []),
    };

    settle(state) {
      const n = state.input === "letter" ? 7 : 6;
      const { edits } = state;
      const { size } = core.windows(n, state.window, state);
      const right = (one, i) =>
        Number.isInteger(one) && (i % 2 ? Math.abs(one) < 100 : one >= 0 && one < n * n);
      if (edits.length % 2 || !edits.every(right)) throw new RangeError(this.t("wrong"));
      const places = edits.filter((_, i) => i % 2 === 0);
      if (new Set(places).size < places.length) throw new RangeError(this.t("again"));
      return {
        ...state,
        shift: n === 7 ? state.shift : "none",
        step: Math.min(state.step, size * size - 1),
      };
    }

    build() {
      const t = (key, values) => this.t(key, values);
      const { el } = ui;
      const p = (name) => el("p", { class: name });
      this.controls = {};
      for (const [name, options] of Object.entries(OPTIONS)) {
        const fresh = name === "input" || name === "shift" ? { edits: [] } : {};
        this.controls[name] = ui.select({
          label: t(name),
          options: options.map((key) => [key, t(key)]),
          onChange: (value) => this.update({ [name]: value, ...fresh }),
        });
      }
      for (const [name, write] of [["window", (k) => t("side", { k })], ["stride"]]) {
        this.controls[name] = ui.slider({
          label: t(name),
          min: 1,
          max: 4,
          value: 1,
          write,
          onInput: (value) => this.update({ [name]: value }),
        });
      }
      this.stepper = ui.stepper({
        figure: this,
        label: t("walk"),
        count: 1,
        value: 0,
        onChange: (step) => this.update({ step }),
      });
      const choose = (...place) => {
        this.chosen = place;
        this.show();
      };
      const go = (r, c) => this.update({ step: r * this.result.size()[1] + c });
      [this.chosen, this.source, this.result] = [
        [0, 0],
        ...[choose, go].map((call) =>
          ui.grid({ label: "", rows: 1, columns: 1, onPick: call, onMove: call }),
        ),
      ];
      /* Enter leads from the cell to the field with its number, and back. */
      const enter = (call) => (event) => {
        if (event.key === "Enter") call();
      };
      const id = ui.unique("number");
      this.field = el("input", {
        type: "number",
        id,
        min: -99,
        max: 99,
        onchange: () => this.edit(),
        onkeydown: enter(() => this.source.stop(...this.chosen, true)),
      });
      this.source.element.addEventListener(
        "keydown",
        enter(() => this.field.select()),
      );
      this.place = el("label", { for: id });
      [this.beforeTitle, this.afterTitle, this.sum, this.notes, this.facts] = [
        p("course-title"),
        p("course-title"),
        p("course-sum"),
        p(),
        p(),
      ];
      const box = (name, ...parts) => el("div", { class: name }, parts);
      const settings = Object.values(this.controls).map((one) => one.element);
      return box(
        null,
        box("course-controls", ...settings),
        this.stepper.element,
        box(
          "course-row",
          box("course-panel", this.beforeTitle, this.source.element),
          box("course-panel", this.afterTitle, this.result.element),
        ),
        this.sum,
        box("course-control", this.place, this.field),
        box("course-notes", this.notes, this.facts),
      );
    }

    edit() {
      const kept = this.state.edits.filter((_, i, all) => all[i - (i % 2)] !== this.at);
      this.update({ edits: [...kept, this.at, this.field.valueAsNumber] });
    }

    render() {
      const state = this.state;
      const { step, window: k, stride: s, mode } = state;
      const t = (key, values) => this.t(key, values);
      const f = ui.format;
      const map = mapOf(state);
      const n = map.shape[0];
      const result = pooled(map, state);
      const { size, before, after, exact, unreached } = core.windows(n, k, state);
      const now = windowOf(map, state, step);
      const keeps = survivors(state);
      const changed = keeps.before.includes(false);
      const extreme = Math.max(...map.values.map(Math.abs), 1);
      for (const [name, control] of Object.entries(this.controls)) control.set(state[name]);
      this.controls.shift.input.disabled = state.input !== "letter";
      this.stepper.set(step, size * size);

      const draw = (grid, title, head, { values, shape: [side] }, before, after, marks) => {
        const wide = side + before + after;
        if (grid.size()[0] !== wide) grid.resize(wide, wide);
        grid.label((title.textContent = head));
        for (let r = -before; r < side + after; r++) {
          for (let c = -before; c < side + after; c++) {
            const real = Math.min(r, c) >= 0 && Math.max(r, c) < side;
            const i = real ? r * side + c : -1;
            const text = real ? f(values[i]) : "";
            const all = { padding: !real, ...marks(r, c, i) };
            const on = Object.keys(all).filter((key) => all[key]);
            const name = [
              real && t("cell", { row: r, column: c, text }),
              ...on.map((key) => t({ padding: "outside", window: "inside" }[key] || key)),
            ]
              .filter(Boolean)
              .join(", ");
            grid.set(r + before, c + before, {
              text,
              share: real ? values[i] / extreme : 0,
              classes: on.join(" "),
              name,
            });
          }
        }
      };
      draw(
        this.source,
        this.beforeTitle,
        t(`before_${state.input}`, { n }),
        map,
        before,
        after,
        (r, c, i) => ({
          window: now.holds(r, c),
          "course-best": now.best.includes(i),
          unreached: unreached.includes(r) || unreached.includes(c),
          "course-kept": changed && keeps.before[i],
        }),
      );
      draw(this.result, this.afterTitle, t("after", { m: size }), result, 0, 0, (r, c, i) => ({
        window: i === step,
        "course-kept": changed && keeps.after[i],
      }));
      this.result.stop(Math.floor(step / size), step % size);
      this.result.element.classList.toggle("course-wide", mode === "average");

      const inside = this.chosen.map((one) => Math.min(Math.max(one - before, 0), n - 1));
      this.at = inside[0] * n + inside[1];
      this.place.textContent = t("edit", { row: inside[0], column: inside[1] });
      this.field.value = map.values[this.at];

      const lost = unreached.join(", ");
      const all = size * size;
      const list = now.values.map((value) => f(value));
      const value = f(result.values[step]);
      const count = (bits) => bits.filter(Boolean).length;
      const figures = {
        kept: count(keeps.after),
        all,
        keptBefore: count(keeps.before),
        allBefore: n * n,
        factor: f((n * n) / all),
        squared: s ** 2,
      };
      this.sum.textContent =
        (mode === "max"
          ? `max(${list.join(", ")})`
          : `(${list.join(" + ").replace(/\+ −/g, "− ")}) / ${list.length}`) + ` = ${value}`;
      this.notes.textContent = [
        t("size", { n, p: before + after, k, s, exact: f(exact), m: size }),
        lost ? t("lost", { lost }) : t("reached"),
        before + after ? t("partial", { before, after }) : "",
      ].join(" ");
      this.facts.textContent = t("facts", figures);
      this.say(
        t("say", { step: step + 1, all, mode: t(mode), list: list.join(", "), value }) +
          (changed ? ` ${t("survive", figures)}` : ""),
      );
    }
  }

  ui.define("course-pooling", PoolingFigure);
  return { mapOf, pooled, windowOf, survivors, SHIFTS };
});
