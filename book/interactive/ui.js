/* What every figure is made of: elements, grids with one tab stop, sliders, steppers, a live
   region, and a state that a link can carry: #fig-xo?letter=O&step=12, where fig-xo is the id of
   the figure. */
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
    const value = /\S/.test(text) ? Number(text) : NaN;
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
    list: (count, min, max, initial) => ({
      initial,
      write: (values) => values.join(","),
      read: (text) => {
        const parts = text.split(",");
        return parts.length === count
          ? parts.map((part) => number(part, min, max))
          : fail("count", { count, given: parts.length });
      },
    }),
    /* Pixels that are on or off, a hexadecimal digit for every four of them. */
    bits: (count, initial) => ({
      initial,
      write: (bits) =>
        bits
          .join("")
          .match(/.{1,4}/g)
          .map((part) => parseInt(part.padEnd(4, 0), 2).toString(16))
          .join(""),
      read: (text) => {
        const digits = (text.match(/[0-9a-f]/g) || []).length;
        const needed = Math.ceil(count / 4);
        if (digits !== needed || text.length !== needed) {
          fail("count", { count: needed, given: digits });
        }
        return [...text]
          .flatMap((digit) => [...parseInt(digit, 16).toString(2).padStart(4, 0)].map(Number))
          .slice(0, count);
      },
    }),
  };

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

  /* A range with its label and its value as text. */
  function slider({ label, min, max, step = 1, value, onInput, write = format }) {
    const id = unique("slider");
    const output = el("output", { for: id });
    const input = el("input", {
      type: "range",
      id,
      min,
      max,
      step,
      oninput: () => onInput(Number(input.value)),
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

  /* Buttons through numbered steps 0 … count − 1. Playing is offered only to who has not asked for
     less motion. */
  function stepper({ label, count, value, onChange, pause = 700 }) {
    let at = value;
    let steps = count;
    let timer = null;
    const still = root.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const text = el("span", { class: "course-steps" });
    const stop = () => {
      clearInterval(timer);
      timer = null;
      play.textContent = common("play");
    };
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
          stop();
          go(target());
        },
        { "aria-label": common(key), title: common(key) },
      ),
    );
    const play = button(common("play"), () => {
      if (timer) return stop();
      if (at === steps - 1) go(0);
      play.textContent = common("pause");
      timer = setInterval(() => {
        if (at < steps - 1 && play.isConnected) go(at + 1);
        else stop();
      }, pause);
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
     `started` tells the first cell of a pull. */
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
    let pulled = null;
    table.addEventListener("pointerdown", (event) => {
      const found = place(event.target);
      if (!found || event.button) return;
      stop(...found, true);
      if (onPick) onPick(...found, true);
      else if (onMove) onMove(...found);
      pulled = drag ? String(found) : null;
      event.preventDefault();
    });
    if (drag) {
      table.classList.add("course-drawable");
      table.addEventListener("pointermove", (event) => {
        const found =
          pulled !== null && place(root.document.elementFromPoint(event.clientX, event.clientY));
        if (!found || String(found) === pulled) return;
        pulled = String(found);
        stop(...found);
        onPick(...found, false);
      });
      for (const end of ["pointerup", "pointercancel"]) {
        root.addEventListener(end, () => {
          pulled = null;
        });
      }
    }
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
      this.link = el("a", { class: "course-link", href: "#" }, common("link"));
      try {
        const wrong = this.read(this.getAttribute("state") || "");
        this.initial = this.state;
        this.frame = el(
          "div",
          { class: "course-frame" },
          this.build(),
          el(
            "div",
            { class: "course-status", role: "status", "aria-live": "polite" },
            this.said,
            this.warning,
          ),
          el(
            "div",
            { class: "course-foot" },
            button(common("reset"), () => this.update(this.initial)),
            this.link,
          ),
        );
        this.append(this.frame);
        this.show(wrong);
        this.classList.add("live");
      } catch (error) {
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

    /* Take what can be taken from "letter=O&step=12"; return what could not. */
    read(text) {
      const wrong = [];
      const next = { ...this.initial };
      for (const [name, value] of new URLSearchParams(text)) {
        try {
          next[kinds.oneOf(Object.keys(next)).read(name)] =
            this.constructor.fields[name].read(value);
        } catch (error) {
          wrong.push(error.message);
        }
      }
      this.state = this.initial;
      return [...wrong, ...this.take(next)].map((what) => common("broken", { what }));
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

    /* Go where the page's address points, if it points here: when the page opens, and when a link
       on it is followed. */
    follow(opening) {
      const [id, query] = root.location.hash.slice(1).split("?");
      if (id !== this.name || query === undefined) return;
      if (query !== this.query()) this.show(this.read(query));
      else if (!opening) return;
      this.scrollIntoView({ block: "center" });
    }

    /* What differs from the first state, as a link has it. */
    query() {
      const write = (name, state) => (this.constructor.fields[name].write || String)(state[name]);
      const changed = Object.keys(this.state).filter(
        (name) => write(name, this.state) !== write(name, this.initial),
      );
      return changed
        .map((name) => `${name}=${encodeURIComponent(write(name, this.state))}`)
        .join("&");
    }

    /* Change settings because the reader did something; the address follows, so that it can be sent
       to a friend. */
    update(changes) {
      this.show(this.take({ ...this.state, ...changes }));
      clearTimeout(this.timer);
      this.timer = setTimeout(() => root.history.replaceState(null, "", this.link.hash), 250);
    }

    show(wrong = []) {
      try {
        this.render();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        wrong.push(error.message);
      }
      this.warning.hidden = !wrong.length;
      this.warning.textContent = wrong.join(" ");
      this.link.hash = `${this.name}?${this.query()}`;
    }

    /* What the live region says: the result in words. */
    say(text) {
      if (this.said.textContent !== text) this.said.textContent = text;
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
