/* A threshold over the scores of healthy and of sick people: whom it calls sick, what its mistakes
   cost, and where it lies on the ROC curve and on the precision-recall curve. */
(function (root, make) {
  const figure = make(root, root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseThreshold = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui) {
  "use strict";

  const TEXTS = {
    en: {
      threshold: "Threshold: called sick from",
      separation: "Separation",
      deviations: "{value} SD",
      prevalence: "Prevalence",
      percent: "{value} %",
      cost: "Cost of a miss",
      mark: "Show the cheapest",
      people: "Scores of {healthy} healthy, {sick} sick",
      legend:
        "One square is one person: healthy above the line, sick below. Strong colour: a mistake.",
      score: "score",
      costs: "cost",
      histogram:
        "Scores of {healthy} healthy and {sick} sick people. From the threshold {threshold} up, " +
        "people are called sick.",
      matrix: "Confusion matrix",
      actual: "In truth",
      calledHealthy: "Called healthy",
      calledSick: "Called sick",
      healthy: "healthy",
      sick: "sick",
      tn: "TN {count}",
      fp: "FP {count}",
      fn: "FN {count}",
      tp: "TP {count}",
      measure: "Measure",
      counts: "From the counts",
      value: "Value",
      precision: "Precision",
      recall: "Recall",
      specificity: "Specificity",
      f1: "F1",
      accuracy: "Accuracy",
      price: "Cost",
      formula_precision: "TP / (TP + FP)",
      formula_recall: "TP / (TP + FN)",
      formula_specificity: "TN / (TN + FP)",
      formula_f1: "2 TP / (2 TP + FP + FN)",
      formula_accuracy: "(TP + TN) / all",
      formula_price: "{cost} FN + FP",
      undefined: "undefined",
      roc: "ROC curve: AUC {area}",
      pr: "Precision–recall curve: AP {area}",
      roc_across: "False alarm rate, 1 − specificity",
      roc_up: "Recall",
      pr_across: "Recall",
      pr_up: "Precision",
      roc_base: "chance",
      pr_base: "prevalence",
      roc_label: "ROC curve. The threshold {threshold} is at false alarm rate {x}, recall {y}.",
      pr_label: "Precision by recall. The threshold {threshold} is at recall {x}, precision {y}.",
      first:
        "Dotted: the curves as the figure began, with AUC {auc} and average precision (AP) {ap}.",
      unit: "A false alarm costs 1.",
      areas: "AUC: area under the ROC curve. AP: average precision, the area under the steps.",
      cheapest: "Cheapest (diamonds): threshold {where}, cost {cost}; yours costs {now}.",
      range: "{from} to {to}",
      say:
        "Threshold {threshold}: of {sick} sick people {tp} are found and {fn} missed; of " +
        "{healthy} healthy people {fp} get a false alarm. {precision}, recall {recall}, " +
        "F1 {f1}, cost {cost}. AUC {auc}, average precision {ap}.",
      sayPrecision: "Precision {precision}",
      nobody: "Nobody is called sick, so precision is undefined",
    },
  };
  const PEOPLE = 400;
  const COLUMNS = 50; // scores are rounded down to multiples of 1/50
  const SPREAD = 0.1; // standard deviation of the scores of each class
  const COSTS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
  const MEASURES = ["precision", "recall", "specificity", "f1", "accuracy"];
  const THRESHOLDS = Array.from({ length: COLUMNS + 1 }, (_, i) => i / COLUMNS);

  /* For each share of a normal distribution the z with that share below it: the density is added
     up in small steps. */
  function quantiles(shares) {
    const fine = 1 / 1024;
    const found = Array(shares.length);
    let [z, below] = [-6, 0];
    for (const i of [...shares.keys()].sort((a, b) => shares[a] - shares[b])) {
      for (; below < shares[i] && z < 6; z += fine) {
        below += (fine * Math.exp(-((z + fine / 2) ** 2) / 2)) / Math.sqrt(2 * Math.PI);
      }
      found[i] = z;
    }
    return found;
  }

  /* Two sequences of which every beginning is spread evenly over the normal distribution, as steps
     by an irrational part of a circle are over the circle; each z is followed by its mirror image.
     So the shape of a class changes little with the number of its people. */
  const spread = (start, step) =>
    quantiles(
      Array.from({ length: PEOPLE }, (_, i) => {
        const place = (start + (i >> 1) * step) % 1;
        return i % 2 ? 1 - place : place;
      }),
    );
  const [HEALTHY, SICK] = [spread(0.1, (Math.sqrt(5) - 1) / 2), spread(0.05, Math.SQRT2 - 1)];

  /* Labels, healthy 0 and sick 1, and scores of all people. Separation is in standard deviations,
     prevalence in percent. Each score lies strictly between 0 and 1. */
  function sample({ separation, prevalence }) {
    const sick = Math.round((PEOPLE * prevalence) / 100);
    const score = (z, side) => {
      const column = Math.floor((0.5 + SPREAD * (z + (side * separation) / 2)) * COLUMNS);
      return Math.min(Math.max(column, 1), COLUMNS - 1) / COLUMNS;
    };
    return {
      labels: Array.from({ length: PEOPLE }, (_, i) => Number(i >= PEOPLE - sick)),
      scores: [
        ...HEALTHY.slice(0, PEOPLE - sick).map((z) => score(z, -1)),
        ...SICK.slice(0, sick).map((z) => score(z, 1)),
      ],
    };
  }

  /* Who is called sick: who has at least the threshold as score. */
  function matrix({ labels, scores }, threshold) {
    const counts = { tn: 0, fp: 0, fn: 0, tp: 0 };
    labels.forEach((label, i) => {
      counts[scores[i] >= threshold ? (label ? "tp" : "fp") : label ? "fn" : "tn"]++;
    });
    return counts;
  }

  /* What follows from a matrix; null is undefined, a share of nobody. */
  const share = (part, whole) => (whole ? part / whole : null);
  const measures = ({ tn, fp, fn, tp }, cost) => ({
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    specificity: share(tn, tn + fp),
    f1: share(2 * tp, 2 * tp + fp + fn),
    accuracy: share(tp + tn, tn + fp + fn + tp),
    cost: cost * fn + fp,
  });

  /* How many of each class have at least each score that occurs, from the highest score down;
     before it, nobody. */
  function descend({ labels, scores }) {
    const rows = [{ threshold: Infinity, tp: 0, fp: 0 }];
    for (const i of [...scores.keys()].sort((a, b) => scores[b] - scores[a])) {
      if (scores[i] < rows[rows.length - 1].threshold) {
        rows.push({ ...rows[rows.length - 1], threshold: scores[i] });
      }
      rows[rows.length - 1][labels[i] ? "tp" : "fp"]++;
    }
    return rows;
  }

  /* Both curves as points [x, y] and their areas: trapezia under the ROC curve, so that a tie
     between a sick and a healthy person counts one half; steps under the other. null without
     people of one class. */
  function curves(people) {
    const rows = descend(people);
    const { tp: sick, fp: healthy } = rows[rows.length - 1];
    let [auc, ap] = [0, 0];
    rows.slice(1).forEach(({ tp, fp }, i) => {
      auc += (fp - rows[i].fp) * (tp + rows[i].tp);
      ap += (tp - rows[i].tp) * (tp / (tp + fp));
    });
    return {
      thresholds: rows.map((row) => row.threshold),
      roc: rows.map(({ tp, fp }) => [share(fp, healthy), share(tp, sick)]),
      pr: rows.slice(1).map(({ tp, fp }) => [share(tp, sick), tp / (tp + fp)]),
      auc: share(auc, 2 * sick * healthy),
      ap: share(ap, sick),
    };
  }

  /* The cost at every threshold that can be set, and which are cheapest. */
  function prices(people, cost) {
    const all = THRESHOLDS.map((threshold) => measures(matrix(people, threshold), cost).cost);
    const least = Math.min(...all);
    const cheapest = THRESHOLDS.filter((_, i) => all[i] < least + 1e-9);
    return { all, least, cheapest };
  }

  const WIDTH = 340;
  const SIDE = WIDTH / 2 - 10; // half of the histogram's width
  const across = (score) => WIDTH / 2 + (2 * score - 1) * SIDE;
  const HEIGHT = 280; // of the histogram, with a line for counts above and below
  const LINE = 18;
  const COST = 64; // of the cost below it
  const PLANE = { left: 46, right: 330, top: 8, bottom: 218, height: 258 };
  const right = (x) => PLANE.left + x * (PLANE.right - PLANE.left);
  const up = (y) => PLANE.bottom - y * (PLANE.bottom - PLANE.top);
  const { svg, el } = ui;
  const text = (words, x, y, anchor = "middle", more = {}) =>
    svg("text", { x, y, "text-anchor": anchor, ...more }, words);
  const line = (d, name) => svg("path", { d, class: `course-${name}` });
  const diamond = (x, y) => line(`M${x} ${y - 7}l7 7l-7 7l-7-7z`, "cheapest");
  const number = (value) => ui.format(value, 3);

  class ThresholdFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      threshold: ui.real(0, 1, 0.5),
      separation: ui.real(0, 4, 1.5),
      prevalence: ui.whole(1, 99, 50),
      cost: ui.oneOf(COSTS, 5),
      mark: ui.oneOf(["no", "yes"]),
    };

    settle(state) {
      return {
        ...state,
        threshold: Math.round(state.threshold * COLUMNS) / COLUMNS,
        separation: Math.round(state.separation * 10) / 10,
      };
    }

    build() {
      const t = (key, values) => this.t(key, values);
      const box = (name, ...parts) => el("div", { class: name }, parts.flat());
      const [p, table] = ["p", "table"].map((tag) => (name, ...parts) => {
        return el(tag, { class: `course-${name}` }, parts);
      });
      const slide = (name, min, max, step, write) =>
        ui.slider({
          label: t(name),
          min,
          max,
          step,
          value: max,
          write,
          onInput: (value) => this.update({ [name]: value }),
        });
      const price = ui.slider({
        label: t("cost"),
        min: 0,
        max: COSTS.length - 1,
        value: 0,
        write: (i) => ui.format(COSTS[i]),
        onInput: (i) => this.update({ cost: COSTS[i] }),
      });
      this.controls = {
        separation: slide("separation", 0, 4, 0.1, (value) =>
          t("deviations", { value: ui.format(value) }),
        ),
        prevalence: slide("prevalence", 1, 99, 1, (value) => t("percent", { value })),
        cost: { ...price, set: (cost) => price.set(COSTS.indexOf(cost)) },
        threshold: slide("threshold", 0, 1, 1 / COLUMNS),
      };
      const { threshold, ...others } = this.controls;
      threshold.element.classList.add("course-long");
      this.toggle = ui.button(t("mark"), () =>
        this.update({ mark: this.state.mark === "yes" ? "no" : "yes" }),
      );
      [this.histogram, this.roc, this.pr] = ["col", "plane", "plane"].map((name) =>
        svg("svg", { class: `course-plot course-${name}`, role: "img" }),
      );
      for (const plane of [this.roc, this.pr]) {
        plane.setAttribute("viewBox", `0 0 ${WIDTH} ${PLANE.height}`);
      }
      this.pulls(this.histogram, (x) => this.update({ threshold: this.scoreAt(x) }));
      this.pulls(this.roc, (x, y) => this.nearest("roc", x, y));
      this.pulls(this.pr, (x, y) => this.nearest("pr", x, y));
      [this.people, this.rocTitle, this.prTitle] = Array.from({ length: 3 }, () => p("title"));
      this.cells = Object.fromEntries(
        ["tn", "fp", "fn", "tp"].map((key) => [key, el("td", { class: `course-${key}` })]),
      );
      const { tn, fp, fn, tp } = this.cells;
      const head = (scope, key, ...more) => el("th", { scope }, t(key), more);
      const heads = (...keys) =>
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            keys.map((key) => head("col", key)),
          ),
        );
      this.formula = el("small");
      this.rows = Object.fromEntries(
        [...MEASURES, "price"].map((key) => [key, [el("td"), el("td")]]),
      );
      const rows = Object.entries(this.rows).map(([key, cells]) => {
        const small = key === "price" ? this.formula : el("small", {}, t(`formula_${key}`));
        return el("tr", {}, head("row", key, small), cells);
      });
      this.words = el("p");
      return box(
        null,
        box(
          "course-controls",
          Object.values(others).map((one) => one.element),
          this.toggle,
        ),
        box(
          "course-row course-plots",
          box(
            "course-panel",
            this.people,
            this.histogram,
            box("course-controls", threshold.element),
            el("p", { class: "course-small" }, t("legend")),
          ),
          box(
            "course-panel",
            p("title", t("matrix")),
            table(
              "values course-matrix",
              heads("actual", "calledHealthy", "calledSick"),
              el(
                "tbody",
                {},
                el("tr", {}, head("row", "healthy"), tn, fp),
                el("tr", {}, head("row", "sick"), fn, tp),
              ),
            ),
            table("values", heads("measure", "counts", "value"), el("tbody", {}, rows)),
          ),
        ),
        box(
          "course-row course-plots",
          box("course-panel", this.rocTitle, this.roc),
          box("course-panel", this.prTitle, this.pr),
        ),
        box("course-notes", this.words),
      );
    }

    /* Call with the place in the drawing while a pointer is pressed, also outside of it. */
    pulls(drawing, call) {
      const act = (event) => {
        const { left, top, width } = drawing.getBoundingClientRect();
        call(...[event.clientX - left, event.clientY - top].map((one) => (one / width) * WIDTH));
      };
      ui.pointing(drawing, { slides: true, act });
    }

    scoreAt(x) {
      return Math.min(Math.max((x - across(0)) / (across(1) - across(0)), 0), 1);
    }

    /* Go to the threshold whose point of a curve is nearest. */
    nearest(which, x, y) {
      const people = sample(this.state);
      const distances = THRESHOLDS.map((threshold) => {
        const point = this.point(which, measures(matrix(people, threshold), 1));
        return point ? Math.hypot(right(point[0]) - x, up(point[1]) - y) : Infinity;
      });
      this.update({ threshold: THRESHOLDS[distances.indexOf(Math.min(...distances))] });
    }

    point(which, { specificity, recall, precision }) {
      if (which === "roc") return [1 - specificity, recall];
      return precision === null ? null : [recall, precision];
    }

    /* A square for every person, healthy above the line, sick below; the threshold; on request the
       cost of every threshold. */
    drawHistogram(people, counts, price) {
      const { threshold, mark } = this.state;
      const shown = mark === "yes";
      const stacks = [0, 1].map(() => Array(COLUMNS).fill(0));
      people.labels.forEach((label, i) => stacks[label][Math.round(people.scores[i] * COLUMNS)]++);
      const [above, below] = stacks.map((stack) => Math.max(...stack));
      const wide = (2 * SIDE) / COLUMNS;
      const high = Math.min((HEIGHT - 3 * LINE) / (above + below), wide);
      const base = LINE + above * high + (HEIGHT - 3 * LINE - (above + below) * high) / 2;
      const square = `h${wide - 0.8}v${(high - 0.8).toFixed(2)}h${0.8 - wide}z`;
      const squares = { tn: "", fp: "", fn: "", tp: "" };
      stacks.forEach((stack, label) =>
        stack.forEach((count, column) => {
          const called = column / COLUMNS >= threshold;
          const key = called ? (label ? "tp" : "fp") : label ? "fn" : "tn";
          const x = across(column / COLUMNS) + 0.4;
          for (let i = 0; i < count; i++) {
            const y = label ? base + 1 + i * high : base - 1 - (i + 1) * high;
            squares[key] += `M${x.toFixed(1)} ${y.toFixed(2)}${square}`;
          }
        }),
      );
      const end = HEIGHT - 2 * LINE;
      const halo = { class: "course-halo" };
      const whole = shown ? HEIGHT + COST : HEIGHT;
      const at = across(threshold);
      const count = (key, x, y, anchor) =>
        text(this.t(key, { count: counts[key] }), x, y, anchor, { class: "course-name" });
      this.histogram.setAttribute("viewBox", `0 0 ${WIDTH} ${whole}`);
      this.histogram.setAttribute("aria-label", this.t("histogram", this.facts));
      this.histogram.replaceChildren(
        ...Object.keys(squares).map((key) => line(squares[key], key)),
        line(`M${across(0)} ${base}H${across(1)}`, "axis"),
        ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((one) =>
          text(ui.format(one), across(one), HEIGHT - 3, "middle"),
        ),
        text(this.t("score"), across(0.5), HEIGHT - 3),
        ...(shown ? this.drawCost(price) : []),
        line(
          `M${at} 2V${HEIGHT - LINE}${shown ? `M${at} ${HEIGHT + 4}V${whole - 2}` : ""}`,
          "line",
        ),
        shown ? text(this.t("costs"), across(0.5), HEIGHT + 16, "middle", halo) : "",
        count("tn", across(0) + 3, 12, "start"),
        count("fp", across(1) - 3, 12, "end"),
        count("fn", across(0) + 3, end + 12, "start"),
        count("tp", across(1) - 3, end + 12, "end"),
        svg("circle", { cx: at, cy: base, r: 7, class: "course-point course-curve-2" }),
      );
    }

    drawCost({ all, cheapest, least }) {
      const most = Math.max(...all);
      const y = (cost) => HEIGHT + COST - 10 - (cost / most) * (COST - 22);
      const path = all.map((cost, i) => `${i ? "L" : "M"}${across(i / COLUMNS)} ${y(cost)}`);
      return [
        line(`M${across(0)} ${y(0)}H${across(1)}`, "thin"),
        svg("path", { d: path.join(""), class: "course-curve course-curve-1" }),
        ...cheapest.map((threshold) => diamond(across(threshold), y(least))),
      ];
    }

    /* One of the two curves: axes, what chance gives, the curve as it began, the curve, the point
       of the threshold and on request those of the cheapest. */
    drawPlane(which, { now, first, marked, base }) {
      const plane = this[which];
      const path = ({ roc, pr }) =>
        which === "roc"
          ? roc.map(([x, y], i) => `${i ? "L" : "M"}${right(x)} ${up(y)}`).join("")
          : pr.map(([x, y], i) => `${i ? "V" : `M${right(0)} `}${up(y)}H${right(x)}`).join("");
      const ticks = [0, 0.25, 0.5, 0.75, 1];
      const point = this.point(which, this.now);
      const [x, y] = (point || [this.now.recall, null]).map((one) =>
        one === null ? this.t("undefined") : number(one),
      );
      plane.setAttribute("aria-label", this.t(`${which}_label`, { ...this.facts, x, y }));
      const middle = (PLANE.top + PLANE.bottom) / 2;
      plane.replaceChildren(
        line(
          ticks
            .map((at) => `M${right(at)} ${up(0)}V${up(1)}M${right(0)} ${up(at)}H${right(1)}`)
            .join(""),
          "thin",
        ),
        line(`M${right(0)} ${up(1)}V${up(0)}H${right(1)}`, "axis course-none"),
        ...ticks.flatMap((at) => [
          text(ui.format(at), right(at), PLANE.bottom + 15),
          text(ui.format(at), PLANE.left - 5, up(at) + 4, "end"),
        ]),
        text(this.t(`${which}_across`), right(0.5), PLANE.height - 6),
        text(this.t(`${which}_up`), 0, 0, "middle", {
          transform: `translate(11 ${middle}) rotate(-90)`,
        }),
        line(base.path, "base"),
        text(this.t(`${which}_base`), ...base.place, { class: "course-halo" }),
        ...(first ? [line(path(first), "first")] : []),
        svg("path", { d: path(now), class: "course-curve course-curve-1" }),
        ...marked
          .map((one) => this.point(which, one))
          .filter(Boolean)
          .map(([x, y]) => diamond(right(x), up(y))),
        ...(point
          ? [
              svg("circle", {
                cx: right(point[0]),
                cy: up(point[1]),
                r: 6,
                class: "course-point course-curve-2",
              }),
            ]
          : []),
      );
    }

    /* Thresholds in words: neighbours as "0.3 to 0.36". */
    runs(thresholds) {
      const runs = [];
      for (const one of thresholds) {
        const last = runs[runs.length - 1];
        if (last && one - last[1] < 1.5 / COLUMNS) last[1] = one;
        else runs.push([one, one]);
      }
      return runs
        .map(([from, to]) =>
          from === to
            ? ui.format(from)
            : this.t("range", { from: ui.format(from), to: ui.format(to) }),
        )
        .join(", ");
    }

    render() {
      const { state, initial } = this;
      const t = (key, values) => this.t(key, values);
      const people = sample(state);
      const counts = matrix(people, state.threshold);
      const { tn, fp, fn, tp } = counts;
      const price = prices(people, state.cost);
      const now = curves(people);
      const shown = state.mark === "yes";
      const changed =
        state.separation !== initial.separation || state.prevalence !== initial.prevalence;
      const first = changed ? curves(sample(initial)) : null;
      this.now = measures(counts, state.cost);
      const { cost } = this.now;
      this.facts = {
        healthy: tn + fp,
        sick: fn + tp,
        threshold: ui.format(state.threshold),
      };
      for (const [name, control] of Object.entries(this.controls)) control.set(state[name]);
      this.toggle.setAttribute("aria-pressed", shown);
      this.people.textContent = t("people", this.facts);
      this.drawHistogram(people, counts, price);

      for (const [key, cell] of Object.entries(this.cells)) {
        cell.textContent = t(key, { count: counts[key] });
      }
      const words = (value) => (value === null ? t("undefined") : number(value));
      const factor = ui.format(state.cost);
      const sums = {
        precision: `${tp} / ${tp + fp}`,
        recall: `${tp} / ${tp + fn}`,
        specificity: `${tn} / ${tn + fp}`,
        f1: `${2 * tp} / ${2 * tp + fp + fn}`,
        accuracy: `${tp + tn} / ${PEOPLE}`,
        price: `${factor} · ${fn} + ${fp}`,
      };
      for (const [key, cells] of Object.entries(this.rows)) {
        cells[0].textContent = sums[key];
        cells[1].textContent = key === "price" ? ui.format(cost) : words(this.now[key]);
      }
      this.formula.textContent = t("formula_price", { cost: factor });

      const [auc, ap] = [now.auc, now.ap].map(number);
      this.rocTitle.textContent = t("roc", { area: auc });
      this.prTitle.textContent = t("pr", { area: ap });
      const marked = (shown ? price.cheapest : []).map((one) =>
        measures(matrix(people, one), state.cost),
      );
      const rate = up(state.prevalence / 100);
      this.drawPlane("roc", {
        now,
        first,
        marked,
        base: {
          path: `M${right(0)} ${up(0)}L${right(1)} ${up(1)}`,
          place: [right(0.72), up(0.6), "start"],
        },
      });
      this.drawPlane("pr", {
        now,
        first,
        marked,
        base: {
          path: `M${right(0)} ${rate}H${right(1)}`,
          place: [right(0.03), rate + (state.prevalence < 15 ? -5 : 14), "start"],
        },
      });
      const old = first && { auc: number(first.auc), ap: number(first.ap) };
      this.words.textContent = `${t("unit")} ${old ? t("first", old) : t("areas")}`;
      const precision =
        this.now.precision === null
          ? t("nobody")
          : t("sayPrecision", { precision: number(this.now.precision) });
      const all = {
        ...this.facts,
        ...counts,
        precision,
        recall: words(this.now.recall),
        f1: words(this.now.f1),
        cost: ui.format(cost),
        auc,
        ap,
      };
      const cheapest = t("cheapest", {
        where: this.runs(price.cheapest),
        cost: ui.format(price.least),
        now: ui.format(cost),
      });
      this.say(t("say", all) + (shown ? ` ${cheapest}` : ""));
    }
  }

  ui.define("course-threshold", ThresholdFigure);
  return { sample, matrix, measures, curves, prices, quantiles, THRESHOLDS };
});
