/* What every figure is made of: elements, grids with one tab stop, sliders, steppers, a live
   region, and a state that a link can carry: #fig-xo?letter=O&step=12, where fig-xo is the id of
   the figure. Of several figures each has its part: #fig-xo?letter=O;fig-pooling?window=3. */
(function (root, make) {
  const ui = make(root);
  if (typeof module !== "undefined" && module.exports) module.exports = ui;
  else root.CourseUI = ui;
})(typeof self !== "undefined" ? self : this, function (root) {
  "use strict";

  const COMMON = {
    en: {
      reset: "Reset",
      link: "Link to this state",
      first: "First step",
      back: "Step back",
      next: "Next step",
      last: "Last step",
      play: "Play",
      pause: "Pause",
      step: "step {step} of {steps}",
      broken: "The link asks for what this figure does not have: {what}.",
      failed: "This figure cannot start: {what}",
      instead: "{name}={value} does not go with the rest, {now} does",
      twice: "{name} is there twice",
      unreadable: "{text} cannot be read",
      options: "{value} is none of: {options}",
      range: "{value} is not a number from {min} to {max}",
      whole: "{value} is not a whole number from {min} to {max}",
      count: "{count} values are needed, not {given}",
    },
  };
  const language = () => (root.document?.documentElement.lang || "en").slice(0, 2);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values?.[name] ?? all);
  const dictionary = (texts) => texts[language()] || texts.en;
  const common = (key, values) => fill(dictionary(COMMON)[key], values);

  /* Numbers as people read them: a true minus sign, and no more digits than asked for. */
  const writers = []; // making one takes longer than writing a hundred numbers
  function format(value, digits = 2) {
    writers[digits] ??= new Intl.NumberFormat(language(), {
      maximumFractionDigits: digits,
      signDisplay: "negative",
    });
    return writers[digits].format(value).replace("-", "−");
  }
  function fraction(numerator, denominator) {
    const divisor = (a, b) => (b ? divisor(b, a % b) : Math.abs(a));
    const by = divisor(numerator, denominator) || 1;
    return denominator === by
      ? format(numerator / by)
      : `${format(numerator / by)}/${denominator / by}`;
  }

  /* Kinds of settings: how each is read from a link (RangeError when it cannot be) and written into
     one. */
  const fail = (key, values) => {
    throw new RangeError(common(key, values));
  };
  const number = (text, min, max) => {
    const value = /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : fail("range", { value: text, min, max });
  };
  const kinds = {
    oneOf: (options, initial = options[0]) => ({
      options,
      initial,
      read: (text) =>
        options.find((one) => String(one) === text) ??
        fail("options", { value: text, options: options.join(", ") }),
    }),
    real: (min, max, initial) => ({ initial, read: (text) => number(text, min, max) }),
    whole: (min, max, initial) => ({
      min,
      max,
      initial,
      read: (text) => {
        const value = number(text, min, max);
        return Number.isInteger(value) ? value : fail("whole", { value: text, min, max });
      },
    }),
    /* Numbers of some kind: so many, or if `count` is null at least one. */
    list: (count, kind, initial) => ({
      initial,
      write: (values) => values.join(","),
      read: (text) => {
        const parts = text.split(",");
        return count === null || parts.length === count
          ? parts.map((part) => kind.read(part))
          : fail("count", { count, given: parts.length });
      },
    }),
    /* Pixels that are on or off, a hexadecimal digit for every four of them. */
    bits: (count, initial) => {
      const write = (bits) =>
        bits
          .join("")
          .match(/.{1,4}/g)
          .map((part) => parseInt(part.padEnd(4, 0), 2).toString(16))
          .join("");
      const read = (text) => {
        const digits = (text.match(/[0-9a-f]/g) || []).length;
        const needed = Math.ceil(count / 4);
        if (digits !== needed || text.length !== needed) {
          fail("count", { count: needed, given: digits });
        }
        const bits = [...text]
          .flatMap((digit) => [...parseInt(digit, 16).toString(2).padStart(4, 0)].map(Number))
          .slice(0, count);
        return write(bits) === text ? bits : fail("unreadable", { text });
      };
      return { initial, write, read };
    },
  };

  /* A name and its value, as "letter=O" has them. */
  function unpack(text) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) || fail("unreadable", { text });
    try {
      return [name, value].map(decodeURIComponent);
    } catch {
      return fail("unreadable", { text });
    }
  }

  /* An address as [id, query] pairs; what is no such pair has no query. */
  const partsOf = (hash) =>
    hash
      .slice(1)
      .split(";")
      .map((part) => part.split(/\?(.*)/s).slice(0, 2));
  const figures = new Set(); // those that are live

  /* The address that leads to one figure and keeps the states of all, also of those that are
     still asleep. */
  function addressOf(figure) {
    const awake = [...figures].filter((one) => one.isConnected);
    const names = awake.map((one) => one.name);
    const asleep = partsOf(root.location.hash).filter(
      ([id, query]) => query && !names.includes(id) && root.document.getElementById(id),
    );
    const all = [...awake.map((one) => [one.name, one.query()]), ...asleep];
    const others = all.filter(([id, query]) => query && id !== figure.name);
    return `#${[[figure.name, figure.query()], ...others].map((part) => part.join("?")).join(";")}`;
  }

  /* An element: properties by name (on… are listeners, the rest attributes; false and null leave
     one out), then children. */
  function fit(node, properties, children) {
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) {
        node.setAttribute(name, value === true ? "" : value);
      }
    }
    node.append(...children.flat().filter((child) => child != null));
    return node;
  }
  const el = (tag, properties = {}, ...children) =>
    fit(root.document.createElement(tag), properties, children);
  const svg = (tag, properties = {}, ...children) =>
    fit(root.document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);

  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  let counter = 0;
  const unique = (prefix) => `${prefix}-${++counter}`;
  const button = (label, onclick, properties = {}) =>
    el("button", { type: "button", class: "course-button", onclick, ...properties }, label);

  const labelled = (label, input, ...more) =>
    el("div", { class: "course-control" }, el("label", { for: input.id }, label), input, more);

  /* Words for who has a keyboard. */
  const keyboard = (text) => el("span", { class: "course-keyboard" }, text);

  /* What a pointer does to a node: act(event, started), where `started` tells a press or a tap from
     a pull, and ends() after it. A mouse acts as it is pressed. A finger acts by a tap, so that a
     swipe only scrolls the page; where it `slides`, also by a pull sideways; while it draws(), as
     a mouse does. An end that nobody was told of is noticed later. */
  function pointing(node, { act, ends = () => {}, slides = false, draws = () => false }) {
    let pulling = null; // the pointer
    let from = null; // where a finger that may slide was put down
    let acted = false; // as it was pressed, so that the click after it shall not
    const begin = (event) => {
      [pulling, from, acted] = [event.pointerId, null, true];
      try {
        node.setPointerCapture(pulling);
      } catch {
        // The pointer has left already.
      }
      act(event, true);
    };
    const end = () => {
      from = null;
      if (pulling === null) return;
      pulling = null;
      ends();
    };
    node.addEventListener("pointerdown", (event) => {
      if (event.button || (pulling !== null && node.hasPointerCapture(pulling))) return;
      end();
      const finger = event.pointerType !== "mouse" && !draws();
      acted = !finger;
      if (!finger) begin(event);
      else if (slides) from = [event.clientX, event.clientY];
    });
    node.addEventListener("pointermove", (event) => {
      if (from) {
        const [across, down] = [event.clientX - from[0], event.clientY - from[1]].map(Math.abs);
        if (Math.max(across, down) < 6) return;
        if (down >= across) from = null;
        else begin(event);
      }
      if (event.pointerId !== pulling) return;
      if (!event.buttons) return end();
      act(event, false);
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      node.addEventListener(type, (event) => {
        if (event.pointerId === pulling && (event.target === node || type === "pointerup")) end();
        from = null;
      });
    }
    /* Moves are held by false: a flick costs the next tap else. What was touched hears of them. */
    node.ontouchstart = ({ target }) => {
      target.ontouchmove = () => pulling === null;
    };
    node.addEventListener("click", (event) => {
      const late = acted && event.detail;
      acted = false;
      if (late) return;
      act(event, true);
      ends();
    });
  }

  /* A range with its label and its value as text. */
  function slider({ label, min, max, step = 1, value, onInput, write = format }) {
    const id = unique("slider");
    const output = el("output", { for: id });
    /* What a finger has set counts once it is lifted or has slid; a swipe over the slider, which
       scrolls the page, sets nothing. */
    let touch = null;
    const take = () => {
      touch = null;
      onInput(Number(input.value));
    };
    const input = el("input", {
      type: "range",
      id,
      min,
      max,
      step,
      oninput: () => touch || take(),
      onpointerdown: ({ pointerType, clientX }) => {
        touch = pointerType === "touch" ? { from: clientX, value: input.value } : null;
      },
      onpointermove: ({ clientX }) => {
        if (touch && Math.abs(clientX - touch.from) > 9 && input.value !== touch.value) take();
      },
      onpointerup: () => touch && take(),
      onpointercancel: () => {
        if (touch) input.value = touch.value;
        touch = null;
      },
    });
    const set = (next, limits = {}) => {
      Object.assign(input, limits, { value: next });
      output.textContent = write(next);
      input.setAttribute("aria-valuetext", write(next));
    };
    set(value);
    return { element: labelled(label, input, output), input, set };
  }

  /* One of a few options: [value, text] pairs, as a native list. */
  function select({ label, options, value, onChange }) {
    const input = el(
      "select",
      { id: unique("select"), onchange: () => onChange(options[input.selectedIndex][0]) },
      options.map(([, text]) => el("option", {}, text)),
    );
    const set = (next) => {
      input.selectedIndex = options.findIndex(([one]) => one === next);
    };
    set(value);
    return { element: labelled(label, input), input, set };
  }

  /* Buttons through numbered steps 0 … count − 1 of a figure. Playing is offered only to who has
     not asked for less motion. */
  function stepper({ figure, label, count, value, onChange, pause = 700 }) {
    let at = value;
    let steps = count;
    const still = root.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const text = el("span", { class: "course-steps" });
    const go = (next) => {
      if (next !== at) onChange(clamp(next, steps - 1));
    };
    const buttons = [
      ["first", "|◀", () => 0],
      ["back", "◀", () => at - 1],
      ["next", "▶", () => at + 1],
      ["last", "▶|", () => steps - 1],
    ].map(([key, sign, target]) =>
      button(
        sign,
        () => {
          go(target());
          figure.rest();
        },
        { "aria-label": common(key), title: common(key) },
      ),
    );
    const play = button(common("play"), () => {
      if (figure.playing) return figure.rest();
      if (at === steps - 1) go(0);
      let expected = at;
      figure.play(play, pause, () => {
        if (at === expected && at < steps - 1) go((expected += 1));
        return at === expected && at < steps - 1;
      });
    });
    /* Buttons stay focusable at the ends, so that the focus does not jump away. */
    const set = (now, total = steps) => {
      [at, steps] = [now, total];
      text.textContent = common("step", { step: at + 1, steps });
      buttons.forEach((one, i) =>
        one.setAttribute("aria-disabled", i < 2 ? at <= 0 : at >= steps - 1),
      );
    };
    set(value);
    return {
      element: el(
        "div",
        { class: "course-stepper", role: "group", "aria-label": label },
        buttons,
        still ? null : play,
        text,
      ),
      set,
    };
  }

  /* A table of cells with one tab stop. Arrow keys, Home and End (with Ctrl: of all) move; space,
     Enter, click and, with `drag`, pulling across cells call onPick(row, column, started), where
     `started` tells the first cell of a pull. A finger pulls only while draw(true). */
  function grid({ label, rows, columns, onPick, onMove, drag = false }) {
    const table = el("table", {
      class: "course-grid",
      role: "grid",
      "aria-label": label,
      "aria-readonly": !onPick && "true",
    });
    let cells = [];
    let at = [0, 0];
    const stop = (row, column, focus) => {
      cells[at[0]]?.[at[1]]?.setAttribute("tabindex", -1);
      at = [row, column];
      cells[row][column].setAttribute("tabindex", 0);
      if (focus) cells[row][column].focus();
    };
    function resize(height, width) {
      const focused = table.contains(root.document.activeElement);
      cells = Array.from({ length: height }, () =>
        Array.from({ length: width }, () => el("td", { role: "gridcell", tabindex: -1 })),
      );
      table.replaceChildren(
        el(
          "tbody",
          { role: "presentation" },
          cells.map((line) => el("tr", { role: "row" }, line)),
        ),
      );
      if (height && width) stop(clamp(at[0], height - 1), clamp(at[1], width - 1), focused);
    }
    const place = (node) => {
      const cell = node?.closest("td");
      return cell && table.contains(cell) ? [cell.parentNode.rowIndex, cell.cellIndex] : null;
    };
    table.addEventListener("keydown", (event) => {
      const [row, column] = at;
      const height = cells.length - 1;
      const width = cells[0].length - 1;
      const all = event.ctrlKey || event.metaKey;
      const target = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [all ? 0 : row, 0],
        End: [all ? height : row, width],
      }[event.key];
      if (target) {
        stop(clamp(target[0], height), clamp(target[1], width), true);
        if (onMove) onMove(...at);
      } else if ((event.key === " " || event.key === "Enter") && onPick) onPick(row, column, true);
      else return;
      event.preventDefault();
    });
    /* A screen reader can move the focus without a key. */
    table.addEventListener("focusin", (event) => stop(...place(event.target)));
    let drawing = false;
    let [last, under] = [null, ""]; // the pointer's place, and the cell under it
    pointing(table, {
      draws: () => drawing,
      act: (event, started) => {
        const now = [event.clientX, event.clientY];
        if (started) [last, under] = [now, ""];
        else if (!drag) return;
        /* A fast pointer leaps over cells: look at every few pixels of its way. */
        const way = now.map((one, i) => one - last[i]);
        const count = Math.ceil(Math.hypot(...way) / 8) || 1;
        const points = Array.from({ length: count }, (_, i) =>
          last.map((one, axis) => one + ((i + 1) / count) * way[axis]),
        );
        last = now;
        for (const point of points) {
          const found = place(started ? event.target : root.document.elementFromPoint(...point));
          if (!found || String(found) === under) continue;
          const first = !under;
          under = String(found);
          stop(...found, first);
          if (onPick) onPick(...found, first);
          else if (onMove) onMove(...found);
        }
        event.preventDefault();
      },
    });
    table.classList.toggle("course-drawable", drag);
    const draw = (on) => {
      drawing = on;
      table.classList.toggle("course-drawing", on);
    };
    /* What a cell shows and is called: its text, a share −1 … 1 that colours it, classes (window,
       padding, …), its spoken name. */
    function set(row, column, { text = "", share = 0, classes = "", name = text } = {}) {
      const cell = cells[row][column];
      if (cell.textContent !== text) cell.textContent = text;
      cell.className = `${classes} ${share > 0 ? "plus" : share < 0 ? "minus" : ""}`.trim();
      cell.style.setProperty("--share", Math.min(Math.abs(share), 1).toFixed(3));
      if (name) cell.setAttribute("aria-label", name);
    }
    resize(rows, columns);
    return {
      element: table,
      resize,
      set,
      stop,
      draw,
      size: () => [cells.length, cells[0]?.length ?? 0],
      label: (text) => table.setAttribute("aria-label", text),
    };
  }

  /* Base of a figure. A subclass has `static texts`, `static fields` (name → kind), build() →
     element and render(). */
  class Figure extends (root.HTMLElement || class {}) {
    connectedCallback() {
      if (this.frame) return;
      this.state = this.initial = Object.fromEntries(
        Object.entries(this.constructor.fields).map(([name, kind]) => [name, kind.initial]),
      );
      [this.said, this.warning] = [el("p"), el("p", { class: "course-warning", hidden: true })];
      this.passing = el("p", { class: "course-passing", "aria-hidden": "true", hidden: true });
      this.link = el("a", { class: "course-link", href: "#" }, common("link"));
      try {
        const wrong = this.read(this.getAttribute("state") || "");
        this.initial = this.state;
        this.frame = el(
          "div",
          { class: "course-frame" },
          this.build(),
          this.passing,
          el(
            "div",
            { class: "course-status", role: "status", "aria-live": "polite" },
            this.said,
            this.warning,
          ),
          el(
            "div",
            { class: "course-foot" },
            button(common("reset"), () => {
              this.update(this.initial);
              this.rest();
            }),
            this.link,
          ),
        );
        this.append(this.frame);
        figures.add(this);
        this.show(wrong);
        this.classList.add("live");
      } catch (error) {
        figures.delete(this);
        this.frame?.remove();
        this.frame = el(
          "p",
          { class: "course-warning" },
          common("failed", { what: error.message }),
        );
        this.append(this.frame);
        return;
      }
      root.addEventListener("hashchange", () => this.follow());
      this.follow(true);
    }

    t(key, values) {
      return fill(dictionary(this.constructor.texts)[key] ?? key, values);
    }

    get name() {
      return this.id || this.closest("figure")?.id || this.localName;
    }

    /* Take what can be taken from "letter=O&step=12"; return what could not, or not as it was
       asked for. */
    read(text) {
      const wrong = [];
      const asked = new Map();
      for (const part of text ? text.split("&") : []) {
        try {
          const [name, value] = unpack(part);
          const field = this.constructor.fields[kinds.oneOf(Object.keys(this.initial)).read(name)];
          const read = field.read(value);
          if (asked.has(name)) fail("twice", { name });
          asked.set(name, read);
        } catch (error) {
          wrong.push(error.message);
        }
      }
      this.state = this.initial;
      const refused = this.take({ ...this.initial, ...Object.fromEntries(asked) });
      for (const [name, one] of refused.length ? [] : asked) {
        const [value, now] = [one, this.state[name]].map((each) => this.write(name, each));
        if (value !== now) wrong.push(common("instead", { name, value, now }));
      }
      return [...wrong, ...refused].map((what) => common("broken", { what }));
    }

    write(name, value) {
      return (this.constructor.fields[name].write || String)(value);
    }

    /* Take a state if its settings go together; return what is wrong with it. */
    take(next) {
      try {
        this.state = this.settle(next);
      } catch (error) {
        return [error.message];
      }
      return [];
    }

    /* Where settings depend on each other: mend them, or throw RangeError. */
    settle(state) {
      return state;
    }

    /* Take what the page's address has for this figure, and go there if it leads here: when the
       page opens, and when a link on it is followed. */
    follow(opening) {
      const parts = partsOf(root.location.hash);
      const mine = parts.filter(([id, query]) => id === this.name && query !== undefined);
      if (!mine.length) return;
      const first = parts[0][0] === this.name;
      const lost = first
        ? parts.filter(([id, query]) => query === undefined || !root.document.getElementById(id))
        : [];
      const query = mine[0][1];
      if (query !== this.query() || lost.length || mine[1]) {
        const wrong = [
          ...lost.map((part) => common("unreadable", { text: part.join("?") })),
          ...(mine[1] ? [common("twice", { name: this.name })] : []),
        ];
        this.show([...this.read(query), ...wrong.map((what) => common("broken", { what }))]);
        this.rest();
        if (!opening && !this.wrong.length) this.keep();
      } else if (!opening) return;
      if (first) this.scrollIntoView({ block: "start" });
    }

    /* What differs from the first state, as a link has it. */
    query() {
      return Object.keys(this.state)
        .map((name) => [
          name,
          ...[this.state, this.initial].map((one) => this.write(name, one[name])),
        ])
        .filter(([, now, first]) => now !== first)
        .map(([name, now]) => `${name}=${encodeURIComponent(now)}`)
        .join("&");
    }

    /* Change settings because the reader did something; the address follows, so that it can be sent
       to a friend. */
    update(changes) {
      this.show(this.take({ ...this.state, ...changes }));
      this.keep();
    }

    keep() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => root.history.replaceState(null, "", addressOf(this)), 250);
    }

    /* Show the state, and what was wrong with the last change until there is another. */
    show(wrong = this.wrong) {
      this.wrong = wrong;
      const all = [...wrong];
      try {
        this.render();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        all.push(error.message);
      }
      this.warning.hidden = !all.length;
      this.warning.textContent = all.join(" ");
      for (const one of figures) one.link.hash = addressOf(one);
    }

    /* Let steps go on by themselves, one every `pause` milliseconds, until next() is false or the
       reader does something else. Meanwhile the live region is silent, or has these words; then it
       tells the last state. */
    play(player, pause, next, words) {
      player.textContent = common("pause");
      const clock = setInterval(() => {
        if (!player.getClientRects().length || !next()) this.rest();
      }, pause);
      this.playing = { player, clock };
      [this.passing.textContent, this.said.textContent] = [this.said.textContent, words || ""];
      this.passing.hidden = Boolean(words);
    }

    rest() {
      if (!this.playing) return;
      clearInterval(this.playing.clock);
      this.playing.player.textContent = common("play");
      [this.playing, this.passing.hidden] = [null, true];
      this.say(this.passing.textContent);
    }

    /* What the live region says: the result in words. */
    say(text) {
      const place = this.playing ? this.passing : this.said;
      if (place.textContent !== text) place.textContent = text;
    }
  }

  const define = (name, figure) => {
    if (!root.customElements?.get(name)) root.customElements?.define(name, figure);
  };

  return {
    ...kinds,
    el,
    svg,
    unique,
    button,
    keyboard,
    pointing,
    slider,
    select,
    stepper,
    grid,
    Figure,
    define,
    format,
    fraction,
    common,
    fill,
  };
});
