/* Teach it your pictures: a network that knows ImageNet's classes learns the reader's from a few
   photographs. It is fetched on request, with photo-model.js, which has the mathematics,
   photo-engine.js, which runs it beside the page, and photo-examples.js. */
(function (root, make) {
  const figure = make(
    root,
    root.CourseUI || require("./ui.js"),
    root.CoursePhotoFiles || require("./photo-files.js"),
  );
  if (typeof module !== "undefined" && module.exports) module.exports = figure;
  else root.CourseTeachIt = figure;
})(typeof self !== "undefined" ? self : this, function (root, ui, files) {
  "use strict";

  const TEXTS = {
    en: {
      privacy:
        "Your pictures stay on this page: all is computed here, nothing is sent anywhere, and " +
        "nothing is kept. Once you leave the page, they are gone.",
      offer:
        "The network is EfficientNet-Lite0, trained on the 1.3 million photographs of ImageNet. " +
        "It comes with the course, and is loaded when you ask for it.",
      load: "Load the network ({size} MB)",
      again: "Try again",
      cancel: "Cancel",
      asleep: "The network is not loaded yet.",
      linked: "This link shows examples on board. Load the network to see them.",
      waiting: "Load the network first, then give it pictures.",
      programs: "Step 1 of 3: the programs",
      weights: "Step 2 of 3: the weights, {done} of {size} MB",
      file: "Step 2 of 3: the weights, {size} MB from a file (how much is read, it cannot tell)",
      unpack: "Step 3 of 3: unpacking the weights",
      canceled: "Loading was cancelled. The network is not loaded yet.",
      missing: "{what} cannot be loaded. Is the connection gone? Nothing is lost: try again.",
      board: "Examples on board",
      things: "Cat, cup, rocket",
      backgrounds: "Swapped backgrounds",
      own: "Empty, for your own",
      another: "Add a class",
      undo: "Undo",
      name: "Name of class {number}",
      unnamed: "class {number}",
      ask: "Ask: pictures that belong to no class yet",
      hint:
        "Drop pictures into a box, or paste them where the focus is. Arrow keys go from one " +
        "picture to the next.",
      add: "Add pictures",
      take: "Take a photo",
      drop: "Remove the class",
      addTo: "Add pictures to {home}",
      takeTo: "Take a photo for {home}",
      dropOf: "Remove the class {home} and its pictures",
      asked: "the pictures to ask",
      count: "{count} of at most {most} pictures",
      empty: "No pictures yet.",
      place: "{home}, {number} of {count}: {name}",
      full: "At most {most} pictures fit. Left out: {names}.",
      file_empty: "{name} is empty.",
      file_large: "{name} is larger than {size} MB.",
      file_heic:
        "{name} is a HEIC picture, which this browser cannot read. Phones can make JPEG instead: " +
        "choose “most compatible” for the camera, or share the picture in that form.",
      file_kind: "{name} is not a picture.",
      file_broken: "{name} cannot be read as a picture: it may be damaged, or of a rare kind.",
      none: "What was dropped is not a file. Save the picture first, then drop or choose it.",
      uncomputed: "{name} could not be computed: {what}",
      reading: "Looking at {count} pictures …",
      reading1: "Looking at a picture …",
      nothing: "Add a picture, or start with examples on board.",
      choose: "Choose a picture.",
      seen: "What the network sees: the middle",
      where: "Where it speaks for “{name}”",
      names: "ImageNet's five best names",
      classes: "Your classes, by similarity",
      why: "Each line shows its own map.",
      of_name:
        "Orange speaks for “{name}”, hatched purple against. The {count} values have the mean " +
        "{mean}; with the class's bias, {bias}, that is its logit, {logit}.",
      of_class:
        "Orange speaks for “{name}” rather than “{other}”, hatched purple against. The {count} " +
        "values have the mean {mean}: it is more similar to the first by that much.",
      of_only:
        "Orange: where it is like “{name}”. The {count} values have the mean {mean}, the " +
        "similarity.",
      strongest: "Map of “{name}”: strongest in row {row}, column {column} of {rows}.",
      first: "{picture}: ImageNet's best name is {name} ({share}).",
      nearest: "Of your classes it is most similar to {name} ({one}), then {other} ({two}).",
      only: "Its similarity to {name} is {one}. There is no other class to compare it with.",
      wrong: "It belongs to {home}.",
      itself: "It is an example itself, and judged by the others.",
      alone: "Its own class, {home}, has no other picture, so it cannot be given back.",
      lonely: "It is the only example. Give another class a picture, and it is compared.",
      unlearnt: "Give at least one class a picture, and it is compared.",
      neighbours: "Nearest examples",
      similar: "{home} {value}",
      move: "Box of this picture",
      remove: "Remove this picture",
      estimate: "Each example judged by the others",
      column_class: "Class",
      column_count: "Pictures",
      column_right: "Given back",
      single: "1, which nothing can judge",
      total: "{right} of {count} come back to their class ({share}).",
      few:
        "That is from {count} pictures: one mistake more or less moves it by {step}. Pictures " +
        "of one scene, or taken one after the other, are alike, and make it too good.",
      need: "Each can be judged by the others once two classes have pictures, and one of them two.",
      swap: "What if the background were another?",
      swapHint:
        "Move the frame around the thing, by the sliders or by a click. The network then also " +
        "looks at what the frame holds, and at the rest.",
      across: "Left–right",
      down: "Up–down",
      side: "Size of the frame",
      behind: "Background taken from",
      gray: "grey",
      whole: "as it is",
      inside: "frame on grey",
      outside: "without the frame",
      swapped: "frame on the background of {name}",
      spot: "Frame from {left} to {right} % across, {top} to {bottom} % down",
      verdict: "{name} ({value})",
      computing: "…",
      swapSaid:
        "What the frame holds is most similar to {inside}, the rest of the picture to {outside}.",
      lost:
        "look={look}: there are {count} pictures. A link opens examples on board; your own " +
        "pictures are not in it.",
    },
  };
  const BYTES = 6647342; // of photo-network.js
  const MOST = 60; // pictures
  const CLASSES = 5;
  const ASK = -1; // the box of pictures that belong to no class
  const UNDONE = 30; // steps back
  const GRAY = 127;
  const LETTERS = ["a", "b", "c", "d", "e"];
  const SETS = ["none", "things", "backgrounds"];
  const { el, button } = ui;
  const megabytes = (bytes) => ui.format(bytes / 1e6, 1);
  const percent = (share) => `${ui.format(100 * share, share < 0.1 ? 1 : 0)}\u00a0%`;
  const two = (value) => value.toFixed(2).replace("-", "−");
  const home = root.document?.currentScript?.src;

  function loadScript(address) {
    return new Promise((resolve, reject) => {
      const script = el("script", { src: address, onload: resolve, onerror: reject });
      root.document.head.append(script);
    });
  }

  /* A file of the network as it comes; told(bytes) says how much is there. */
  async function fetchScript(address, signal, told) {
    const response = await root.fetch(address, { signal });
    if (!response.ok) throw new Error(String(response.status));
    const parts = [];
    let bytes = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      told((bytes += value.length));
    }
    const whole = root.URL.createObjectURL(new root.Blob(parts, { type: "text/javascript" }));
    try {
      await loadScript(whole);
    } catch {
      await loadScript(address); // where a page may not run what it has put together
    } finally {
      root.URL.revokeObjectURL(whole);
    }
  }

  /* Pixels of a picture, and in a square of others; shares of the side from 0 to 1. */
  function compose(inner, outer, size, { x, y, side }) {
    const pixels = new Float32Array(size * size * 3);
    const within = (at, middle) => Math.abs((at + 0.5) / size - middle) < side / 2;
    for (let row = 0, to = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const from = within(row, y) && within(column, x) ? inner : outer;
        for (let c = 0; c < 3; c++, to++) pixels[to] = from ? from[to] : GRAY;
      }
    }
    return pixels;
  }

  /* What the classes say of a picture: the examples without itself, classes by similarity, nearest
     examples. `home` is the class of a picture or ASK. */
  function judge(model, picture, pictures) {
    const examples = pictures.filter((one) => one !== picture && one.home !== ASK && one.result);
    if (!examples.length) return { examples, ranked: [], nearest: [] };
    const embeddings = examples.map((one) => one.result.embedding);
    const { embedding } = picture.result;
    const homes = examples.map((one) => one.home);
    return {
      examples,
      ranked: model.nearestMean(embedding, embeddings, homes),
      nearest: model
        .nearest(embedding, embeddings)
        .map(({ index, similarity }) => ({ picture: examples[index], similarity })),
    };
  }

  /* How many examples of each class the others give back to it: [{count, right}], `count` only of
     those that can be judged; and which pictures are given to another class. */
  function estimate(model, pictures, classes) {
    const examples = pictures.filter((one) => one.home !== ASK && one.result);
    const given = model.leaveOneOut(
      examples.map((one) => one.result.embedding),
      examples.map((one) => one.home),
    );
    const all = Array.from({ length: classes }, (_, k) => {
      const own = examples.map((one, i) => [one, given[i]]).filter(([one]) => one.home === k);
      const judged = own.filter(([, to]) => to !== null);
      return {
        pictures: own.length,
        count: judged.length,
        right: judged.filter(([, to]) => to === k).length,
      };
    });
    const wrong = examples.filter((one, i) => given[i] !== null && given[i] !== one.home);
    return { all, wrong: new Set(wrong) };
  }

  class TeachIt extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      set: ui.oneOf(SETS),
      look: ui.whole(1, MOST, 1),
      map: ui.oneOf([1, 2, 3, 4, 5, ...LETTERS]),
      swap: ui.whole(0, 1, 0),
      x: ui.whole(0, 100, 50),
      y: ui.whole(0, 100, 50),
      side: ui.whole(10, 90, 40),
      behind: ui.whole(0, MOST, 0),
    };

    phase = "asleep";
    names = ["", ""];
    pictures = [];
    past = []; // what Undo brings back
    sets = {}; // pictures on board, once they have been computed
    swaps = new Map();
    reading = 0; // files
    opening = null; // a set on board
    problems = [];

    /* An address asks for a set as it is, and so does Reset. */
    read(text) {
      this.remember();
      this.renew = true;
      return super.read(text);
    }

    update(changes) {
      if (changes === this.initial) {
        this.remember();
        this.renew = true;
      }
      this.problems = [];
      super.update(changes);
    }

    show(wrong = this.wrong) {
      super.show([...new Set([...wrong, ...this.problems])]);
    }

    tell(...problems) {
      this.problems = problems;
      this.show([]);
    }

    /* --- what is there ---------------------------------------------------------------------- */

    nameOf(k) {
      if (k === ASK) return this.t("asked");
      return this.names[k].trim() || this.t("unnamed", { number: k + 1 });
    }

    /* Whether a step back leads elsewhere. */
    differs(step) {
      const { names, pictures, state } = this;
      return step.names !== names || step.pictures !== pictures || step.state.set !== state.set;
    }

    remember() {
      const { names, pictures, state, past } = this;
      if (!past.length && !pictures.length) return;
      if (past.length && !this.differs(past[past.length - 1])) return;
      this.past = [...past, { names, pictures, state }].slice(-UNDONE);
    }

    /* A change that can be undone: of names, of pictures, of settings. */
    change({ names = this.names, pictures = this.pictures, ...settings }) {
      this.remember();
      Object.assign(this, { names, pictures });
      this.update({ look: this.within(this.state.look), ...settings });
    }

    within(look) {
      return Math.min(Math.max(look, 1), Math.max(this.pictures.length, 1));
    }

    undo() {
      let last = this.past.pop();
      while (last && !this.differs(last)) last = this.past.pop();
      if (!last) return;
      Object.assign(this, { names: last.names, pictures: last.pictures });
      this.update(last.state);
    }

    /* In the order of the boxes, which is that of the page. */
    sorted(pictures) {
      const order = ({ home }) => (home === ASK ? CLASSES : home);
      return [...pictures].sort((a, b) => order(a) - order(b));
    }

    get chosen() {
      return this.pictures[this.state.look - 1];
    }

    lookAt(picture) {
      return this.pictures.indexOf(picture) + 1;
    }

    /* --- loading ---------------------------------------------------------------------------- */

    addressOf(script) {
      const all = (this.dataset.requests || "").split(" ");
      return new URL(all.find((one) => one.startsWith(`${script}.js`)) || `${script}.js`, home);
    }

    async need(script) {
      try {
        await loadScript(this.addressOf(script));
      } catch {
        throw new Error(this.t("missing", { what: `${script}.js` }));
      }
    }

    progress(words, share) {
      this.words = words;
      this.bar.setAttribute("aria-label", words);
      this.bar.hidden = this.phase !== "loading";
      if (share === undefined) this.bar.removeAttribute("value");
      else this.bar.value = share;
      this.loadingText.textContent = words;
    }

    async weights(signal) {
      if (root.CoursePhotoNetwork) return;
      const size = megabytes(BYTES);
      const address = this.addressOf("photo-network");
      if (!address.protocol.startsWith("http") || !root.ReadableStream) {
        this.progress(this.t("file", { size }));
        await this.need("photo-network");
        return;
      }
      let quarter = -1;
      const told = (bytes) => {
        const words = this.t("weights", { done: megabytes(bytes), size });
        this.progress(words, Math.min(bytes / BYTES, 1));
        if (Math.floor((4 * bytes) / BYTES) === quarter) return;
        quarter = Math.floor((4 * bytes) / BYTES);
        this.say(words);
      };
      try {
        told(0);
        await fetchScript(address, signal, told);
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Error(this.t("missing", { what: "photo-network.js" }));
      }
    }

    /* Not loading any more, and why. */
    leave(phase, ...problems) {
      this.phase = phase;
      this.tell(...problems);
      this.loader.focus();
    }

    async request() {
      const { signal } = (this.stopping = new AbortController());
      this.phase = "loading";
      this.progress(this.t("programs"));
      this.show([]);
      this.cancel.focus();
      let engine = null;
      try {
        if (!root.CoursePhotoModel) await this.need("photo-model");
        if (!root.CoursePhotoEngine) await this.need("photo-engine");
        if (!root.CoursePhotoExamples) await this.need("photo-examples");
        signal.throwIfAborted();
        await this.weights(signal);
        signal.throwIfAborted();
        this.progress(this.t("unpack"));
        this.say(this.words);
        this.model = root.CoursePhotoModel;
        engine = await root.CoursePhotoEngine.start(this.model, root.CoursePhotoNetwork);
        signal.throwIfAborted();
      } catch (error) {
        engine?.stop();
        if (!signal.aborted) this.leave("failed", error.message);
        return;
      }
      this.engine = engine;
      this.phase = "ready";
      this.tell();
      this.board.querySelector("button").focus();
    }

    /* --- pictures --------------------------------------------------------------------------- */

    /* The answer is also for what has come of the picture meanwhile: when a class goes, pictures of
       the next ones are copied into another box. */
    async compute(picture) {
      const { image } = picture;
      try {
        const result = await this.engine.run({ image });
        const steps = [this, ...this.past].flatMap(({ pictures }) => pictures);
        const same = steps.filter((one) => one.image === image);
        for (const one of [picture, ...same]) Object.assign(one, { result, image: null });
      } catch (error) {
        this.pictures = this.pictures.filter((one) => one.image !== image);
        this.problems.push(this.t("uncomputed", { name: picture.name, what: error.message }));
      }
      this.show();
    }

    /* Files into a box; what is wrong with any of them is told, and the others come in. */
    async add(list, box) {
      if (this.phase !== "ready") {
        this.tell(this.t("waiting"));
        return;
      }
      const told = [];
      const left = [];
      const size = ui.format(files.LARGEST / 1e6, 0);
      this.remember();
      this.reading += list.length;
      this.show([]);
      for (const file of list) {
        const name = file.name.length > 28 ? `${file.name.slice(0, 25)}…` : file.name;
        const full = this.pictures.length >= MOST;
        const { image, problem } = full ? {} : await files.read(file);
        this.reading -= 1;
        if (full) left.push(name);
        else if (problem) told.push(this.t(`file_${problem}`, { name, size }));
        else {
          const picture = { name, home: box < this.names.length ? box : ASK, image };
          this.pictures = this.sorted([...this.pictures, picture]);
          this.update({ look: this.lookAt(picture) });
          this.compute(picture);
        }
      }
      if (left.length) told.push(this.t("full", { most: MOST, names: left.join(", ") }));
      this.tell(...told);
    }

    /* The pictures of a set on board, which are computed once. */
    async openSet(name) {
      if (this.opening === name) return;
      const { classes, pictures } = root.CoursePhotoExamples[name];
      this.opening = name;
      const read = async ({ name: title, home: box, webp }) => {
        const bytes = Uint8Array.from(root.atob(webp), (letter) => letter.charCodeAt(0));
        const { image } = await files.read(new root.File([bytes], title, { type: "image/webp" }));
        return { name: title, home: box, image };
      };
      this.sets[name] = { names: classes, pictures: await Promise.all(pictures.map(read)) };
      this.opening = null;
      if (this.state.set === name) Object.assign(this, this.sets[name]);
      this.show();
      for (const picture of this.sets[name].pictures) this.compute(picture);
    }

    remove() {
      const { chosen } = this;
      if (!chosen) return;
      const focused = this.removing.contains(root.document.activeElement);
      this.change({ pictures: this.pictures.filter((one) => one !== chosen) });
      if (focused && !this.pictures.length) this.undoing.focus();
    }

    move(box) {
      const { chosen } = this;
      const moved = { ...chosen, home: box };
      const pictures = this.sorted(this.pictures.map((one) => (one === chosen ? moved : one)));
      this.change({ pictures, look: pictures.indexOf(moved) + 1 });
    }

    dropClass(k) {
      const kept = this.pictures.filter((one) => one.home !== k);
      const pictures = kept.map((one) => (one.home > k ? { ...one, home: one.home - 1 } : one));
      const { chosen } = this;
      const look = Math.max(kept.indexOf(chosen), 0) + 1;
      const { element, drop } = this.cards[k];
      const focused = drop === root.document.activeElement;
      this.change({ names: this.names.filter((_, i) => i !== k), pictures, look });
      if (focused && (element.hidden || drop.hidden)) this.undoing.focus();
    }

    rename(k, name) {
      const names = this.names.map((one, i) => (i === k ? name : one));
      if (this.naming !== k) this.remember();
      this.naming = k;
      this.names = names;
      this.tell();
    }

    /* --- what it is made of ------------------------------------------------------------------ */

    build() {
      const t = (key, values) => this.t(key, values);
      const box = (name, ...parts) => el("div", { class: name }, parts.flat());
      const title = (text) => el("p", { class: "course-title" }, text);

      this.loader = button(t("load", { size: megabytes(BYTES) }), () => this.request());
      this.cancel = button(t("cancel"), () => {
        this.stopping.abort();
        this.leave("canceled");
      });
      this.bar = el("progress", { max: 1, hidden: true, "aria-label": t("programs") });
      this.loadingText = el("p", { class: "course-small" });
      this.offer = box(
        "course-offer",
        el("p", {}, t("offer")),
        box("course-stepper", this.loader, this.cancel),
        this.bar,
        this.loadingText,
      );

      const sets = ["things", "backgrounds"].map((set) =>
        button(t(set), () => this.start(set), { "data-set": set }),
      );
      this.setButtons = [
        ...sets,
        button(t("own"), () => this.start("none"), { "data-set": "none" }),
      ];
      this.adding = button(t("another"), () => {
        if (this.names.length < CLASSES) this.change({ names: [...this.names, ""] });
      });
      this.undoing = button(t("undo"), () => this.undo());
      this.board = el(
        "div",
        { class: "course-stepper", role: "group", "aria-label": t("board") },
        el("span", {}, t("board")),
        this.setButtons,
      );

      this.chooser = this.fileInput({ multiple: true });
      this.camera = this.fileInput({ capture: "environment" });
      this.cards = [...Array(CLASSES).keys(), ASK].map((k) => this.card(k));
      this.counted = el("p", { class: "course-small" });

      this.ready = box(
        "course-ready",
        this.board,
        el("p", { class: "course-small course-keyboard" }, t("hint")),
        box(
          "course-cards",
          this.cards.map((card) => card.element),
        ),
        box("course-stepper", this.adding, this.undoing, this.counted),
        this.buildLook(),
        this.buildEstimate(),
        this.buildSwap(),
        this.chooser,
        this.camera,
      );
      this.listen();
      this.style.overflowWrap = "break-word"; // names can be long
      return box("course-teach", el("p", {}, t("privacy")), this.offer, this.ready);
    }

    fileInput(more) {
      return el("input", {
        type: "file",
        accept: "image/*",
        hidden: true,
        onchange: ({ target }) => {
          const list = [...target.files];
          target.value = "";
          if (list.length) this.add(list, this.target);
        },
        ...more,
      });
    }

    /* The box of a class, or of the pictures to ask. */
    card(k) {
      const ask = (input) => () => {
        this.target = k;
        input.click();
      };
      const add = button(this.t("add"), ask(this.chooser), { "data-chooses": "" });
      const take = button(this.t("take"), ask(this.camera), {
        class: "course-button course-touch",
        "data-chooses": "",
      });
      const drop = k === ASK ? null : button(this.t("drop"), () => this.dropClass(k));
      const shelf = el("div", { class: "course-samples" });
      let head = el("p", { class: "course-title" }, this.t("ask"));
      let input = null;
      if (k !== ASK) {
        input = el("input", {
          type: "text",
          id: ui.unique("name"),
          maxlength: 24,
          autocomplete: "off",
          oninput: () => this.rename(k, input.value),
          onblur: () => {
            this.naming = null;
          },
        });
        head = el(
          "div",
          { class: "course-control" },
          el("label", { for: input.id }, this.t("name", { number: k + 1 })),
          input,
        );
      }
      const element = el(
        "section",
        { class: "course-card", "data-home": k },
        head,
        shelf,
        el("div", { class: "course-stepper" }, add, take, drop),
      );
      return { k, element, input, shelf, add, take, drop };
    }

    buildLook() {
      const t = (key) => this.t(key);
      const pane = (words, ...children) =>
        el("figure", {}, el("div", { class: "course-pane" }, children), words);
      this.seen = el("canvas", { role: "img" });
      this.under = el("canvas", { "aria-hidden": "true" });
      this.heat = el("div", { class: "course-heat", role: "img" });
      this.heatTitle = el("figcaption");
      this.lines = el("fieldset", { class: "course-lines" });
      this.mapWords = el("p", { class: "course-small" });
      this.verdict = el("p");
      this.near = el("ul", { class: "course-near" });
      this.moving = ui.select({
        label: t("move"),
        options: [...Array(CLASSES).keys(), ASK].map((k) => [k, ""]),
        value: ASK,
        onChange: (k) => this.move(k),
      });
      this.removing = button(t("remove"), () => this.remove());
      this.look = el(
        "div",
        { class: "course-look" },
        this.verdict,
        el(
          "div",
          { class: "course-row" },
          el(
            "div",
            { class: "course-panes" },
            pane(el("figcaption", {}, t("seen")), this.seen),
            pane(this.heatTitle, this.under, this.heat),
            this.mapWords,
          ),
          this.lines,
        ),
        el("p", { class: "course-title" }, t("neighbours")),
        this.near,
        el("div", { class: "course-stepper" }, this.moving.element, this.removing),
      );
      return this.look;
    }

    buildEstimate() {
      const head = (text) => el("th", { scope: "col" }, text);
      this.rows = el("tbody");
      this.total = el("p", { class: "course-small" });
      this.judged = el(
        "div",
        {},
        el("p", { class: "course-title" }, this.t("estimate")),
        el(
          "table",
          { class: "course-values" },
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              ["column_class", "column_count", "column_right"].map((key) => head(this.t(key))),
            ),
          ),
          this.rows,
        ),
        this.total,
      );
      return this.judged;
    }

    buildSwap() {
      const t = (key) => this.t(key);
      const slide = (name, min, max) =>
        ui.slider({
          label: t({ x: "across", y: "down", side: "side" }[name]),
          min,
          max,
          step: 5,
          value: min,
          write: (value) => `${value} %`,
          onInput: (value) => this.update({ [name]: value }),
        });
      this.sliders = { x: slide("x", 0, 100), y: slide("y", 0, 100), side: slide("side", 10, 90) };
      this.behind = el("select", {
        id: ui.unique("behind"),
        onchange: ({ target }) => this.update({ behind: Number(target.value) }),
      });
      this.spot = el("canvas", { class: "course-spot", role: "img" });
      const act = (event) => {
        const { left, top, width, height } = this.spot.getBoundingClientRect();
        const share = (at, from, length) =>
          Math.round(Math.min(Math.max((at - from) / length, 0), 1) * 20) * 5;
        this.update({ x: share(event.clientX, left, width), y: share(event.clientY, top, height) });
      };
      ui.pointing(this.spot, { act });
      this.variants = ["whole", "inside", "outside", "swapped"].map((key) => ({
        key,
        canvas: el("canvas", { "aria-hidden": "true" }),
        words: el("figcaption"),
      }));
      this.fold = el(
        "details",
        {
          ontoggle: () => {
            const swap = Number(this.fold.open);
            if (swap !== this.state.swap) this.update({ swap });
          },
        },
        el("summary", {}, t("swap")),
        el("p", { class: "course-small" }, t("swapHint")),
        el(
          "div",
          { class: "course-row" },
          this.spot,
          el(
            "div",
            { class: "course-controls course-frames" },
            Object.values(this.sliders).map((one) => one.element),
            el(
              "div",
              { class: "course-control" },
              el("label", { for: this.behind.id }, t("behind")),
              this.behind,
            ),
          ),
        ),
        el(
          "div",
          { class: "course-variants" },
          this.variants.map(({ canvas, words }) => el("figure", {}, canvas, words)),
        ),
      );
      return this.fold;
    }

    /* Pictures that are dropped or pasted. While the figure has pictures, one that misses it does
       not make the browser leave the page. */
    listen() {
      const boxOf = (node) => {
        const card = node?.closest?.(".course-card");
        return card && this.contains(card) ? Number(card.dataset.home) : ASK;
      };
      const carries = ({ dataTransfer }) => [...(dataTransfer?.types || [])].includes("Files");
      const mark = (target) => {
        for (const { element, k } of this.cards) {
          element.classList.toggle("course-target", target !== null && k === target);
        }
      };
      this.addEventListener("dragover", (event) => {
        event.preventDefault();
        mark(boxOf(event.target));
      });
      this.addEventListener("dragleave", () => mark(null));
      this.addEventListener("drop", (event) => {
        event.preventDefault();
        mark(null);
        const list = [...event.dataTransfer.files];
        if (list.length) this.add(list, boxOf(event.target));
        else this.tell(this.t("none"));
      });
      for (const type of ["dragover", "drop"]) {
        root.addEventListener(type, (event) => {
          if (this.pictures.length && carries(event)) event.preventDefault();
        });
      }
      root.document.addEventListener("paste", (event) => {
        const list = [...(event.clipboardData?.files || [])];
        const active = root.document.activeElement;
        const mine =
          this.contains(active) || (active === root.document.body && this.pictures.length);
        if (!list.length || !mine || !this.isConnected) return;
        event.preventDefault();
        this.add(list, boxOf(active));
      });
    }

    /* A set on board, or none. */
    start(set) {
      this.remember();
      this.renew = true;
      this.update({ ...this.initial, set });
    }

    /* --- what is shown ----------------------------------------------------------------------- */

    paint(canvas, pixels, side) {
      if (canvas.shows === pixels) return;
      canvas.shows = pixels;
      const context = canvas.getContext("2d");
      Object.assign(canvas, { width: side, height: side });
      const image = context.createImageData(side, side);
      for (let i = 0, from = 0; i < image.data.length; i += 4, from += 3) {
        for (let c = 0; c < 3; c++) image.data[i + c] = pixels[from + c];
        image.data[i + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    }

    render() {
      const { phase, state } = this;
      const ready = phase === "ready";
      this.offer.hidden = ready;
      this.ready.hidden = !ready;
      this.loader.hidden = phase === "loading";
      this.cancel.hidden = phase !== "loading";
      this.bar.hidden = this.loadingText.hidden = phase !== "loading";
      this.loader.textContent = this.t(phase === "failed" ? "again" : "load", {
        size: megabytes(BYTES),
      });
      if (!ready) {
        const key = state.set !== "none" ? "linked" : "asleep";
        const words = { canceled: this.t("canceled"), loading: this.words || this.t("programs") };
        if (phase !== "loading" || !this.said.textContent.startsWith("Step")) {
          this.say(words[phase] || this.t(key));
        }
        this.dataset.busy = phase === "loading" ? "yes" : "no";
        return;
      }
      if (this.renew) this.restore();
      const waiting = this.reading + this.pictures.filter((one) => !one.result).length;
      const { chosen } = this;
      this.renderCards();
      const words = chosen?.result ? this.renderLook(chosen) : [];
      this.look.hidden = this.judged.hidden = this.fold.hidden = !words.length;
      this.dataset.busy = waiting || this.opening || (words.length && this.swapping) ? "yes" : "no";
      if (waiting || this.opening) {
        this.say(this.t(waiting === 1 ? "reading1" : "reading", { count: waiting || "" }));
      } else this.say(words.join(" ") || this.t(this.pictures.length ? "choose" : "nothing"));
      if (!this.opening && state.look > Math.max(this.pictures.length, 1)) {
        throw new RangeError(this.t("lost", { look: state.look, count: this.pictures.length }));
      }
    }

    /* The pictures as the address asks for them. */
    restore() {
      const { set } = this.state;
      this.renew = false;
      if (set === "none") Object.assign(this, { names: ["", ""], pictures: [] });
      else if (this.sets[set]) Object.assign(this, this.sets[set]);
      else this.openSet(set);
    }

    renderCards() {
      const { names, pictures, state } = this;
      const most = { count: pictures.length, most: MOST };
      this.counted.textContent = this.t("count", most);
      this.adding.setAttribute("aria-disabled", names.length >= CLASSES);
      const back = this.past.some((step) => this.differs(step));
      this.undoing.setAttribute("aria-disabled", !back);
      for (const one of this.setButtons) {
        one.setAttribute("aria-pressed", one.dataset.set === state.set);
      }
      this.estimate = estimate(this.model, pictures, names.length);
      for (const { k, element, input, shelf, add, take, drop } of this.cards) {
        element.hidden = k >= names.length;
        if (element.hidden) continue;
        const name = this.nameOf(k);
        if (input && input.value !== names[k]) input.value = names[k];
        add.setAttribute("aria-label", this.t("addTo", { home: name }));
        take.setAttribute("aria-label", this.t("takeTo", { home: name }));
        drop?.setAttribute("aria-label", this.t("dropOf", { home: name }));
        if (drop) drop.hidden = names.length <= 2;
        this.renderShelf(k, shelf);
      }
    }

    /* The pictures of a box, as choices; those that are there stay, so that the focus does. */
    renderShelf(k, shelf) {
      const own = this.pictures.filter((one) => one.home === k);
      if (!own.length) {
        shelf.replaceChildren(el("span", { class: "course-small" }, this.t("empty")));
        return;
      }
      const tiles = own.map((picture) => this.tileOf(picture));
      if (
        shelf.childNodes.length !== tiles.length ||
        tiles.some((tile, i) => shelf.childNodes[i] !== tile.element)
      ) {
        const focused = root.document.activeElement;
        shelf.replaceChildren(...tiles.map((tile) => tile.element));
        if (shelf.contains(focused)) focused.focus();
      }
      own.forEach((picture, i) => {
        const tile = tiles[i];
        const wrong = this.estimate.wrong.has(picture);
        tile.input.checked = picture === this.chosen;
        tile.input.setAttribute(
          "aria-label",
          this.t("place", {
            home: this.nameOf(k),
            number: i + 1,
            count: own.length,
            name: picture.name,
          }),
        );
        tile.element.classList.toggle("wrong", Boolean(wrong));
        if (picture.result && !tile.painted) {
          this.paint(tile.canvas, picture.result.pixels, this.sideOf(picture));
          tile.painted = true;
        }
      });
    }

    tileOf(picture) {
      this.tiles ??= new WeakMap();
      this.group ??= ui.unique("picture");
      if (!this.tiles.has(picture)) {
        const input = el("input", {
          type: "radio",
          name: this.group,
          onchange: () => this.update({ look: this.lookAt(picture) }),
        });
        const canvas = el("canvas", { width: 1, height: 1 });
        this.tiles.set(picture, { input, canvas, element: el("label", {}, input, canvas) });
      }
      return this.tiles.get(picture);
    }

    sideOf({ result }) {
      return Math.round(Math.sqrt(result.pixels.length / 3));
    }

    /* What the network says of the chosen picture; in words. */
    renderLook(picture) {
      const { result } = picture;
      const found = judge(this.model, picture, this.pictures);
      const said = [
        this.t("first", {
          picture: picture.name,
          name: result.best[0].name,
          share: percent(result.best[0].probability),
        }),
        ...this.sayClasses(picture, found),
      ];
      this.verdict.textContent = said.join(" ");
      this.paint(this.seen, result.pixels, this.sideOf(picture));
      this.seen.setAttribute("aria-label", picture.name);
      this.paint(this.under, result.pixels, this.sideOf(picture));
      this.renderLines(picture, found);
      this.renderMap(picture, found);
      this.renderNear(found.nearest.slice(0, 4));
      this.renderMove(picture);
      said.push(this.renderEstimate());
      const swapped = this.renderSwap(picture);
      return this.state.swap && swapped ? [...said, swapped] : said;
    }

    renderNear(nearest) {
      this.near.replaceChildren(
        ...nearest.map(({ picture: one, similarity }) => {
          const canvas = el("canvas", { role: "img", "aria-label": one.name });
          this.paint(canvas, one.result.pixels, this.sideOf(one));
          const words = this.t("similar", { home: this.nameOf(one.home), value: two(similarity) });
          return el("li", {}, canvas, el("span", {}, words));
        }),
      );
    }

    sayClasses(picture, { ranked }) {
      const words = [];
      const name = (one) => this.nameOf(one.class);
      if (!ranked.length) words.push(this.t(picture.home === ASK ? "unlearnt" : "lonely"));
      else if (ranked.length === 1) {
        words.push(this.t("only", { name: name(ranked[0]), one: two(ranked[0].similarity) }));
      } else {
        const [first, second] = ranked;
        words.push(
          this.t("nearest", {
            name: name(first),
            one: two(first.similarity),
            other: name(second),
            two: two(second.similarity),
          }),
        );
      }
      if (picture.home !== ASK && ranked.length) {
        const own = this.nameOf(picture.home);
        if (!ranked.some((one) => one.class === picture.home)) {
          words.push(this.t("alone", { home: own }));
        } else {
          if (ranked[0].class !== picture.home) words.push(this.t("wrong", { home: own }));
          words.push(this.t("itself"));
        }
      }
      return words;
    }

    /* Whether a part has to be made anew: only where what it shows has changed, so that the focus
       and what reads the page aloud stay where they are. */
    changed(part, ...shown) {
      const key = JSON.stringify(shown);
      if (part.shows === key) return false;
      part.shows = key;
      return true;
    }

    /* ImageNet's names and the classes, each of which can show its map. */
    renderLines({ result }, { ranked }) {
      const names = this.names.map((_, k) => this.nameOf(k));
      const best = result.best.map(({ name, probability }) => [name, probability]);
      if (!this.changed(this.lines, best, ranked, names, this.state.map)) return;
      const group = (this.lineGroup ??= ui.unique("line"));
      const focused = this.lines.contains(root.document.activeElement);
      const line = (map, name, share, text) => {
        const input = el("input", {
          type: "radio",
          name: group,
          value: map,
          onchange: () => this.update({ map }),
        });
        input.checked = map === this.state.map;
        return el(
          "label",
          { style: `--share: ${Math.max(share, 0).toFixed(3)}` },
          input,
          el("b", {}, name),
          el("i"),
          el("span", {}, text),
        );
      };
      const heading = (text) => el("p", { class: "course-title" }, text);
      this.lines.replaceChildren(
        el("legend", { class: "course-small" }, this.t("why")),
        heading(this.t("names")),
        el(
          "div",
          {},
          result.best.map(({ name, probability }, i) =>
            line(i + 1, name, probability, percent(probability)),
          ),
        ),
        ranked.length ? heading(this.t("classes")) : "",
        el(
          "div",
          {},
          ranked.map(({ class: k, similarity }) =>
            line(LETTERS[k], this.nameOf(k), similarity, two(similarity)),
          ),
        ),
      );
      if (focused) this.lines.querySelector(":checked")?.focus();
    }

    /* The map of the chosen line: what it shows, its values, and what they add up to. */
    mapOf({ result }, { ranked, examples }) {
      const { map } = this.state;
      const k = LETTERS.indexOf(map);
      const own = ranked.find((one) => one.class === k);
      if (!own) {
        const best = result.best[k < 0 ? map - 1 : 0];
        const values = { bias: two(best.bias), logit: two(best.logit) };
        return { name: best.name, key: "of_name", values: best.map, words: values };
      }
      const other = ranked.find((one) => one.class !== k);
      const way = (one) =>
        this.model.direction(
          examples.filter(({ home }) => home === one.class).map((each) => each.result.embedding),
        );
      const forIt = this.model.pull(result, way(own));
      if (!other) return { name: this.nameOf(k), key: "of_only", values: forIt, words: {} };
      const against = this.model.pull(result, way(other));
      return {
        name: this.nameOf(k),
        key: "of_class",
        values: forIt.map((value, i) => value - against[i]),
        words: { other: this.nameOf(other.class) },
      };
    }

    renderMap(picture, found) {
      const { name, key, values, words } = this.mapOf(picture, found);
      const { rows, columns } = picture.result;
      const all = [...values];
      const largest = Math.max(...all.map(Math.abs)) || 1;
      const mean = all.reduce((a, b) => a + b, 0) / all.length;
      const top = all.indexOf(Math.max(...all));
      this.heatTitle.textContent = this.t("where", { name });
      this.heat.style.setProperty("--columns", columns);
      this.heat.replaceChildren(
        ...all.map((value) =>
          el("i", {
            class: value < 0 ? "minus" : "plus",
            style: `--share: ${Math.abs(value / largest).toFixed(3)}`,
          }),
        ),
      );
      this.heat.setAttribute(
        "aria-label",
        this.t("strongest", {
          name,
          row: Math.floor(top / columns) + 1,
          column: (top % columns) + 1,
          rows,
        }),
      );
      this.mapWords.textContent = this.t(key, {
        name,
        count: all.length,
        mean: two(mean),
        ...words,
      });
    }

    renderMove(picture) {
      [...this.moving.input.options].forEach((option, i) => {
        const k = i < CLASSES ? i : ASK;
        option.textContent = this.nameOf2(k);
        option.hidden = option.disabled = k >= this.names.length;
      });
      this.moving.set(picture.home);
    }

    nameOf2(k) {
      return k === ASK || k < this.names.length ? this.nameOf(k) : "";
    }

    renderEstimate() {
      const { all } = this.estimate;
      const classes = all.filter((one) => one.pictures).length;
      const back = ({ pictures, count, right }) => {
        if (count && classes > 1) return `${right} / ${count}`;
        return pictures === 1 ? this.t("single") : "–";
      };
      this.rows.replaceChildren(
        ...all.map((one, k) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", style: "overflow-wrap: anywhere" }, this.nameOf(k)),
            el("td", {}, String(one.pictures)),
            el("td", {}, back(one)),
          ),
        ),
      );
      const count = all.reduce((sum, one) => sum + one.count, 0);
      const right = all.reduce((sum, one) => sum + one.right, 0);
      if (!count || classes < 2) {
        this.total.textContent = this.t("need");
        return "";
      }
      const words = this.t("total", { right, count, share: percent(right / count) });
      this.total.textContent = `${words} ${this.t("few", { count, step: percent(1 / count) })}`;
      return words;
    }

    /* --- another background ------------------------------------------------------------------ */

    renderSwap(picture) {
      const { state } = this;
      const { x, y, side } = state;
      if (this.fold.open !== Boolean(state.swap)) this.fold.open = Boolean(state.swap);
      if (!state.swap) return "";
      for (const [name, slider] of Object.entries(this.sliders)) slider.set(state[name]);
      const others = this.pictures
        .map((one, i) => [i + 1, one])
        .filter(([, one]) => one !== picture);
      if (
        this.changed(
          this.behind,
          others.map(([number, one]) => [number, one.name]),
        )
      ) {
        this.behind.replaceChildren(
          el("option", { value: 0 }, this.t("gray")),
          ...others.map(([number, one]) => el("option", { value: number }, one.name)),
        );
      }
      const other = others.find(([number]) => number === state.behind)?.[1];
      this.behind.value = other ? state.behind : 0;
      const size = this.sideOf(picture);
      this.spot.shows = null;
      this.paint(this.spot, picture.result.pixels, size);
      this.frameSpot(size);
      const share = { x: x / 100, y: y / 100, side: side / 100 };
      const own = picture.result.pixels;
      const behind = other?.result.pixels;
      const made = [
        null,
        compose(own, null, size, share),
        compose(null, own, size, share),
        behind ? compose(own, behind, size, share) : null,
      ];
      const results = this.swapResults(picture, other, made);
      const answers = this.variants.map(({ key, canvas, words }, i) => {
        const shown = i === 0 ? own : made[i];
        canvas.parentElement.hidden = !shown;
        if (!shown) return "";
        this.paint(canvas, shown, size);
        const result = i === 0 ? picture.result : results?.[i];
        const answer = result ? this.sayVariant(picture, result) : [this.t("computing")];
        words.replaceChildren(
          el("span", {}, this.t(key, { name: other?.name })),
          ...answer.map((one) => el("b", {}, one)),
        );
        return answer[0];
      });
      return results ? this.t("swapSaid", { inside: answers[1], outside: answers[2] }) : "";
    }

    sayVariant(picture, result) {
      const { ranked } = judge(this.model, { ...picture, result }, this.others(picture));
      const [best] = result.best;
      const name = `“${best.name}” ${percent(best.probability)}`;
      if (!ranked.length) return [name];
      const [{ class: k, similarity }] = ranked;
      return [this.t("verdict", { name: this.nameOf(k), value: two(similarity) }), name];
    }

    others(picture) {
      return this.pictures.filter((one) => one !== picture);
    }

    /* What the network makes of pictures that were put together; asked for once the reader has
       stopped changing them, and kept. */
    swapResults(picture, other, made) {
      const { x, y, side } = this.state;
      const kept = this.swaps.get(picture) || [];
      const key = [x, y, side].join();
      const hit = kept.find((one) => one.key === key && one.other === other);
      if (hit?.results) {
        this.swapping = false;
        clearTimeout(this.swapTimer);
        return hit.results;
      }
      clearTimeout(this.swapTimer);
      this.swapping = true;
      this.swapTimer = setTimeout(async () => {
        const asked = made.map((pixels) => (pixels ? this.engine.run({ pixels }) : null));
        const results = await Promise.all(asked);
        this.swaps.set(picture, [{ key, other, results }, ...kept].slice(0, 12));
        this.show();
      }, 200);
      return null;
    }

    frameSpot(size) {
      const { x, y, side } = this.state;
      const context = this.spot.getContext("2d");
      const [left, top, length] = [x - side / 2, y - side / 2, side].map(
        (one) => (one / 100) * size,
      );
      for (const [colour, width] of [
        ["#000", 5],
        ["#fff", 2],
      ]) {
        Object.assign(context, { strokeStyle: colour, lineWidth: width });
        context.strokeRect(left, top, length, length);
      }
      const edge = (middle, sign) => Math.min(Math.max(middle + (sign * side) / 2, 0), 100);
      this.spot.setAttribute(
        "aria-label",
        this.t("spot", {
          left: ui.format(edge(x, -1)),
          right: ui.format(edge(x, 1)),
          top: ui.format(edge(y, -1)),
          bottom: ui.format(edge(y, 1)),
        }),
      );
    }
  }

  ui.define("course-teach-it", TeachIt);
  return { compose, judge, estimate, ASK, MOST, BYTES, GRAY };
});
