/* The lower part of draw-a-digit: the preparation step by step, every map of every layer, the sum
   behind any number, and Grad-CAM. CourseDigitInside(figure) → {element, show(ink, prepared) → what
   the live region may say, by topic}. */
(function (root, make) {
  const inside = make(
    root,
    root.CourseUI || require("./ui.js"),
    root.CourseDigitNetwork || require("./digit-network.js"),
    root.CourseDigitPreprocess || require("./digit-preprocess.js"),
  );
  if (typeof module !== "undefined" && module.exports) module.exports = inside;
  else root.CourseDigitInside = inside;
})(typeof self !== "undefined" ? self : this, function (root, ui, network, preprocess) {
  "use strict";

  const TEXTS = {
    en: {
      steps: "What the network gets",
      drawn: "the drawing",
      boxed: "the drawing, and the box around it",
      scaled: "scaled into 20 × 20",
      given: "28 × 28 around the centre of mass (+)",
      plain: "all of it, scaled to 28 × 28",
      worth: "Move the digit, then switch the preparation off. What happens to the answer?",
      count:
        "All {n} test digits above, moved like this: {prepared} are read as labelled " +
        "with the preparation, {plain} without." +
        " (Where they were, {wrong} are misread: they were picked for that.)",
      inside: "Look inside: every layer, the sum behind each number, Grad-CAM",
      stage: "Layer",
      option: "{name}: {kind}, {shape}",
      rescale: "scaling",
      conv: "convolution",
      maxpool: "max pooling",
      affine: "batch normalisation",
      relu: "ReLU",
      dense: "dense",
      map: "Map",
      maps: "All maps of {name}. The slider chooses one.",
      colours: "Orange is positive, purple negative; full colour from ±{top} on.",
      grid: "Map {map} of {name}: choose a number",
      cell: "row {row}, column {column}: {value}",
      at: "Where {value} comes from: {name}, map {map}, row {row}, column {column}",
      row: "Row",
      column: "Column",
      from: "Input map",
      values: "Window",
      weights: "× weights",
      products: "= products",
      sum: "The {count} products add up to {sum}",
      part: "The products of input map {from} add up to {part}, those of all {n} maps to {sum}",
      bias: "; with the bias {bias} that is {value}",
      rescaleSays: "{x} × {weight} = {value}",
      affineSays: "{x} × {weight} + {bias} = {value}",
      maxpoolSays: "The largest of the window is {value}",
      reluSays: "max(0, {x}) = {value}",
      then: "Then {steps}.",
      softmax: "softmax over all ten gives {share} for the digit {digit}",
      cam: "Grad-CAM: what spoke for",
      best: "the answer",
      camMap: "Grad-CAM of the digit {digit}",
      camSays:
        "Orange: where the last maps spoke for the digit {digit}, most of all in the " +
        "{vertical} {horizontal}." +
        " They have {rows} × {columns} places, enlarged here.",
      camNone: "Nothing in the last maps spoke for the digit {digit}.",
      vertical: "upper,middle,lower",
      horizontal: "left,centre,right",
      time: "Measure the time",
      took: "{ms} ms for a forward pass (mean of {n})",
    },
  };
  const { el, format } = ui;
  const { samples } = network;
  const names = network.layers.map(({ name }) => name);
  const SIDE = 140;
  const TILE = 80;
  const PASSES = 20;
  const percent = (share) => `${format(100 * share, 1)} %`;
  const number = (value) => format(value, 3);
  const most = (values) => values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-9);

  return function attach(figure) {
    for (const [language, words] of Object.entries(TEXTS)) {
      Object.assign(figure.constructor.texts[language], words);
    }
    const t = (key, values) => figure.t(key, values);
    const change = (changes) => figure.act("sum", changes);
    const canvas = (width, height, properties) =>
      el("canvas", { width, height, role: "img", ...properties });
    const small = () => el("p", { class: "course-small" });
    const title = (text) => el("p", { class: "course-title" }, text);
    const panel = (...children) => el("section", { class: "course-panel" }, ...children);
    const row = (...children) => el("div", { class: "course-row" }, ...children);

    const step = (key) =>
      el(
        "figure",
        {},
        canvas(280, 280, { "aria-label": t(key) }),
        el("figcaption", { class: "course-small" }, t(key)),
      );
    const steps = ["drawn", "scaled", "given"].map(step);
    const worth = small();
    let counted = null;

    const layerList = ui.select({
      label: t("stage"),
      value: "conv1",
      onChange: (stage) => {
        const [rows, columns] = current().shape;
        const { row: r, column: c } = figure.state;
        const { shape } = figure.result.layers[names.indexOf(stage)];
        change({
          stage,
          from: 0,
          row: Math.floor((r * shape[0]) / rows),
          column: Math.floor((c * shape[1]) / columns),
        });
      },
      options: figure.model.layers.map(({ name, kind, shape }) => [
        name,
        t("option", { name, kind: t(kind), shape: shape.join(" × ") }),
      ]),
    });
    const mapSlider = ui.slider({
      label: t("map"),
      min: 1,
      max: 64,
      value: 1,
      onInput: (map) => change({ map }),
    });
    const fromSlider = ui.slider({
      label: t("from"),
      min: 1,
      max: 64,
      value: 1,
      onInput: (from) => change({ from }),
    });
    const mosaic = canvas(8 * TILE, TILE, {
      class: "course-mosaic",
      onclick: ({ offsetX, offsetY }) => {
        const map =
          1 +
          Math.floor((offsetX * 8) / mosaic.clientWidth) +
          8 * Math.floor((offsetY * 8) / mosaic.clientWidth);
        if (map <= current().shape[2]) change({ map });
      },
    });
    const colours = small();
    const gridTitle = title("");
    const sumTitle = title("");
    const sumSays = el("p");
    const grid = ui.grid({
      label: "",
      rows: 1,
      columns: 1,
      onMove: (r, c) => change({ row: r, column: c }),
    });
    grid.element.classList.add("course-map");
    /* On the narrowest screens a map scrolls in a box of its own, with room for the focus. */
    const mapBox = el("div", { style: "overflow-x: auto; padding: 4px" }, grid.element);
    /* Where cells are too small for a finger, there are sliders too. */
    const places = ["row", "column"].map((name) =>
      ui.slider({
        label: t(name),
        min: 0,
        max: 27,
        value: 0,
        onInput: (value) => change({ [name]: value }),
      }),
    );
    const windows = ["values", "weights", "products"].map((key) => {
      const one = ui.grid({ label: t(key), rows: 1, columns: 1 });
      return { grid: one, element: panel(title(t(key)), one.element) };
    });

    const classes = [
      ["best", t("best")],
      ...Array.from({ length: 10 }, (_, digit) => [digit, String(digit)]),
    ];
    const camClass = ui.select({
      label: t("cam"),
      options: classes,
      value: "best",
      onChange: (digit) => figure.act("cam", { digit }),
    });
    const camPicture = canvas(336, 336, { class: "course-cam" });
    const camSays = small();
    const took = el("span", { class: "course-small" });
    const time = ui.button(t("time"), () => {
      const start = root.performance.now();
      for (let i = 0; i < PASSES; i++) figure.model.forward(figure.result.pixels);
      const ms = format((root.performance.now() - start) / PASSES, 1);
      took.textContent = ` ${t("took", { ms, n: PASSES })}`;
    });

    const details = el(
      "details",
      {
        ontoggle: () => {
          if (details.open !== Boolean(figure.state.inside)) {
            change({ inside: Number(details.open) });
          }
        },
      },
      el("summary", {}, t("inside")),
      row(layerList.element, mapSlider.element),
      row(
        panel(title(t("map")), mosaic, colours),
        panel(gridTitle, mapBox, ...places.map((one) => one.element)),
      ),
      sumTitle,
      fromSlider.element,
      el(
        "div",
        { class: "course-row course-window" },
        windows.map(({ element }) => element),
      ),
      sumSays,
      row(camPicture, panel(camClass.element, camSays)),
      time,
      took,
    );
    const element = el(
      "div",
      {},
      title(t("steps")),
      el("div", { class: "course-steps-three" }, steps),
      worth,
      details,
    );

    const current = () => figure.result.layers[names.indexOf(figure.state.stage)];

    function showSteps(ink, { box, scaled, mass, shift: moved, pixels }) {
      const { prepare, shift } = figure.state;
      const [drawn, middle, given] = steps;
      const { css } = figure.colours["--mark"];
      figure.paint(drawn.firstChild, SIDE, SIDE, (at) => ink[at] / 255);
      figure.paint(given.firstChild, 28, 28, (at) => pixels[at] / 255);
      drawn.lastChild.textContent = t(box ? "boxed" : "drawn");
      given.lastChild.textContent = t(prepare ? "given" : "plain");
      middle.hidden = !prepare;
      figure.paint(middle.firstChild, 20, 20, (at) => {
        const column = at % 20;
        const row = (at - column) / 20;
        return box && row < scaled.rows && column < scaled.columns
          ? scaled.pixels[row * scaled.columns + column] / 255
          : 0;
      });
      if (box) {
        const frame = drawn.firstChild.getContext("2d");
        const cross = given.firstChild.getContext("2d");
        const [x, y] = [mass.column + moved.column + 0.5, mass.row + moved.row + 0.5].map(
          (side) => side * 10,
        );
        [frame.strokeStyle, frame.lineWidth, cross.fillStyle] = [css, 4, css];
        frame.strokeRect(box.left * 2, box.top * 2, box.columns * 2, box.rows * 2);
        cross.fillRect(x - 16, y - 2, 32, 4);
        cross.fillRect(x - 2, y - 16, 4, 32);
      }
      if (counted === shift) return;
      counted = shift;
      worth.textContent = t("worth");
      figure.dataset.busy = shift ? "yes" : "no";
      if (shift) count(shift);
    }

    /* How many samples are read as labelled, both ways; one at a time, so that nothing stalls. */
    async function count(shift) {
      const right = { toMnist: 0, plain: 0 };
      for (const [i, { label }] of samples.entries()) {
        await new Promise((done) => root.setTimeout(done));
        if (counted !== shift) return;
        for (const way of Object.keys(right)) {
          const { logits } = figure.model.forward(
            preprocess[way](figure.enlarge(i, shift), SIDE, SIDE).pixels,
          );
          right[way] += logits[label] === Math.max(...logits);
        }
      }
      const wrong = samples.filter((one) => one.label !== one.predicted).length;
      worth.textContent = t("count", {
        prepared: right.toMnist,
        plain: right.plain,
        n: samples.length,
        wrong,
      });
      figure.dataset.busy = "no";
    }

    function fill(table, rows, columns, value, { top, cell, digits, chosen }) {
      if (String(table.size()) !== String([rows, columns])) table.resize(rows, columns);
      table.element.style.setProperty("--cell", `${cell}px`);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const x = value(i * columns + j);
          table.set(i, j, {
            text: cell < 20 ? "" : format(x, digits),
            share: x / top,
            classes: String([i, j]) === chosen ? "window" : "",
            name: t("cell", { row: i, column: j, value: format(x) }),
          });
        }
      }
    }

    function showMaps() {
      const { stage, map: chosen, row: r, column: c } = figure.state;
      const {
        name,
        shape: [rows, columns, maps],
        values,
      } = current();
      // One outlier shall not pale the rest.
      const top = values.map(Math.abs).sort()[Math.floor(0.99 * values.length)] || 1;
      const context = mosaic.getContext("2d");
      layerList.set(stage);
      mapSlider.set(chosen, { max: maps });
      mosaic.height = TILE * Math.ceil(maps / 8);
      mosaic.setAttribute("aria-label", t("maps", { name }));
      for (let map = 0; map < maps; map++) {
        const tile = [(map % 8) * TILE + 4, Math.floor(map / 8) * TILE + 4, TILE - 8, TILE - 8];
        figure.paint(
          mosaic,
          columns,
          rows,
          () => 0,
          (at) => values[at * maps + map] / top,
          tile,
        );
        [context.strokeStyle, context.lineWidth] =
          map === chosen - 1
            ? [figure.colours["--mark"].css, 8]
            : [figure.colours["--pst-color-border"].css, 1];
        context.strokeRect(...tile);
      }
      colours.textContent = t("colours", { top: format(top) });
      gridTitle.textContent = t("grid", { map: chosen, name });
      grid.label(gridTitle.textContent);
      const cell = Math.min(36, Math.floor(312 / columns) - 1);
      places.forEach((one, axis) => {
        one.element.hidden = cell >= 24;
        one.set([r, c][axis], { max: [rows, columns][axis] - 1 });
      });
      fill(grid, rows, columns, (at) => values[at * maps + chosen - 1], {
        top,
        cell,
        digits: 1,
        chosen: String([r, c]),
      });
      grid.stop(r, c, grid.element.contains(root.document.activeElement));
    }

    /* The sum behind the chosen number, and what the layers up to the next sum make of it. */
    function showSum() {
      const { stage, map, row: r, column: c, from: wanted } = figure.state;
      const n = names.indexOf(stage);
      const { layers, probabilities } = figure.result;
      const { kind, value, bias, terms } = figure.model.explain(figure.result, n, r, c, map - 1);
      const parts = new Map();
      for (const { channel, product } of terms) {
        parts.set(channel, (parts.get(channel) || 0) + product);
      }
      const summed = kind === "conv" || kind === "dense";
      const many = parts.size > 1;
      const strongest = [...parts].reduce((a, b) => (Math.abs(b[1]) > Math.abs(a[1]) ? b : a))[0];
      const from = many && wanted ? wanted - 1 : strongest;
      const shown = terms.filter(({ channel }) => channel === from);
      const side = Math.sqrt(shown.length);
      fromSlider.element.hidden = !many;
      fromSlider.set(from + 1, { max: parts.size });
      sumTitle.textContent = t("at", { value: number(value), name: stage, map, row: r, column: c });
      windows.forEach((one, i) => {
        one.element.hidden = i ? !summed : side < 2;
        const numbers = shown.map((term) => [term.value, term.weight, term.product][i]);
        if (!one.element.hidden) {
          fill(one.grid, side, side, (at) => numbers[at], {
            top: most(numbers),
            cell: 36,
            digits: 2,
          });
        }
      });
      const sum = [...parts.values()].reduce((a, b) => a + b);
      const given = {
        x: terms[0].value,
        weight: terms[0].weight,
        bias,
        value,
        sum,
        part: parts.get(from),
      };
      for (const key of Object.keys(given)) given[key] = number(given[key]);
      Object.assign(given, { count: terms.length, from: from + 1, n: parts.size });
      const says =
        t(summed ? (many ? "part" : "sum") : `${kind}Says`, given) +
        (summed && bias ? t("bias", given) : "");
      const after = [];
      if (kind === "dense") {
        after.push(t("softmax", { share: percent(probabilities[map - 1]), digit: map - 1 }));
      }
      let [i, j] = [r, c];
      for (const layer of layers.slice(n + 1)) {
        const [rows, columns, maps] = layer.shape;
        if (layer.kind === "conv" || layer.kind === "dense") break;
        if (layer.kind === "maxpool") [i, j] = [i >> 1, j >> 1];
        if (i < rows && j < columns) {
          after.push(`${layer.name}: ${number(layer.values[(i * columns + j) * maps + map - 1])}`);
        }
      }
      const then = after.length ? t("then", { steps: after.join(" → ") }) : "";
      sumSays.textContent = `${says}. ${then}`;
      return `${sumTitle.textContent}. ${sumSays.textContent}`;
    }

    function showCam() {
      const digit = figure.state.digit === "best" ? figure.answer : figure.state.digit;
      const { map, rows, columns, upsampled } = figure.model.gradCam(figure.result, digit);
      const top = Math.max(...map);
      const at = map.indexOf(top);
      const third = (key, place, n) => t(key).split(",")[Math.floor((place * 3) / n)];
      camClass.set(figure.state.digit);
      figure.paint(
        camPicture,
        28,
        28,
        (i) => figure.result.pixels[i] / 255,
        (i) => (top ? (0.8 * upsampled[i]) / top : 0),
      );
      camPicture.setAttribute("aria-label", t("camMap", { digit }));
      const vertical = third("vertical", Math.floor(at / columns), rows);
      const horizontal = third("horizontal", at % columns, columns);
      return (camSays.textContent = t(top ? "camSays" : "camNone", {
        digit,
        vertical,
        horizontal,
        rows,
        columns,
      }));
    }

    function show(ink, prepared) {
      showSteps(ink, prepared);
      details.open = figure.state.inside;
      if (!details.open) return {};
      showMaps();
      return { sum: showSum(), cam: showCam() };
    }
    return { element, show };
  };
});
