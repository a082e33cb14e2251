/* X or O: a letter on its way from 81 pixels to two votes. */
(function (root, make) {
  const figure = make(root.CourseCore || require("./core.js"), root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseXo = figure;
})(typeof self !== "undefined" ? self : this, function (core, ui) {
  "use strict";

  const TEXTS = {
    en: {
      match: "1 Match",
      map: "2 Feature map",
      relu: "3 ReLU",
      pool: "4 Pool",
      again: "5 Pool again",
      vote: "6 Vote",
      stage: "Steps",
      letter: "Picture",
      own: "Draw",
      clear: "Clear",
      preset: "Change",
      plain: "none",
      shifted: "1 down, 1 right",
      right: "2 right",
      small: "80 % in size",
      turned: "turned 30°",
      thick: "thick",
      moved: "thick, 1 right",
      noisy: "noisy",
      feature: "Feature",
      falling: "╲ falling",
      crossing: "✕ crossing",
      rising: "╱ rising",
      matchDo: "Multiply window and feature pixel by pixel, sum, divide by 9.",
      mapDo: "Match everywhere; write each result where it was found. ▶| shows all.",
      reluDo: "Negative entries become 0.",
      poolDo: "Keep the largest entry of each 2×2 window. At the border, windows are partial.",
      againDo: "One number is left of each quarter.",
      voteDo:
        "Flatten the maps. A letter’s vote is the mean over the entries that, with " +
        "these features, are larger in its own, unchanged picture.",
      tip: "Tap: move the window.",
      tipKeys: " Or use the arrow keys.",
      tipDraw: "Draw here; a stroke that begins on ink erases.",
      tipDrawKeys: " Space sets or erases a pixel.",
      edit: "Tap a feature’s pixel: its sign changes.",
      cell: "row {row}, column {column}: {value}",
      empty: "not yet",
      padding: "outside",
      window: "Window",
      products: "Products",
      over: "Feature map, in ninths",
      rectified: "After ReLU",
      once: "Pooled",
      twice: "Pooled twice",
      matchSay:
        "Window at ({row}, {column}): hits {hits}, misses {misses}, sum {sum}, match {match}.",
      reluSay: "At ({row}, {column}): max(0, {sum}/9) = {most}.",
      poolSay: "{partial}The largest of {entries} is {most}.",
      partial: "Partial window. ",
      entry: "Entry",
      weight: "Weight",
      mean: "{letter}: ({sum}) / ({count} · 9) = {vote}",
      undecided: "No verdict: a letter is without votes.",
      tie: "Too close to call: both votes are {a}.",
      wins: "{winner} has the larger vote: {a} against {b}.",
      close: " Less than 1/9 apart: too close to call.",
      neither: " Blank paper gets {paper}: “neither” would be honest.",
      blank: "The picture is blank: draw, or choose X or O.",
    },
  };

  /* The pictures that datasets.draw_letter makes, in the form of ui.bits. */
  const PRESETS = ["plain", "shifted", "right", "small", "turned", "thick", "moved", "noisy"];
  const PICTURES = {
    X: `002088828080a08882000 0000082220a0202822208 00080220a020282220000 000008828080a08800000
      0402011d01c05c4020100 4171ddc7c1c1f1ddc7410 20b8cee3e0e0f8eee3208 303480828080249a82000`,
    O: `000e08882412088838000 0000038222090482220e0 00038222010080220e000 000007044221107000000
      000e08882412088838000 1c1f1fdc7e3f1dfc7c1c0 0e0f8fee371b8cfe3e0e0 301a008824128c9a38000`,
  };
  const LETTERS = ["X", "O"];
  const NAMES = ["falling", "crossing", "rising"];
  const STAGES = Object.keys(TEXTS.en).slice(0, 6);
  const KERNELS = [..."+---+---++-+-+-+-+--+-+-+--"].map((sign) => +`${sign}1`);
  /* The maps: title, side, and how often pooled. An entry stands for 1, 2 or 4 rows and columns. */
  const MAPS = [
    ["over", 7, 0],
    ["rectified", 7, 0],
    ["once", 4, 1],
    ["twice", 2, 2],
  ];
  const { el, button, format } = ui;
  const bits = ui.bits(81, Array(81).fill(0));
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
  const divide = (at, side) => [Math.floor(at / side), at % side];
  const put = (list, at, value) => list.map((old, i) => (i === at ? value : old));

  const signed = (pixels) => pixels.map((bit) => 2 * bit - 1);
  const picture = (name, preset = "plain") =>
    signed(bits.read(PICTURES[name].split(/\s+/)[PRESETS.indexOf(preset)]));
  const kernel = (kernels, f) => kernels.slice(9 * f, 9 * f + 9);

  /* Of each feature [map, ReLU, pooled, pooled twice]. */
  const forward = (pixels, kernels) =>
    NAMES.map((_, f) => {
      const map = core.conv2d(
        core.tensor([9, 9, 1], pixels),
        core.tensor([3, 3, 1, 1], kernel(kernels, f)),
      );
      const relu = core.relu(map);
      const once = core.pool(relu, 2, { padding: "same" });
      return [map, relu, once, core.pool(once, 2)].map(({ values }) => [...values]);
    });

  /* Entries that are larger in a letter's own picture vote for it. A vote is [sum, 9 · entries]. */
  function vote(pixels, kernels) {
    const [vector, x, o, blank] = [pixels, picture("X"), picture("O"), signed(bits.initial)].map(
      (one) => forward(one, kernels).flatMap((maps) => maps[3]),
    );
    const voter = x.map((value, k) => (value > o[k] ? "X" : value < o[k] ? "O" : ""));
    const mean = (entries, letter) =>
      entries.reduce(
        ([sum, of], value, k) => (voter[k] === letter ? [sum + value, of + 9] : [sum, of]),
        [0, 0],
      );
    const X = mean(vector, "X");
    const O = mean(vector, "O");
    const lead = X[0] * O[1] - O[0] * X[1];
    const winner = lead > 0 ? "X" : lead ? "O" : "";
    const paper = mean(blank, winner);
    return {
      vector,
      x,
      o,
      voter,
      votes: { X, O },
      winner,
      close: Math.abs(lead) * 9 < X[1] * O[1],
      paper,
      neither: !!winner && { X, O }[winner][0] <= paper[0],
    };
  }

  const ninths = (sum) => `${format(sum)}/9`;
  const decimal = (sum, of) => ` ${(sum * 100) % of ? "≈" : "="} ${format(sum / of)}`;
  const exact = ([sum, of]) => ui.fraction(sum, of) + (sum % of ? decimal(sum, of) : "");

  class XoFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      stage: ui.oneOf(STAGES),
      letter: ui.oneOf([...LETTERS, "own"]),
      preset: ui.oneOf(PRESETS),
      pixels: bits,
      feature: ui.oneOf(NAMES),
      kernels: ui.list(27, ui.whole(-9, 9), KERNELS),
      step: ui.whole(0, 48, 0),
    };

    get picture() {
      return this.state.letter === "own"
        ? signed(this.state.pixels)
        : picture(this.state.letter, this.state.preset);
    }

    build() {
      const t = (key) => this.t(key);
      const div = (kind, ...parts) => el("div", { class: `course-${kind}` }, parts);
      const to = (row, column) => this.update({ step: clamp(row, 0, 6) * 7 + clamp(column, 0, 6) });
      const choice = (name, values, onChange = (value) => this.update({ [name]: value })) => {
        const buttons = values.map((value) => button(t(value), () => onChange(value)));
        this[name] = {
          set: (now) =>
            buttons.forEach((one, i) => one.setAttribute("aria-pressed", values[i] === now)),
        };
        return el(
          "div",
          { class: "course-xo-choice", role: "group", "aria-label": t(name) },
          buttons,
        );
      };
      let cell = 0;
      let pen = 1;
      this.grids = [];
      const grid = (key, side, options) => {
        const one = ui.grid({ label: t(key), rows: side, columns: side, ...options });
        this.grids.push(one);
        return el("div", {}, div("title", t(key)), one.element);
      };
      const around = (r, c) => to(r - 1, c - 1);
      const picture = grid("letter", 9, {
        drag: true,
        onMove: around,
        onPick: (r, c, started) => {
          const { letter, pixels } = this.state;
          const at = r * 9 + c;
          if (letter !== "own") return around(r, c);
          if (started) pen = 1 - pixels[at];
          this.update({ pixels: put(pixels, at, pen) });
        },
      });
      const choose = (r, c) => {
        cell = 3 * r + c;
      };
      const edit = (rule) => {
        const { kernels, feature } = this.state;
        const at = NAMES.indexOf(feature) * 9 + cell;
        this.update({ kernels: put(kernels, at, clamp(rule(kernels[at]), -9, 9)) });
      };
      const by = (text, amount) => button(text, () => edit((value) => value + amount));
      const patch = grid("window", 3);
      const feature = grid("feature", 3, {
        onMove: choose,
        onPick: (r, c) => {
          choose(r, c);
          edit((value) => 0 - value);
        },
      });
      const products = grid("products", 3);
      const [map, relu, once, twice] = MAPS.map(([key, side, pooled]) =>
        grid(key, side, { onMove: (r, c) => to(r << pooled, c << pooled) }),
      );
      this.preset = ui.select({
        label: t("preset"),
        options: PRESETS.map((name) => [name, t(name)]),
        value: "plain",
        onChange: (preset) => this.update({ preset }),
      });
      this.stepper = ui.stepper({
        figure: this,
        label: t("window"),
        count: 49,
        value: 0,
        onChange: (at) =>
          to(...divide(at, (6 >> this.level) + 1).map((place) => place << this.level)),
      });
      [this.hint, this.line, this.means] = ["p", "p", "div"].map((tag) => el(tag));
      this.table = el("table", { class: "course-grid" });
      const panel = (stages, ...parts) =>
        el("div", { class: "course-panel", "data-in": stages }, parts);
      /* One draws where the picture is. */
      const draw = (pixels) => {
        const stage = ["match", "map", "vote"].includes(this.state.stage)
          ? this.state.stage
          : "match";
        this.update({ letter: "own", pixels, stage });
        this.rest();
      };
      /* Drawing begins with what is shown. */
      const letters = choice("letter", [...LETTERS, "own"], (letter) =>
        letter === "own"
          ? draw(this.picture.map((value) => (value + 1) / 2))
          : this.update({ letter }),
      );
      this.tips = ["tip", "tipDraw"].map((key) =>
        el("p", {}, t(key), ui.keyboard(t(`${key}Keys`))),
      );
      return (this.body = div(
        "xo",
        choice("stage", STAGES, (stage) => {
          this.update({ stage });
          this.rest();
        }),
        div(
          "control",
          t("letter"),
          letters,
          this.preset.element,
          button(t("clear"), () => draw(bits.initial)),
        ),
        this.hint,
        panel(
          "match map relu pool again",
          div("row", div("control", t("feature"), choice("feature", NAMES)), this.stepper.element),
        ),
        div(
          "row",
          panel("match map vote", picture, panel("match map vote", ...this.tips)),
          panel(
            "match",
            div("xo-sum", patch, "×", feature, "=", products),
            this.line,
            div("control", by("−1", -1), by("+1", 1), t("edit")),
          ),
          panel("map relu", map),
          panel("relu pool", relu),
          panel("pool again", once),
          panel("again", twice),
          panel("vote", this.table),
          panel("vote", this.means),
        ),
      ));
    }

    /* Cells without a number are outside the map ("padding") or not yet computed ("empty"). */
    fill(grid, values, side, limit, framed = () => false) {
      const [rows, columns] = grid.size();
      const none = this.level === 1 ? "padding" : "empty";
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const value = column < side ? values[row * side + column] : undefined;
          const text = value === undefined ? "" : format(value);
          grid.set(row, column, {
            text,
            share: text && value / limit,
            name: this.t("cell", { row, column, value: text || this.t(none) }),
            classes: `${text ? "" : none}${framed(row, column) ? " window" : ""}`,
          });
        }
      }
    }

    render() {
      const {
        picture,
        state: { stage, letter, feature, kernels, step },
      } = this;
      const level = (this.level = { pool: 1, again: 2 }[stage] || 0);
      const f = NAMES.indexOf(feature);
      const weights = kernel(kernels, f);
      const maps = forward(picture, kernels)[f];
      const [row, column] = divide(step, 7);
      const sum = maps[0][step];
      const side = (6 >> level) + 1;
      const pad = stage === "pool" ? 8 : 7;
      for (const name of ["stage", "letter", "preset", "feature"]) this[name].set(this.state[name]);
      this.stepper.set((row >> level) * side + (column >> level), side * side);
      this.grids[0].draw(letter === "own");
      this.tips.forEach((tip, i) => {
        tip.hidden = (letter === "own") !== Boolean(i) || (!i && stage === "vote");
      });
      [this.body.dataset.at, this.preset.element.hidden, this.hint.textContent] = [
        stage,
        letter === "own",
        this.t(`${stage}Do`),
      ];

      const patch = weights.map((_, k) => picture[step + 2 * row + k + 6 * Math.floor(k / 3)]);
      const products = weights.map((value, k) => value * patch[k]);
      const size = weights.map(Math.abs);
      const largest = Math.max(...size) || 1;
      const limit = size.reduce((a, b) => a + b) || 1;
      const count = (sign) => products.filter((value) => value * sign > 0).length;
      this.line.textContent = `${products
        .map((value) => format(value))
        .join(" + ")
        .replaceAll("+ −", "− ")} = ${format(sum)}`;
      /* One place is followed through all maps: its entry, or the window that takes it up, is
         framed. */
      const same = (by) => (r, c) => r >> by === row >> level && c >> by === column >> level;
      const inside = (r, c) =>
        stage !== "vote" && r - row < 3 && r >= row && c - column < 3 && c >= column;
      if (this.grids[5].size()[0] !== pad) this.grids[5].resize(pad, pad);
      [
        [picture, 9, 1, inside],
        [patch, 3, 1],
        [weights, 3, largest],
        [products, 3, largest],
        ...maps.map((map, i) => [
          stage === "map" ? map.slice(0, step + 1) : map,
          MAPS[i][1],
          limit,
          same(level - MAPS[i][2]),
        ]),
      ].forEach((what, i) => this.fill(this.grids[i], ...what));

      const entries = maps[level].filter((_, k) => same(level && 1)(...divide(k, MAPS[level][1])));
      this.say(
        stage === "vote"
          ? this.renderVote(picture)
          : this.t(level ? "poolSay" : stage === "relu" ? "reluSay" : "matchSay", {
              row,
              column,
              sum: format(sum),
              match: ninths(sum) + decimal(sum, 9),
              hits: count(1),
              misses: count(-1),
              entries: entries.map(ninths).join(", "),
              most: ninths(Math.max(0, ...entries)),
              partial: entries.length < 4 ? this.t("partial") : "",
            }),
      );
      if (!picture.includes(1)) throw new RangeError(this.t("blank"));
    }

    /* Entries, weights, means; returns the verdict. */
    renderVote(pixels) {
      const { vector, x, o, voter, votes, winner, close, paper, neither } = vote(
        pixels,
        this.state.kernels,
      );
      const line = (tag, texts, letter) =>
        el(
          "tr",
          {},
          texts.map((text, i) =>
            el(i ? tag : "th", { class: LETTERS[i - 2] === letter && "window" }, text),
          ),
        );
      this.table.replaceChildren(
        line(
          "th",
          ["entry", "letter", ...LETTERS, "weight"].map((key) => this.t(key)),
          "",
        ),
        ...vector.map((value, k) =>
          line(
            "td",
            [
              `${this.t(NAMES[k >> 2])[0]} ${"↖↗↙↘"[k % 4]}`,
              ...[value, x[k], o[k]].map(ninths),
              voter[k] ? `${voter[k]} 1/${votes[voter[k]][1] / 9}` : "0",
            ],
            voter[k],
          ),
        ),
      );
      this.means.replaceChildren(
        ...LETTERS.map((letter) =>
          el(
            "p",
            {},
            votes[letter][1]
              ? this.t("mean", {
                  letter,
                  sum: vector.filter((_, k) => voter[k] === letter).join(" + "),
                  count: votes[letter][1] / 9,
                  vote: exact(votes[letter]),
                })
              : "",
          ),
        ),
      );
      if (!votes.X[1] || !votes.O[1]) return this.t("undecided");
      const [a, b] = (winner === "O" ? ["O", "X"] : LETTERS).map((letter) => exact(votes[letter]));
      return (
        this.t(winner ? "wins" : "tie", { winner, a, b }) +
        (winner && close ? this.t("close") : "") +
        (neither ? this.t("neither", { paper: exact(paper) }) : "")
      );
    }
  }
  ui.define("course-xo", XoFigure);

  return { KERNELS, picture, forward, vote };
});
