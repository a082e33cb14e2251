/* What a block of a network costs: its layers one by one, parameters, multiply-adds and the memory
   of its activations, and a second block beside it. */
(function (root, make) {
  const figure = make(root, root.CourseUI || require("./ui.js"));
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseBlockCost = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui) {
  "use strict";

  const TEXTS = {
    en: {
      example: "Example",
      own: "your own",
      separable64: "standard or separable",
      five: "one 5×5 or two 3×3",
      resnet: "two 3×3 or a bottleneck",
      mobile: "bottleneck or inverted",
      shuffle240: "one group or three",
      growth: "standard or DenseNet layer",
      block: "Block {name}",
      kind: "Kind",
      standard: "standard",
      pointwise: "1×1",
      separable: "depthwise separable",
      shuffle: "ShuffleNet unit",
      basic: "ResNet basic block",
      bottleneck: "ResNet bottleneck",
      regnet: "RegNet X block",
      inverted: "inverted residual",
      inception: "Inception module",
      dense: "DenseNet layer",
      in: "Channels C",
      out: "Channels C′",
      kernel: "Kernel k",
      groups: "Groups G",
      expand: "Expansion t",
      both: "For both blocks",
      side: "Resolution",
      size: "{n}×{n}",
      stride: "Stride",
      batch: "Pictures a batch",
      norm: "Normalisation, ReLU",
      no: "left out",
      yes: "with",
      measure: "Cost",
      parameters: "Parameters",
      work: "Multiply-adds",
      workFor: "for one picture",
      all: "Activations",
      allFor: "input and each layer’s output",
      kept: "Kept in training",
      keptFor: "what the way back reads",
      peak: "In use at once",
      peakFor: "at most, without training",
      against: "{ratio} × standard",
      againstOne: "{ratio} × one {k}×{k}",
      kilo: "{size} kB",
      mega: "{size} MB",
      layers: "Block {name}: {kind}",
      input: "{channels} channels, {n}×{n}",
      channels: "{from} → {to}",
      window: "{k}×{k}",
      depthwise: "depthwise {k}×{k}",
      grouped: "{k}×{k}, {groups} groups",
      strided: "{what}, /{stride}",
      shuffled: "shuffle",
      pool: "pool 3×3",
      add: "add",
      concat: "concatenate",
      share: "{share} %",
      drawn: "{what} from {from} to {to} channels, {share} % of the multiply-adds",
      drawing: "{title}. From {input}: {layers}{join} To {output}.",
      add_join: "; the branches are added.",
      concat_join: "; the branches are concatenated.",
      ends: ".",
      past: "; a shortcut carries the input past them",
      terms: "{name}: {terms} = {weights} weights{places}{fixed}.",
      term: "{name}: {weights} weights{places}{fixed}.",
      places: ", each used once at {n}×{n} places",
      fixed: ", and {count} parameters of normalisation",
      closed:
        " They are 1/C′ + 1/k² = 1/{out} + 1/{square} = {ratio} of the standard layer’s weights.",
      legend:
        "Drawings: a bar fills the share of the multiply-adds that a layer takes. The more " +
        "channels, the wider is what lies between layers. “/2” is stride 2.",
      rules:
        "Standard: one {a} layer for A and one {b} layer for B, in one group, with the block’s " +
        "channels, stride and normalisation. Convolutions have no bias, and the multiply-adds " +
        "are theirs alone. " +
        "Kept in training: the inputs of convolutions, normalisation and max pooling, " +
        "and the outputs of ReLU. In use at once: a layer’s input and output, and what a later " +
        "layer will read; normalisation and ReLU write over their input. A number takes 4 bytes. " +
        "Normalisation has 4 parameters a channel, 2 of which are learned.",
      say:
        "A, {kindA}: {parametersA} parameters, {workA} multiply-adds. B, {kindB}: {parametersB} " +
        "parameters, {workB} multiply-adds. B takes {work} times A’s multiply-adds, and keeps " +
        "{kept} times as much in training.",
      refused: "Block {name}: {why}",
      divide: "{groups} groups do not divide {channels} channels",
      quarter: "a bottleneck has a quarter of C′ inside, and {channels} is no multiple of 4",
      few: "a ShuffleNet unit has a quarter of C′ inside, and {channels} is less than 4",
      sixteenth: "branches have sixteenths of C′, and {channels} is no multiple of 16",
      more: "it puts new channels beside the old: C′ must be more than {channels}",
      still: "it has stride 1 only",
    },
  };
  const WIDTHS = [
    1, 2, 3, 4, 8, 16, 24, 32, 48, 64, 96, 128, 144, 160, 192, 240, 256, 320, 384, 480, 512, 640,
    768, 960, 1024,
  ];
  const SIDES = [7, 8, 14, 16, 28, 32, 56, 64, 112, 128, 224];
  const GROUPS = [1, 2, 3, 4, 8, 16];
  const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
  const BYTES = 4; // of a number
  const NAMES = ["A", "B"];
  const MEASURES = ["parameters", "work", "all", "kept", "peak"];

  /* Layers in the order in which they run. Each reads the output of earlier ones; 0 is the input.
     A column is a branch of the drawing; what has none joins branches. */
  class Layers {
    constructor({ into, stride }, { side, norm }) {
      Object.assign(this, { norm, stride, column: 0 });
      this.steps = [{ op: "input", from: [], channels: into, side, parameters: 0, work: 0 }];
    }

    add(op, from, changes) {
      const { channels, side } = this.steps[from[0]];
      const { column } = this;
      this.steps.push({ op, from, channels, side, column, parameters: 0, work: 0, ...changes });
      return this.steps.length - 1;
    }

    /* Normalisation and ReLU, where they are wanted. */
    finish(from, relu = true) {
      if (!this.norm) return from;
      const at = this.add("norm", [from], { parameters: 4 * this.steps[from].channels });
      return relu ? this.add("relu", [at]) : at;
    }

    /* Padded so that only the stride changes the size; without bias. */
    bare(from, filters, k, { stride = 1, groups = 1 } = {}) {
      const before = this.steps[from];
      const side = Math.ceil(before.side / stride);
      const parameters = k * k * (before.channels / groups) * filters;
      const work = parameters * side * side;
      return this.add("conv", [from], {
        ...{ channels: filters, side, parameters, work, k, stride, groups },
      });
    }

    conv(from, filters, k, { relu = true, ...options } = {}) {
      return this.finish(this.bare(from, filters, k, options), relu);
    }

    depthwise(from, k, options) {
      const { channels } = this.steps[from];
      return this.conv(from, channels, k, { groups: channels, ...options });
    }

    /* Branches meet. */
    join(op, from, relu) {
      const channels =
        op === "concat"
          ? from.reduce((sum, one) => sum + this.steps[one].channels, 0)
          : this.steps[from[0]].channels;
      const at = this.add(op, from, { channels, column: null });
      return relu && this.norm ? this.add("relu", [at], { column: null }) : at;
    }

    /* ResNet's: the input itself, or a 1×1 convolution where it has another shape; then ReLU. */
    residual(last, stride) {
      const { channels } = this.steps[last];
      let shortcut = 0;
      if (stride > 1 || this.steps[0].channels !== channels) {
        this.column = 1;
        shortcut = this.conv(0, channels, 1, { stride, relu: false });
      }
      this.join("add", [last, shortcut], true);
    }
  }

  const inside = (out, groups) => Math.ceil(Math.floor(out / 4) / groups) * groups;

  /* For each kind: what can be set besides channels, and its layers. */
  const KINDS = {
    standard: {
      settings: ["kernel", "groups"],
      build: (net, { out, kernel, groups }, stride) => net.conv(0, out, kernel, { stride, groups }),
    },
    pointwise: {
      settings: [],
      build: (net, { out }, stride) => net.conv(0, out, 1, { stride }),
    },
    separable: {
      settings: ["kernel"],
      build: (net, { out, kernel }, stride) =>
        net.conv(net.depthwise(0, kernel, { stride }), out, 1),
    },
    shuffle: {
      settings: ["kernel", "groups"],
      build(net, { into, out, kernel, groups }, stride) {
        let at = net.conv(0, inside(out, groups), 1, { groups });
        if (groups > 1) at = net.add("shuffle", [at]);
        at = net.depthwise(at, kernel, { stride, relu: false });
        at = net.conv(at, stride > 1 ? out - into : out, 1, { groups, relu: false });
        if (stride === 1) return net.join("add", [at, 0], true);
        net.column = 1;
        const side = net.steps[at].side;
        net.join("concat", [net.add("mean", [0], { side, stride }), at], true);
      },
    },
    basic: {
      settings: ["kernel"],
      build(net, { out, kernel }, stride) {
        const at = net.conv(0, out, kernel, { stride });
        net.residual(net.conv(at, out, kernel, { relu: false }), stride);
      },
    },
    bottleneck: {
      settings: ["kernel"],
      build(net, { out, kernel }, stride) {
        const at = net.conv(net.conv(0, out / 4, 1, { stride }), out / 4, kernel);
        net.residual(net.conv(at, out, 1, { relu: false }), stride);
      },
    },
    regnet: {
      settings: ["kernel", "groups"],
      build(net, { out, kernel, groups }, stride) {
        const at = net.conv(net.conv(0, out, 1), out, kernel, { stride, groups });
        net.residual(net.conv(at, out, 1, { relu: false }), stride);
      },
    },
    inverted: {
      settings: ["kernel", "expand"],
      build(net, { into, out, kernel, expand }, stride) {
        const wide = expand > 1 ? net.conv(0, expand * into, 1) : 0;
        const at = net.conv(net.depthwise(wide, kernel, { stride }), out, 1, { relu: false });
        if (stride === 1 && into === out) net.join("add", [at, 0]);
      },
    },
    /* Branches in the proportions of GoogLeNet's module 3a: for C′ = 256 it is that module. */
    inception: {
      settings: [],
      build(net, { out }) {
        const part = (sixteenths) => (sixteenths * out) / 16;
        const branches = [
          () => net.conv(0, part(4), 1),
          () => net.conv(net.conv(0, part(6), 1), part(8), 3),
          () => net.conv(net.conv(0, part(1), 1), part(2), 5),
          () => net.conv(net.add("max", [0]), part(2), 1),
        ].map((branch, column) => {
          net.column = column;
          return branch();
        });
        net.join("concat", branches);
      },
    },
    dense: {
      settings: ["kernel"],
      build(net, { into, out, kernel }) {
        const ready = (from) => net.finish(from);
        const at = net.bare(ready(0), 4 * (out - into), 1);
        net.join("concat", [0, net.bare(ready(at), out - into, kernel)]);
      },
    },
  };
  const DEFAULTS = { shuffle: { groups: 4 }, regnet: { groups: 4 }, inverted: { expand: 6 } };
  const STILL = ["inception", "dense"]; // without a stride

  /* Why a block cannot be: [key of a sentence, its values], or null. */
  function refusal({ kind, into, out, groups }, stride) {
    const odd = (channels) => channels % groups && ["divide", { groups, channels }];
    if (STILL.includes(kind) && stride > 1) return ["still"];
    if (kind === "standard") return odd(into) || odd(out) || null;
    if (kind === "regnet") return odd(out) || null;
    if (kind === "bottleneck" && out % 4) return ["quarter", { channels: out }];
    if (kind === "inception" && out % 16) return ["sixteenth", { channels: out }];
    if (kind === "dense" && out <= into) return ["more", { channels: into }];
    if (kind !== "shuffle") return null;
    if (out < 4) return ["few", { channels: out }];
    if (stride > 1 && out <= into) return ["more", { channels: into }];
    return odd(into) || odd(stride > 1 ? out - into : out) || null;
  }

  /* The block itself, or with the channels C′ next to those asked for with which it can be. */
  function mend(block, stride) {
    const { kind, into, out } = block;
    if (kind === "shuffle" && stride === 1) return { ...block, out: into };
    if (!refusal(block, stride)) return block;
    const adds = kind === "dense" || kind === "shuffle";
    const aim = adds && out <= into ? (kind === "dense" ? into + 32 : 2 * into) : out;
    const found = [...WIDTHS]
      .sort((a, b) => Math.abs(a - aim) - Math.abs(b - aim))
      .find((one) => !refusal({ ...block, out: one }, stride));
    return found ? { ...block, out: found } : block;
  }

  /* The layers of a block for { side, stride, norm }. */
  function lay(block, { side, stride, norm }) {
    const net = new Layers({ ...block, stride }, { side, norm });
    KINDS[block.kind].build(net, block, stride);
    return net.steps;
  }

  /* Parameters, multiply-adds for one picture, and numbers in memory for one picture: of all
     activations, of those that the way back reads, and of those that are in use at once. */
  function count(steps) {
    const size = ({ side, channels }) => side * side * channels;
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const kept = new Set();
    const needed = steps.map((_, at) => steps.findLastIndex(({ from }) => from.includes(at)));
    needed[steps.length - 1] = Infinity;
    let peak = 0;
    steps.forEach(({ op, from }, at) => {
      if (["conv", "norm", "max"].includes(op)) kept.add(from[0]);
      if (op === "relu") kept.add(at);
      if (!at) return;
      const over = ["norm", "relu"].includes(op) && needed[from[0]] === at;
      const live = steps.slice(0, at).filter((_, one) => needed[one] >= at);
      peak = Math.max(peak, sum(live.map(size)) + (over ? 0 : size(steps[at])));
    });
    return {
      parameters: sum(steps.map((one) => one.parameters)),
      work: sum(steps.map((one) => one.work)),
      all: sum(steps.map(size)),
      kept: sum([...kept].map((at) => size(steps[at]))),
      peak,
    };
  }

  /* One k×k layer of the same channels; where a block has no k to set, 3×3. */
  const plain = ({ kind, into, out, kernel }) => ({
    ...{ kind: "standard", into, out, groups: 1 },
    kernel: KINDS[kind].settings.includes("kernel") ? kernel : 3,
  });

  const same = { inA: 64, outA: 64, inB: 64, outB: 64 };
  const FIRST = {
    ...{ kindA: "standard", inA: 64, outA: 64, kernelA: 3, groupsA: 1, expandA: 6 },
    ...{ kindB: "separable", inB: 64, outB: 64, kernelB: 3, groupsB: 1, expandB: 6 },
    ...{ side: 28, stride: 1 },
  };
  const PRESETS = {
    separable64: {},
    five: { ...same, kernelA: 5, kindB: "basic" },
    resnet: { kindA: "basic", kindB: "bottleneck", inA: 256, outA: 256, inB: 256, outB: 256 },
    mobile: { kindA: "bottleneck", kindB: "inverted", inA: 96, outA: 96, inB: 24, outB: 24 },
    shuffle240: {
      ...{ kindA: "shuffle", kindB: "shuffle", inA: 240, outA: 240, inB: 240, outB: 240 },
      groupsB: 3,
    },
    growth: { kindB: "dense", inA: 128, outA: 160, inB: 128, outB: 160 },
  };

  /* Numbers of three digits, whatever their size. */
  const short = (value) => ui.format(value, Math.max(0, 2 - Math.floor(Math.log10(value))));

  class BlockCostFigure extends ui.Figure {
    static texts = TEXTS;
    static fields = Object.assign(
      {
        side: ui.oneOf(SIDES, FIRST.side),
        stride: ui.oneOf([1, 2]),
        batch: ui.oneOf(BATCHES),
        norm: ui.oneOf(["no", "yes"]),
      },
      ...NAMES.map((name) => ({
        [`kind${name}`]: ui.oneOf(Object.keys(KINDS), FIRST[`kind${name}`]),
        [`in${name}`]: ui.oneOf(WIDTHS, 64),
        [`out${name}`]: ui.oneOf(WIDTHS, 64),
        [`kernel${name}`]: ui.oneOf([1, 3, 5, 7], 3),
        [`groups${name}`]: ui.oneOf(GROUPS),
        [`expand${name}`]: ui.whole(1, 8, 6),
      })),
    );

    settle(state) {
      const settled = { ...state };
      for (const name of NAMES) {
        const block = this.block(name, settled);
        if (block.kind === "shuffle" && state.stride === 1) {
          settled[`out${name}`] = block.out = block.into;
        }
        const [key, values] = refusal(block, state.stride) || [];
        if (key) throw new RangeError(this.t("refused", { name, why: this.t(key, values) }));
      }
      return settled;
    }

    block(name, state = this.state) {
      const [kind, into, out, kernel, groups, expand] = [
        ...["kind", "in", "out", "kernel", "groups", "expand"],
      ].map((key) => state[`${key}${name}`]);
      return { kind, into, out, kernel, groups, expand };
    }

    /* A change of a block with what follows from it, so that the block can be. */
    complete(name, changes) {
      const kind = changes[`kind${name}`];
      const extra = kind ? { groups: 1, ...DEFAULTS[kind] } : {};
      const stride = STILL.includes(kind) ? 1 : this.state.stride;
      const block = { ...this.block(name, { ...this.state, ...changes }), ...extra };
      const { out, groups, expand } = changes[`out${name}`] ? block : mend(block, stride);
      return {
        ...{ ...changes, stride },
        ...{ [`out${name}`]: out, [`groups${name}`]: groups, [`expand${name}`]: expand },
      };
    }

    /* A slider of a block has moved to a value. Where the block cannot be with it, it goes on to
       the next with which it can: an arrow key gets past 3 groups of 64 channels. */
    move(name, key, values, value) {
      const can = (one) => {
        const next = { ...this.state, ...this.complete(name, { [key]: one }) };
        return !refusal(this.block(name, next), next.stride);
      };
      const way = Math.sign(value - this.state[key]) || 1;
      const ahead = values.filter((one) => way * (one - value) >= 0);
      const found = (way > 0 ? ahead : ahead.reverse()).find(can);
      this.update(this.complete(name, { [key]: found ?? value }));
    }

    build() {
      const { el } = ui;
      const t = (key, values) => this.t(key, values);
      const box = (name, ...parts) => el("div", { class: name }, parts.flat());
      const group = (label, ...parts) => el("div", { role: "group", "aria-label": label }, parts);
      /* A slider over a list of numbers. */
      const slide = (label, key, values, call, write = ui.format) => {
        const one = ui.slider({
          ...{ label: t(label), min: 0, max: values.length - 1, value: 0 },
          onInput: (at) => call({ [key]: values[at] }),
          write: (at) => write(values[at]),
        });
        return { ...one, set: (value) => one.set(values.indexOf(value)) };
      };
      const pick = (label, key, values, call) =>
        ui.select({
          ...{ label: t(label), options: values.map((one) => [one, t(one)]) },
          onChange: (value) => call({ [key]: value }),
        });
      const settings = (controls) =>
        box(
          "course-controls",
          Object.values(controls).map((one) => one.element),
        );
      const title = (text) => el("p", { class: "course-title" }, text);
      const both = (changes) => {
        const { stride = this.state.stride } = changes;
        const mended = NAMES.map((name) => [`out${name}`, mend(this.block(name), stride).out]);
        this.update({ ...changes, ...Object.fromEntries(mended) });
      };
      const load = ({ preset }) => {
        if (PRESETS[preset]) this.update({ ...FIRST, ...PRESETS[preset] });
      };
      this.preset = pick("example", "preset", [...Object.keys(PRESETS), "own"], load);
      const of = (name) => {
        const change = (changes) => this.update(this.complete(name, changes));
        const move = (label, values, write) => {
          const key = `${label}${name}`;
          return slide(label, key, values, (to) => this.move(name, key, values, to[key]), write);
        };
        return {
          kind: pick("kind", `kind${name}`, Object.keys(KINDS), change),
          in: move("in", WIDTHS),
          out: move("out", WIDTHS),
          kernel: move("kernel", [1, 3, 5, 7], (k) => t("window", { k })),
          groups: move("groups", GROUPS),
          expand: move("expand", [1, 2, 3, 4, 5, 6, 7, 8]),
        };
      };
      this.controls = Object.fromEntries(NAMES.map((name) => [name, of(name)]));
      this.common = {
        side: slide("side", "side", SIDES, both, (n) => t("size", { n })),
        stride: slide("stride", "stride", [1, 2], both),
        batch: slide("batch", "batch", BATCHES, both),
        norm: pick("norm", "norm", ["no", "yes"], both),
      };
      this.rows = el("tbody");
      const columns = [t("measure"), ...NAMES].map((one) => el("th", { scope: "col" }, one));
      this.drawings = NAMES.map(() => {
        const heading = title("");
        const picture = ui.svg("svg", { class: "course-plot", role: "img" });
        return { heading, picture, element: box("course-panel", heading, picture) };
      });
      [this.rules, ...this.terms] = ["p", "p", "p"].map((tag) => el(tag));
      return box(
        "course-field course-blocks",
        settings([this.preset]),
        box(
          "course-compared",
          box(
            "course-pair",
            NAMES.map((name) => {
              const label = t("block", { name });
              return group(label, title(label), settings(this.controls[name]));
            }),
          ),
          el(
            "table",
            { class: "course-values" },
            el("thead", {}, el("tr", {}, columns)),
            this.rows,
          ),
          group(t("both"), title(t("both")), settings(this.common)),
          box(
            "course-row course-plots",
            this.drawings.map((one) => one.element),
          ),
        ),
        box("course-notes", this.terms),
        box("course-notes course-small", el("p", {}, t("legend")), this.rules),
      );
    }

    /* What a layer that reads so many channels is called in the drawing. */
    call({ op, k, groups, channels, stride }, before) {
      if (op === "shuffle") return this.t("shuffled");
      const alone = groups === channels && groups === before;
      const window = groups > 1 ? (alone ? "depthwise" : "grouped") : "window";
      const what = op === "conv" ? this.t(window, { k, groups }) : this.t("pool");
      return stride > 1 ? this.t("strided", { what, stride }) : what;
    }

    /* Layers from top to bottom, a column a branch, between wires as wide as they have channels. */
    draw({ heading, picture }, name, steps, widest) {
      const t = (key, values) => this.t(key, values);
      const total = steps.reduce((sum, { work }) => sum + work, 0);
      const boxes = steps.filter(
        ({ op }) => !["input", "norm", "relu", "add", "concat"].includes(op),
      );
      const join = steps.find(({ from }) => from.length > 1);
      const past = join?.from.includes(0);
      const columns = Math.max(...boxes.map(({ column }) => column)) + 1;
      const room = past ? 296 : 340;
      const pitch = room / columns;
      const [high, gap, top] = [54, 16, 24];
      const parts = [];
      const wire = (x, from, to, channels) => {
        const width = Math.max((22 * channels) / widest, 1);
        const bar = { x: x - width / 2, y: from, width, height: to - from, class: "course-pipe" };
        parts.push(ui.svg("rect", bar));
      };
      const write = (x, y, text) =>
        parts.push(ui.svg("text", { x, y, "text-anchor": "middle" }, text));
      const rect = (x, y, width, height, kind) =>
        parts.push(ui.svg("rect", { x, y, width, height, class: `course-${kind}` }));
      const across = (column) => pitch * (column + 0.5);
      const size = ({ channels, side }) => t("input", { channels: ui.format(channels), n: side });
      const most = Math.max(
        ...Array.from(
          { length: columns },
          (_, i) => boxes.filter((one) => one.column === i).length,
        ),
      );
      const bottom = top + gap + most * (high + gap);
      const [first, last] = [steps[0], steps[steps.length - 1]];
      const right = past ? 318 : across(columns - 1);
      if (right > across(0)) rect(across(0), top - 1, right - across(0), 2, "bus");
      for (let column = 0; column < columns; column++) {
        let [y, channels] = [top, first.channels];
        for (const one of boxes.filter((box) => box.column === column)) {
          const share = one.work / total;
          const width = Math.min(pitch - 6, 200);
          const x = across(column) - width / 2;
          wire(across(column), y, y + gap, channels);
          y += gap;
          rect(x, y, width, high, "strip");
          rect(x, y, width * share, high, "cone");
          channels = one.channels;
          const before = steps[one.from[0]].channels;
          write(across(column), y + 16, this.call(one, before));
          const change = { from: ui.format(before), to: ui.format(channels) };
          write(across(column), y + 32, t("channels", change));
          write(across(column), y + 48, t("share", { share: ui.format(100 * share, 1) }));
          y += high;
        }
        wire(across(column), y, bottom, channels);
      }
      if (past) wire(318, top, bottom, first.channels);
      write(170, 16, size(first));
      let end = bottom;
      if (join) {
        const middle = (across(0) + right) / 2;
        const from = Math.max(across(0) - 40, 3);
        rect(from, bottom, Math.min(right + 40, 337) - from, 24, "strip");
        write(middle, bottom + 17, t(join.op));
        wire(middle, bottom + 24, bottom + 40, last.channels);
        end = bottom + 40;
      }
      write(170, end + 16, size(last));
      picture.setAttribute("viewBox", `0 0 340 ${end + 22}`);
      picture.replaceChildren(...parts);
      heading.textContent = t("layers", { name, kind: t(this.state[`kind${name}`]) });
      const layers = boxes.map((one) => {
        const before = steps[one.from[0]].channels;
        return t("drawn", {
          ...{ what: this.call(one, before), from: ui.format(before) },
          ...{ to: ui.format(one.channels), share: ui.format((100 * one.work) / total, 1) },
        });
      });
      const ends = (past ? t("past") : "") + t(join ? `${join.op}_join` : "ends");
      const drawing = { title: heading.textContent, input: size(first), output: size(last) };
      picture.setAttribute(
        "aria-label",
        t("drawing", { ...drawing, layers: layers.join(", "), join: ends }),
      );
    }

    /* The weights as products, and for the separable pair its share in closed form. */
    explain(name, steps) {
      const { kind, out, kernel } = this.block(name);
      const t = (key, values) => this.t(key, values);
      const convolutions = steps.filter(({ op }) => op === "conv");
      const terms = convolutions.map(({ k, groups, from, channels }) =>
        [k * k, steps[from[0]].channels / groups, channels].filter((one) => one > 1).join("·"),
      );
      const sum = (list) => list.reduce((all, one) => all + one.parameters, 0);
      const [weights, fixed] = [sum(convolutions), sum(steps) - sum(convolutions)];
      const [{ side }] = convolutions;
      const everywhere = convolutions.every((one) => one.side === side);
      const closed = kind === "separable" && {
        ...{ out, square: kernel ** 2, ratio: short(1 / out + 1 / kernel ** 2) },
      };
      const text = terms.map((term) => term || "1").join(" + ");
      return (
        t(/[+·]/.test(text) ? "terms" : "term", {
          ...{ name, terms: text, weights: ui.format(weights) },
          places: everywhere ? t("places", { n: side }) : "",
          fixed: fixed ? t("fixed", { count: ui.format(fixed) }) : "",
        }) + (closed ? t("closed", closed) : "")
      );
    }

    render() {
      const { side, stride, batch, norm } = this.state;
      const t = (key, values) => this.t(key, values);
      const shared = { side, stride, norm: norm === "yes" };
      const blocks = NAMES.map((name) => this.block(name));
      const layers = blocks.map((block) => lay(block, shared));
      const found = layers.map(count);
      const standard = blocks.map((block) => count(lay(plain(block), shared)));
      const matches = (preset) =>
        Object.entries({ ...FIRST, ...preset }).every(([key, value]) => this.state[key] === value);
      this.preset.set(Object.keys(PRESETS).find((key) => matches(PRESETS[key])) || "own");
      for (const [key, control] of Object.entries(this.common)) control.set(this.state[key]);
      NAMES.forEach((name, i) => {
        const { settings } = KINDS[blocks[i].kind];
        for (const [key, control] of Object.entries(this.controls[name])) {
          control.set(this.state[`${key}${name}`]);
          const always = ["kind", "in", "out"].includes(key);
          control.element.hidden = !always && !settings.includes(key);
        }
        this.controls[name].out.input.disabled = blocks[i].kind === "shuffle" && stride === 1;
      });

      /* Long numbers may break behind their commas. */
      const breaking = (text) => text.split(/(?<=,)/).flatMap((part) => [part, ui.el("wbr")]);
      const memory = (numbers) => {
        const kilo = (numbers * batch * BYTES) / 1000;
        const [key, size] = kilo < 1e4 ? ["kilo", kilo] : ["mega", kilo / 1000];
        return t(key, { size: ui.format(size, 1) });
      };
      /* One word for both standards, unless their kernels differ. */
      const kernels = blocks.map((block) => plain(block).kernel);
      const against = kernels[0] === kernels[1] ? "against" : "againstOne";
      const ratio = (key, i) => short(found[i][key] / standard[i][key]);
      const written = (key, value) =>
        key === "parameters" || key === "work" ? ui.format(value) : memory(value);
      this.rows.replaceChildren(
        ...MEASURES.map((key) =>
          ui.el(
            "tr",
            {},
            ui.el(
              "th",
              { scope: "row" },
              t(key),
              key === "parameters" ? null : ui.el("small", {}, t(`${key}For`)),
            ),
            found.map((one, i) =>
              ui.el(
                "td",
                {},
                breaking(written(key, one[key])),
                ui.el("small", {}, t(against, { ratio: ratio(key, i), k: kernels[i] })),
              ),
            ),
          ),
        ),
      );
      const widest = Math.max(...layers.flat().map(({ channels }) => channels));
      NAMES.forEach((name, i) => {
        this.draw(this.drawings[i], name, layers[i], widest);
        this.terms[i].textContent = this.explain(name, layers[i]);
      });
      const [a, b] = kernels.map((k) => t("window", { k }));
      this.rules.textContent = t("rules", { a, b });
      const values = NAMES.flatMap((name, i) => [
        [`kind${name}`, t(blocks[i].kind)],
        [`parameters${name}`, ui.format(found[i].parameters)],
        [`work${name}`, ui.format(found[i].work)],
      ]);
      this.say(
        t("say", {
          ...Object.fromEntries(values),
          work: short(found[1].work / found[0].work),
          kept: short(found[1].kept / found[0].kept),
        }),
      );
    }
  }

  ui.define("course-block-cost", BlockCostFigure);
  return { WIDTHS, GROUPS, KINDS, PRESETS, lay, count, plain, refusal, mend };
});
