/* The receptive field of a unit: layers are stacked, and what the unit sees is marked, layer by
   layer, back to the input. */
(function (root, make) {
  const figure = make(
    root,
    root.CourseCore || require("./core.js"),
    root.CourseUI || require("./ui.js"),
  );
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseReceptiveField = figure;
})(typeof self !== "undefined" ? self : this, function (root, core, ui) {
  "use strict";

  const TEXTS = {
    en: {
      preset: "Network",
      own: "your own",
      lenet: "LeNet-5",
      vgg16: "VGG-16",
      dilated: "dilation 1, 2, 4",
      input: "Input",
      side: "{n} × {n}",
      layer: "Up to layer",
      of: "{layer} of {layers}",
      unit: "Unit",
      place: "({unit}, {unit})",
      kind: "Kind",
      c: "convolution",
      p: "pooling",
      kernel: "Window",
      stride: "Stride",
      dilation: "Dilation",
      padding: "Padding",
      valid: "valid",
      same: "same",
      change: "Change layer {layer}:",
      addc: "Add convolution",
      addp: "Add pooling",
      remove: "Remove",
      head0: "Layer",
      head1: "Size",
      head2: "Field r + (k − 1)·d·j",
      head3: "Step j·s",
      head: "input",
      conv: "conv",
      pool: "pool",
      s: "stride {stride}",
      d: "dilation {dilation}",
      strips: "One row, layer by layer",
      picture: "The unit sees {seen} × {seen} of {n} × {n} pixels",
      legend: "Filled: seen by the unit. Dashed: the whole field, also where the border cuts it.",
      later:
        "A stride acts on later layers. With stride {other} instead of {stride} in " +
        "layer {layer}, its own field stays {r}; the last layer's becomes {changed} " +
        "instead of {last}.",
      ends: "A stride acts on later layers: in layer {layer}, the last, it changes no field.",
      say:
        "Unit ({unit}, {unit}) of layer {layer} sees rows and columns {from} to {to} " +
        "of the input, {seen} × {seen} pixels{cut}{holes}.",
      cut: " of a field of {r} × {r} that the border cuts",
      holes: ", with gaps: {count} take part",
      wrong: "{text} is no layer; a stack looks like c3-c5.s2-c3.d2.same-p2",
      count: "a stack has 1 to {most} layers",
      small: "layer {layer} needs {span} rows and gets {size}",
      blind: "this unit of layer {layer} sees nothing but padding",
    },
  };
  const LARGEST = 256;
  const MOST = 24;
  const PAIR = "c3.same-c3.same-p2";
  const TRIPLE = `c3.same-${PAIR}`;
  const PRESETS = {
    lenet: ["c5-p2-c5-p2-c5", 32],
    vgg16: [[PAIR, PAIR, TRIPLE, TRIPLE, TRIPLE].join("-"), 224],
    dilated: ["c3-c3.d2-c3.d4", 24],
  };

  /* "c3.s2.d1.same-p2" as layers; pooling steps by its window unless told otherwise. What cannot be
     read becomes null. */
  function parse(text) {
    return text.split("-").map((part) => {
      const [, kind, k, s, d, same] =
        /^([cp])([1-9]|10|11)(?:\.s([1-9]|10|11))?(?:\.d([1-4]))?(\.same)?$/.exec(part) || [];
      if (!kind || (kind === "p" && d > 1)) return null;
      return {
        kind,
        kernel: Number(k),
        stride: Number(s || (kind === "p" ? k : 1)),
        dilation: Number(d || 1),
        padding: same ? "same" : "valid",
      };
    });
  }
  const usual = ({ kind, kernel }) => (kind === "p" ? kernel : 1);
  const write = (layers) =>
    layers
      .map((one) =>
        [
          one.kind + one.kernel,
          one.stride !== usual(one) && `s${one.stride}`,
          one.dilation > 1 && `d${one.dilation}`,
          one.padding === "same" && "same",
        ]
          .filter(Boolean)
          .join("."),
      )
      .join("-");

  /* For the input and each layer: size, field r, step j between neighbours in pixels, first pixel
     of the first unit's field. */
  function grow(layers, input) {
    const steps = [{ size: input, r: 1, j: 1, start: 0 }];
    for (const layer of layers) {
      const { size, r, j, start } = steps[steps.length - 1];
      const walk = core.windows(size, layer.kernel, layer);
      steps.push({
        size: walk.size,
        span: walk.span,
        before: walk.before,
        r: r + (layer.kernel - 1) * layer.dilation * j,
        j: j * layer.stride,
        start: start - walk.before * j,
      });
      if (!walk.size) break;
    }
    return steps;
  }

  /* What a unit of the last layer sees along one side, in the input and in each layer: the
     positions inside, and the ends of the field. */
  function trace(layers, steps, unit) {
    const fields = [{ seen: [unit], first: unit, last: unit }];
    for (let l = layers.length - 1; l >= 0; l--) {
      const { kernel, stride, dilation } = layers[l];
      const { before } = steps[l + 1];
      const { seen, first, last } = fields[0];
      const places = new Set(
        seen.flatMap((one) =>
          Array.from({ length: kernel }, (_, u) => one * stride - before + u * dilation),
        ),
      );
      const inside = [...places]
        .filter((one) => one >= 0 && one < steps[l].size)
        .sort((a, b) => a - b);
      fields.unshift({
        seen: inside,
        first: first * stride - before,
        last: last * stride - before + (kernel - 1) * dilation,
      });
    }
    return fields;
  }

  /* A unit as the state has it: −1 is the middle. */
  const chosen = (unit, { size }) => (unit < 0 ? Math.ceil(size / 2) - 1 : unit);

  /* Neighbouring positions as runs [first, last]. */
  const runs = (places) =>
    places.reduce((all, one) => {
      const last = all[all.length - 1];
      if (last && last[1] === one - 1) last[1] = one;
      else all.push([one, one]);
      return all;
    }, []);

  class ReceptiveFieldFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      stack: {
        initial: PRESETS.lenet[0],
        read: (text) => (parse(text).includes(null) ? text : write(parse(text))),
      },
      input: ui.whole(1, LARGEST, 32),
      layer: ui.whole(1, MOST, 4),
      unit: ui.whole(-1, LARGEST - 1, -1),
    };

    settle(state) {
      const layers = parse(state.stack);
      const wrong = layers.indexOf(null);
      const fail = (key, values) => {
        throw new RangeError(this.t(key, values));
      };
      if (layers.length > MOST || !state.stack) fail("count", { most: MOST });
      if (wrong >= 0) fail("wrong", { text: state.stack.split("-")[wrong] });
      const steps = grow(layers, state.input);
      const last = steps.length - 1;
      if (!steps[last].size) {
        fail("small", { layer: last, span: steps[last].span, size: steps[last - 1].size });
      }
      const layer = Math.min(state.layer, layers.length);
      const unit = Math.min(state.unit, steps[layer].size - 1);
      if (!trace(layers.slice(0, layer), steps, chosen(unit, steps[layer]))[0].seen.length) {
        fail("blind", { layer });
      }
      return { ...state, stack: write(layers), layer, unit };
    }

    build() {
      const t = (key, values) => this.t(key, values);
      const { el } = ui;
      const box = (name, ...parts) => el("div", { class: name }, parts.flat());
      const side = (n) => t("side", { n });
      const slide = (name, max, call, text) =>
        ui.slider({
          label: t(name),
          min: +(name !== "unit"),
          max,
          value: 1,
          onInput: (value) => call({ [name]: value }),
          write: text,
        });
      const pick = (name, keys, call) =>
        ui.select({
          label: t(name),
          options: keys.map((key) => [key, t(key)]),
          onChange: (value) => call({ [name]: value }),
        });
      const go = (change) => this.update({ unit: -1, ...change });
      const load = ({ preset }) => {
        if (PRESETS[preset]) {
          go({ stack: PRESETS[preset][0], input: PRESETS[preset][1], layer: MOST });
        }
      };
      const of = (layer) => t("of", { layer, layers: this.state.stack.split("-").length });
      this.controls = {
        preset: pick("preset", [...Object.keys(PRESETS), "own"], load),
        input: slide("input", LARGEST, go, side),
        layer: slide("layer", MOST, go, of),
        unit: slide("unit", LARGEST, go, (unit) => t("place", { unit })),
      };
      /* Put `added` in place of `gone` layers at the chosen one, or after it. */
      const splice = (after, gone, ...added) => {
        const layers = parse(this.state.stack);
        layers.splice(this.state.layer - 1 + after, gone, ...added);
        go({
          stack: write(layers),
          layer: Math.max(this.state.layer + after - (added.length ? 0 : 1), 1),
        });
      };
      const edit = (change) =>
        splice(0, 1, { ...parse(this.state.stack)[this.state.layer - 1], ...change });
      this.editors = {
        kind: pick("kind", ["c", "p"], (change) => edit({ dilation: 1, ...change })),
        kernel: slide("kernel", 11, edit, side),
        stride: slide("stride", 11, edit),
        dilation: slide("dilation", 4, edit),
        padding: pick("padding", ["valid", "same"], edit),
      };
      const buttons = [
        ["addc", () => splice(1, 0, ...parse("c3"))],
        ["addp", () => splice(1, 0, ...parse("p2"))],
        ["remove", () => splice(0, 1)],
      ].map(([key, call]) => ui.button(t(key), call));
      [this.strips, this.picture] = ["strips", "picture"].map((name) =>
        ui.svg("svg", {
          class: `course-plot course-${name}`,
          role: "img",
          "aria-label": t("strips"),
        }),
      );
      this.rows = el("tbody");
      [this.words, this.heading, this.editing] = [null, "course-title", null].map((name) =>
        el("p", { class: name }),
      );
      const head = [0, 1, 2, 3].map((i) => el("th", { scope: "col" }, t(`head${i}`)));
      const settings = (controls) =>
        box(
          "course-controls",
          Object.values(controls).map((one) => one.element),
        );
      return box(
        "course-field",
        settings(this.controls),
        box(
          "course-row course-plots",
          box("course-panel", el("p", { class: "course-title" }, t("strips")), this.strips),
          box("course-panel", this.heading, this.picture),
        ),
        box("course-notes", el("p", {}, t("legend"))),
        el("table", { class: "course-values" }, el("thead", {}, el("tr", {}, head)), this.rows),
        box("course-notes", this.words, this.editing),
        settings(this.editors),
        box("course-stepper", buttons),
      );
    }

    drawStrips(steps, fields) {
      const low = Math.min(0, fields[0].first);
      const high = Math.max(steps[0].size, fields[0].last + 1);
      const parts = [];
      const across = (x) => 24 + ((x - low) / (high - low)) * 312;
      const pitch = Math.min(Math.max(330 / fields.length, 17), 44);
      const height = Math.min(pitch / 2, 16);
      /* A unit lies under the middle of its field, as wide as the step to its neighbour. */
      const edge = (l, i) =>
        across(steps[l].start + i * steps[l].j + (steps[l].r - steps[l].j) / 2);
      const ends = (l) => [
        edge(l, fields[l].seen[0]),
        edge(l, fields[l].seen[fields[l].seen.length - 1] + 1),
      ];
      fields.forEach(({ seen, first, last }, l) => {
        const { size, j } = steps[l];
        const y = 4 + l * pitch;
        const bar = (from, to, name) =>
          parts.push(
            ui.svg("rect", {
              x: edge(l, from),
              y,
              width: edge(l, to + 1) - edge(l, from),
              height,
              class: `course-${name}`,
            }),
          );
        if (l) {
          const [[a, b], [c, d]] = [ends(l - 1), ends(l)];
          parts.unshift(
            ui.svg("path", {
              d: `M${a} ${y - pitch + height}H${b}L${d} ${y}H${c}z`,
              class: "course-cone",
            }),
          );
        }
        parts.push(
          ui.svg("text", { x: 19, y: y + height / 2 + 4, "text-anchor": "end" }, String(l)),
        );
        bar(0, size - 1, "strip");
        for (const [from, to] of runs(seen)) bar(from, to, "seen");
        if (across(j) - across(0) > 5) {
          parts.push(
            ui.svg("path", {
              d: Array.from({ length: size }, (_, i) => `M${edge(l, i)} ${y}v${height}`).join(""),
              class: "course-axis",
            }),
          );
        }
        if (first < 0 || last >= size) bar(first, last, "theory");
      });
      this.strips.setAttribute("viewBox", `0 0 340 ${fields.length * pitch}`);
      this.strips.replaceChildren(...parts);
    }

    drawPicture(n, { seen, first, last }) {
      const low = Math.min(0, first);
      const size = Math.max(n, last + 1) - low;
      const room = size / 60;
      const across = runs(seen);
      const square = (x, side, name) =>
        ui.svg("rect", { x, y: x, width: side, height: side, class: `course-${name}` });
      const filled = across.flatMap(([a, b]) =>
        across.map(([c, d]) => `M${c} ${a}H${d + 1}V${b + 1}H${c}z`),
      );
      const lines = n > 48 ? [] : Array.from({ length: n }, (_, i) => `M${i} 0V${n}M0 ${i}H${n}`);
      const path = (parts, name) => ui.svg("path", { d: parts.join(""), class: `course-${name}` });
      this.picture.setAttribute(
        "viewBox",
        `${low - room} ${low - room} ${size + 2 * room} ${size + 2 * room}`,
      );
      this.picture.replaceChildren(
        square(0, n, "strip"),
        path(filled, "seen"),
        path(lines, "thin"),
        square(first, last - first + 1, "theory"),
      );
    }

    render() {
      const { stack, input, layer } = this.state;
      const t = (key, values) => this.t(key, values);
      const layers = parse(stack);
      const steps = grow(layers, input);
      const now = layers[layer - 1];
      const { size, r } = steps[layer];
      const unit = chosen(this.state.unit, steps[layer]);
      const fields = trace(layers.slice(0, layer), steps, unit);
      const { seen: places } = fields[0];
      const [from, to] = [places[0], places[places.length - 1]];
      const preset =
        Object.keys(PRESETS).find((key) => PRESETS[key].join() === `${stack},${input}`) || "own";
      const seen = to - from + 1;
      this.controls.preset.set(preset);
      this.controls.input.set(input);
      this.controls.layer.set(layer, { max: layers.length });
      this.controls.unit.set(unit, { max: size - 1 });
      for (const [name, control] of Object.entries(this.editors)) control.set(now[name]);
      this.editors.dilation.input.disabled = now.kind === "p";
      this.editing.textContent = t("change", { layer });
      this.heading.textContent = t("picture", { seen, n: input });
      this.picture.setAttribute("aria-label", this.heading.textContent);
      this.drawStrips(steps, fields);
      this.drawPicture(input, fields[0]);
      const line = (marked, first, ...cells) =>
        ui.el(
          "tr",
          { "aria-current": marked && "true" },
          ui.el("th", { scope: "row" }, first),
          cells.map((one) => ui.el("td", {}, one)),
        );
      this.rows.replaceChildren(
        line(false, `0 ${t("head")}`, input, 1, 1),
        ...layers.map((one, l) => {
          const { kernel, stride, dilation } = one;
          const [was, is] = [steps[l], steps[l + 1]];
          const kind = t(one.kind === "c" ? "conv" : "pool");
          const what = [
            `${l + 1} ${kind} ${t("side", { n: kernel })}`,
            stride !== usual(one) && t("s", { stride }),
            dilation > 1 && t("d", { dilation }),
            one.padding === "same" && t("same"),
          ];
          return line(
            l === layer - 1,
            what.filter(Boolean).join(", "),
            is.size,
            `${was.r} + ${kernel - 1}·${dilation}·${was.j} = ${is.r}`,
            `${was.j}·${stride} = ${is.j}`,
          );
        }),
      );
      const other = now.stride > 1 ? 1 : 2;
      const field = (stride) =>
        layers.reduce(
          ([r, j], one) => [
            r + (one.kernel - 1) * one.dilation * j,
            j * (one === now ? stride : one.stride),
          ],
          [1, 1],
        )[0];
      this.words.textContent = t(layer < layers.length ? "later" : "ends", {
        layer,
        stride: now.stride,
        other,
        r,
        last: field(now.stride),
        changed: field(other),
      });
      this.say(
        t("say", {
          unit,
          layer,
          from,
          to,
          seen,
          cut: seen < r ? t("cut", { r }) : "",
          holes: places.length < seen ? t("holes", { count: places.length ** 2 }) : "",
        }),
      );
    }
  }

  ui.define("course-receptive-field", ReceptiveFieldFigure);
  return { PRESETS, parse, write, grow, trace, runs };
});
