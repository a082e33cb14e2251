/* Draw a digit, and see what a trained network reads. What happens on the way is in
   digit-inside.js. */
(function (root, make) {
  const node = typeof module !== "undefined" && module.exports;
  const figure = make(
    root,
    root.CourseUI || require("./ui.js"),
    root.CourseDigitNetwork || require("./digit-network.js"),
    root.CourseDigitModel || require("./digit-model.js"),
    root.CourseDigitPreprocess || require("./digit-preprocess.js"),
    root.CourseDigitInside || require("./digit-inside.js"),
  );
  if (node) module.exports = figure;
})(
  typeof self !== "undefined" ? self : this,
  function (root, ui, network, digitModel, preprocess, inside) {
    "use strict";

    const TEXTS = {
      en: {
        draw: "Draw a digit here",
        pad: "Drawing area",
        clear: "Clear",
        undo: "Undo stroke",
        full: "The drawing is full: undo a stroke, or clear it.",
        hint:
          "By keyboard: arrow keys move the pen (with Shift further), space puts it " +
          "down or lifts it.",
        pen: "row {row}, column {column}, pen {pen}",
        up: "up",
        down: "down",
        answer: "What the network reads",
        reads: "It reads {digit} ({share}), then {next} ({second}).",
        missed: "The label says {label}.",
        empty:
          "Nothing is drawn yet. The network would still say {digit} ({share}): it " +
          "has no answer for “no digit”.",
        samples: "Or take a test digit (dashed: label → what it reads instead)",
        right: "{label}",
        wrong: "{label}, which it reads as {predicted}",
        prepare: "Prepare it as MNIST was made",
        shift: "Move it diagonally",
      },
    };
    const SIDE = 140;
    const PIXEL = 5;
    const RADIUS = 6;
    const MOST = 1500; // of a drawing: its side, a pixel of MNIST in it, the pen, points at most
    const ten = [...Array(10).keys()];
    const layerNames = network.layers.map(({ name }) => name);
    function checkbox({ label, value, onChange }) {
      const input = ui.el("input", { type: "checkbox", onchange: () => onChange(input.checked) });
      const set = (next) => {
        input.checked = next;
      };
      set(value);
      return {
        element: ui.el("label", { class: "course-control course-check" }, input, label),
        input,
        set,
      };
    }
    const limit = (value, end) => Math.min(Math.max(Math.round(value), 0), end - 1);
    const pointsOf = (strokes) => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    const xy = (point) => [point % SIDE, Math.floor(point / SIDE)];

    /* Ink 0…255 of strokes. A point is y · SIDE + x; the pen's edge fades over one pixel. */
    function rasterise(strokes, shift = 0) {
      const ink = new Uint8Array(SIDE * SIDE);
      const by = shift * PIXEL;
      for (const stroke of strokes) {
        stroke.forEach((point, i) => {
          const [x, y] = xy(point);
          const [px, py] = xy(stroke[Math.max(i - 1, 0)]);
          const [dx, dy] = [px - x, py - y];
          const length = dx * dx + dy * dy || 1;
          const range = (a, b) => [
            Math.max(Math.min(a, b) - RADIUS + by, 0),
            Math.min(Math.max(a, b) + RADIUS + by, SIDE - 1),
          ];
          const [[left, right], [top, bottom]] = [range(x, px), range(y, py)];
          for (let row = top; row <= bottom; row++) {
            for (let column = left; column <= right; column++) {
              const [cx, cy] = [column - by - x, row - by - y];
              const along = Math.min(Math.max((cx * dx + cy * dy) / length, 0), 1);
              const share = Math.min(
                Math.max(RADIUS + 0.5 - Math.hypot(cx - along * dx, cy - along * dy), 0),
                1,
              );
              const at = row * SIDE + column;
              ink[at] = Math.max(ink[at], share * 255);
            }
          }
        });
      }
      return ink;
    }

    /* A picture of 28 × 28 as a drawing. */
    function enlarge(pixels, shift = 0) {
      const ink = new Uint8Array(SIDE * SIDE);
      const inside = (side) => side >= 0 && side < SIDE;
      for (let y = 0; y < SIDE; y++) {
        for (let x = 0, by = shift * PIXEL; x < SIDE; x++) {
          if (inside(y + by) && inside(x + by)) {
            ink[(y + by) * SIDE + x + by] =
              pixels[Math.floor(y / PIXEL) * 28 + Math.floor(x / PIXEL)];
          }
        }
      }
      return ink;
    }

    /* Strokes in a link: three digits of base 36 a point, a dot between strokes. */
    const strokesKind = {
      initial: [],
      write: (strokes) =>
        strokes
          .map((stroke) => stroke.map((point) => point.toString(36).padStart(3, "0")).join(""))
          .join("."),
      read: (text) =>
        (text ? text.split(".") : []).map((part) => {
          const points = (part.match(/.{1,3}/g) || [""]).map((digits) =>
            /^[0-9a-z]{3}$/.test(digits) ? parseInt(digits, 36) : NaN,
          );
          if (!points.every((point) => point < SIDE * SIDE)) {
            throw new RangeError(`strokes=${text.slice(0, 12)}…`);
          }
          return points;
        }),
    };

    class DrawADigit extends ui.Figure {
      static texts = TEXTS;
      static fields = {
        sample: ui.oneOf([...network.samples.keys(), "none"], 7),
        strokes: strokesKind,
        prepare: ui.whole(0, 1, 1),
        shift: ui.whole(-5, 5, 0),
        inside: ui.whole(0, 1, 0),
        stage: ui.oneOf(layerNames, "conv1"),
        map: ui.whole(1, 64, 1),
        row: ui.whole(0, 27, 6),
        column: ui.whole(0, 27, 11),
        from: ui.whole(0, 64, 0), // the input map whose products are shown, 0 for the strongest
        digit: ui.oneOf(["best", ...ten]),
      };

      /* Made when first needed, so that a damaged network is told in the figure. */
      get model() {
        return (this.made = this.made || digitModel.create(network));
      }

      settle(state) {
        if (pointsOf(state.strokes) > MOST) throw new RangeError(this.t("full"));
        const at = layerNames.indexOf(state.stage);
        const { layers } = this.model;
        const [rows, columns, maps] = layers[at].shape;
        const least = (name, most) => Math.min(state[name], most);
        return {
          ...state,
          sample: state.strokes.length ? "none" : state.sample,
          row: least("row", rows - 1),
          column: least("column", columns - 1),
          map: least("map", maps),
          from: least("from", at ? layers[at - 1].shape[2] : 1),
        };
      }

      enlarge(sample, shift) {
        return enlarge(this.pictures[sample], shift);
      }

      /* What the reader did, and on which topic the live region answers. */
      act(topic, changes) {
        this.topic = topic;
        this.update(changes);
      }

      build() {
        const t = (key, values) => this.t(key, values);
        const { el, button } = ui;
        const act = (changes) => this.act("answer", changes);
        const canvas = (size, properties) =>
          el("canvas", { width: size, height: size, ...properties });
        const panel = (name, title, ...children) =>
          el(
            "section",
            { class: `course-panel course-${name}` },
            el("p", { class: "course-title" }, title),
            ...children,
          );
        this.pictures = network.samples.map(({ pixels }) => digitModel.decode(pixels, "uint8"));
        this.scratch = el("canvas");

        const hint = el(
          "p",
          { id: ui.unique("hint"), class: "course-small course-keyboard" },
          t("hint"),
        );
        this.pad = canvas(280, {
          role: "application",
          tabindex: 0,
          "aria-label": t("pad"),
          "aria-describedby": hint.id,
          class: "course-pad course-drawable course-drawing",
        });
        this.listen();
        const undo = button(t("undo"), () => act({ strokes: this.state.strokes.slice(0, -1) }));
        const clear = button(t("clear"), () => act({ strokes: [], sample: "none" }));
        this.verdict = el("p");
        this.bars = ten.map((digit) =>
          el("li", {}, el("b", {}, String(digit)), el("i"), el("span")),
        );

        const group = ui.unique("sample");
        this.samples = network.samples.map(({ label, predicted }, sample) => {
          const right = label === predicted;
          const name = t(right ? "right" : "wrong", { label, predicted });
          const input = el("input", {
            type: "radio",
            name: group,
            "aria-label": name,
            onchange: () => act({ sample, strokes: [] }),
          });
          return [
            input,
            canvas(28),
            el("span", {}, right ? String(label) : `${label} → ${predicted}`),
          ];
        });
        const samples = this.samples.map((parts, i) =>
          el(
            "label",
            { class: network.samples[i].label !== network.samples[i].predicted && "wrong" },
            parts,
          ),
        );

        this.prepare = checkbox({
          label: t("prepare"),
          value: true,
          onChange: (on) => act({ prepare: Number(on) }),
        });
        this.shift = ui.slider({
          label: t("shift"),
          min: -5,
          max: 5,
          value: 0,
          write: (value) => `${ui.format(value)} px`,
          onInput: (shift) => act({ shift }),
        });
        new MutationObserver(() => {
          this.colours = null;
          this.show();
        }).observe(root.document.documentElement, { attributeFilter: ["data-theme"] });
        const lower = inside(this);
        this.showRest = lower.show;
        return el(
          "div",
          {},
          el(
            "div",
            { class: "course-row" },
            panel(
              "paper",
              t("draw"),
              this.pad,
              el("div", { class: "course-stepper" }, undo, clear),
              hint,
            ),
            panel(
              "answer",
              t("answer"),
              this.verdict,
              el("ul", { class: "course-bars" }, this.bars),
            ),
          ),
          el(
            "fieldset",
            {},
            el("legend", { class: "course-title" }, t("samples")),
            el("div", { class: "course-samples" }, samples),
          ),
          el("div", { class: "course-row" }, this.prepare.element, this.shift.element),
          lower.element,
        );
      }

      /* Drawing by one pointer, or by keyboard: there the pen stands on pixels of 28 × 28. */
      listen() {
        const { pad } = this;
        const pen = (this.pen = { row: 6, column: 14, down: false });
        const move = {
          ArrowUp: [-1, 0],
          ArrowDown: [1, 0],
          ArrowLeft: [0, -1],
          ArrowRight: [0, 1],
        };
        const point = (x, y) => {
          const by = this.state.shift * PIXEL;
          return limit(y - by, SIDE) * SIDE + limit(x - by, SIDE);
        };
        const onPen = () => point((pen.column + 0.5) * PIXEL, (pen.row + 0.5) * PIXEL);
        const under = ({ clientX, clientY }) => {
          const { left, top, width, height } = pad.getBoundingClientRect();
          return point(((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE);
        };
        const commit = () => {
          root.cancelAnimationFrame(this.asked);
          this.asked = null;
          if (this.stroke) this.update({ strokes: [...this.before, [...this.stroke]] });
        };
        /* Whether there is room for a stroke; if so, it begins. */
        const start = (at) => {
          if (pointsOf(this.state.strokes) >= MOST) return false;
          [this.before, this.stroke] = [this.state.strokes, [at]];
          commit();
          return true;
        };
        const extend = (at) => {
          if (!this.stroke || pointsOf(this.before) + this.stroke.length >= MOST) return;
          const [x, y] = xy(at);
          const [lastX, lastY] = xy(this.stroke[this.stroke.length - 1]);
          if (Math.hypot(x - lastX, y - lastY) < 3) return;
          this.stroke.push(at);
          this.asked = this.asked || root.requestAnimationFrame(commit);
        };
        const end = () => {
          this.topic = "answer";
          commit();
          [this.pressed, this.stroke, pen.down] = [false, null, false];
          this.show();
        };
        ui.pointing(pad, {
          draws: () => true,
          act: (event, started) => {
            const between = started ? [] : event.getCoalescedEvents();
            if (event.type === "click") return; // without a pointer, that of a screen reader
            if (started && pen.down) end();
            this.pressed = true;
            if (started) start(under(event));
            else for (const one of between.length ? between : [event]) extend(under(one));
          },
          ends: end,
        });
        const listeners = {
          focus: () => {
            if (pad.matches(":focus-visible")) this.topic = "pen";
            this.show();
          },
          blur: () => {
            if (pen.down) end();
            else this.show();
          },
          keydown: (event) => {
            const far = event.shiftKey ? 4 : 1;
            const by = move[event.key];
            if (!by && event.key !== " " && !(event.key === "Escape" && pen.down)) return;
            event.preventDefault();
            if (!by && pen.down) return end();
            this.topic = "pen";
            if (by) {
              [pen.row, pen.column] = [
                limit(pen.row + by[0] * far, 28),
                limit(pen.column + by[1] * far, 28),
              ];
            } else pen.down = start(onPen());
            if (by && pen.down) extend(onPen());
            this.show();
          },
        };
        for (const [name, listener] of Object.entries(listeners)) {
          pad.addEventListener(name, listener);
        }
      }

      render() {
        const { sample, strokes, shift, prepare } = this.state;
        if (!this.colours) this.recolour();
        const ink = sample === "none" ? rasterise(strokes, shift) : this.enlarge(sample, shift);
        const empty = !ink.some(Boolean);
        const steps = empty
          ? { pixels: new Float32Array(784) }
          : preprocess[prepare ? "toMnist" : "plain"](ink, SIDE, SIDE);
        this.result = this.model.forward(steps.pixels);
        this.samples.forEach(([input], i) => {
          input.checked = i === sample;
        });
        const said = { pen: this.showPad(ink), answer: this.showAnswer(empty) };
        this.prepare.set(prepare === 1);
        this.shift.set(shift);
        Object.assign(said, this.showRest(ink, steps));
        if (!this.pressed) this.say(said[this.topic] || said.answer);
        if (pointsOf(strokes) >= MOST) throw new RangeError(this.t("full"));
      }

      showPad(ink) {
        const { pad, pen } = this;
        const context = pad.getContext("2d");
        const scale = pad.width / 28;
        this.paint(pad, SIDE, SIDE, (at) => ink[at] / 255);
        if (!this.pressed && pad.matches(":focus-visible")) {
          context.beginPath();
          context.arc(
            (pen.column + 0.5) * scale,
            (pen.row + 0.5) * scale,
            (RADIUS / PIXEL) * scale,
            0,
            7,
          );
          context.lineWidth = 3;
          context.strokeStyle = context.fillStyle = this.colours["--mark"].css;
          if (pen.down) context.fill();
          else context.stroke();
        }
        return this.t("pen", {
          row: pen.row,
          column: pen.column,
          pen: this.t(pen.down ? "down" : "up"),
        });
      }

      showAnswer(empty) {
        const { probabilities } = this.result;
        const share = (digit) => `${ui.format(100 * probabilities[digit], 1)} %`;
        const [digit, next] = [...ten].sort((a, b) => probabilities[b] - probabilities[a]);
        const sample = network.samples[this.state.sample];
        this.answer = digit;
        this.bars.forEach((item, i) => {
          item.style.setProperty("--share", empty ? 0 : probabilities[i]);
          item.className = i === digit && !empty ? "best" : "";
          item.lastChild.textContent = empty ? "–" : share(i);
        });
        const words = this.t(empty ? "empty" : "reads", {
          digit,
          share: share(digit),
          next,
          second: share(next),
        });
        return (this.verdict.textContent =
          sample && sample.label !== digit ? `${words} ${this.t("missed", sample)}` : words);
      }

      /* The page's colours, in whatever notation: as CSS, and as numbers. */
      recolour() {
        const context = this.scratch.getContext("2d", { willReadFrequently: true });
        this.colours = Object.fromEntries(
          [
            "--paper",
            "--plus",
            "--minus",
            "--pst-color-text-base",
            "--mark",
            "--pst-color-border",
          ].map((name) => {
            const css = root.getComputedStyle(this).getPropertyValue(name).trim();
            context.fillStyle = css;
            context.fillRect(0, 0, 1, 1);
            return [name, { css, rgb: [...context.getImageData(0, 0, 1, 1).data] }];
          }),
        );
        this.samples.forEach(([, picture], i) =>
          this.paint(picture, 28, 28, (at) => this.pictures[i][at] / 255),
        );
      }

      /* A picture into a canvas, or into a part of it: of each pixel the share 0…1 of ink, and −1…1
         of the colours of signs. */
      paint(canvas, width, height, ink, sign, place = [0, 0, canvas.width, canvas.height]) {
        const { scratch } = this;
        const context = scratch.getContext("2d");
        const target = canvas.getContext("2d");
        const [paper, plus, minus, text] = Object.values(this.colours).map(({ rgb }) => rgb);
        Object.assign(scratch, { width, height });
        const image = context.createImageData(width, height);
        const { data } = image;
        for (let at = 0; at < width * height; at++) {
          const black = ink(at);
          const share = sign ? sign(at) : 0;
          const tint = share < 0 ? minus : plus;
          const much = Math.abs(share);
          for (let c = 0; c < 3; c++) {
            data[4 * at + c] =
              (paper[c] * (1 - black) + text[c] * black) * (1 - much) + tint[c] * much;
          }
          data[4 * at + 3] = 255;
        }
        context.putImageData(image, 0, 0);
        target.imageSmoothingEnabled = width === SIDE;
        target.drawImage(scratch, ...place);
      }
    }

    ui.define("course-draw-a-digit", DrawADigit);
    return { rasterise, enlarge, strokesKind, SIDE, PIXEL };
  },
);
