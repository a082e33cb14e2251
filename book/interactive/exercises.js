/* An exercise that answers in the page: fields for numbers, choices and small grids, judged by
   judge.js from the data in the element. Around it, the hints and the way to the notebook stand in
   the page already. What is typed is kept by answers.js. */
(function (ui, answers, judge) {
  "use strict";

  const TEXTS = {
    check: "Check",
    clear: "Clear",
    all: "{label}: all that fit",
    missing: "Not attempted yet. Still empty: {fields}.",
    more: "Not there yet. Hints stand below.",
    or: "Or answer in Python:",
    elsewhere: "{fields}: in the notebook.",
    row: "row {row}",
    entry: "{label}, row {row}, column {column}",
    place: "{label}, entry {column}",
    form: "As in Python, such as {example}, or a row a line.",
    list: "As in Python, such as {example}.",
    number: "{label}: “{text}” is not read as a number. Write it like 0.5, 1/3, 1e-3 or 2400.",
    comma: "{label}: a comma can mean two things. Write {thousands}, or {decimal}.",
    array: "{label}: “{text}” is not read as an array. Write it like {example}.",
    broken: "This exercise cannot start: {what}",
  };
  const EXAMPLE = { 1: "(8, 9)", 2: "[[8, 9], [6, 7]]" };
  const t = (key, values) => ui.fill(TEXTS[key], values);
  const typing = {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
  };

  /* Each kind of field: its element, what is kept of it (`get`, `set`), the answer as a value, and
     what to say where that could not be read. */
  function textField(field, { long, read, help, note }) {
    const id = ui.unique("answer");
    const input = long
      ? ui.el("textarea", { ...typing, id, rows: 4, type: null })
      : ui.el("input", { ...typing, id });
    const hint = help && ui.el("span", { class: "course-help", id: `${id}-help` }, help);
    if (hint) input.setAttribute("aria-describedby", hint.id);
    return {
      element: ui.el(
        "div",
        { class: "course-field" },
        ui.el("label", { for: id }, field.label),
        input,
        hint,
      ),
      inputs: [input],
      get: () => input.value,
      set: (value) => {
        input.value = typeof value === "string" ? value : "";
      },
      value: () => read(input.value),
      note: (value) => note(input.value.trim(), value),
    };
  }

  function numberField(field) {
    const { label } = field;
    const note = (text, value) => {
      const parts = /^([+\-−]?\d+),(\d{3})$/.exec(text);
      if (parts) {
        const [, whole, rest] = parts;
        return t("comma", { label, thousands: whole + rest, decimal: `${whole}.${rest}` });
      }
      return typeof value === "string" ? t("number", { label, text }) : null;
    };
    return textField(field, { read: judge.read, note });
  }

  function arrayField(field) {
    const example = EXAMPLE[field.dimensions] ?? EXAMPLE[2];
    const long = field.dimensions > 1;
    return textField(field, {
      long,
      read: judge.readGrid,
      help: t(long ? "form" : "list", { example }),
      note: (text, value) =>
        typeof value === "string" ? t("array", { label: field.label, text, example }) : null,
    });
  }

  function gridField(field) {
    const [rows, columns] = field.cells.length === 2 ? field.cells : [1, field.cells[0]];
    const flat = field.cells.length === 1;
    const numbers = (count) => Array.from({ length: count }, (_, at) => at);
    const inputs = numbers(rows).map((row) =>
      numbers(columns).map((column) => {
        const name = t(flat ? "place" : "entry", { label: field.label, row, column });
        return ui.el("input", { ...typing, "aria-label": name });
      }),
    );
    const head = ui.el(
      "tr",
      {},
      flat ? null : ui.el("td"),
      numbers(columns).map((column) => ui.el("th", { scope: "col" }, String(column))),
    );
    const lines = inputs.map((line, row) =>
      ui.el(
        "tr",
        {},
        flat ? null : ui.el("th", { scope: "row" }, String(row)),
        line.map((input) => ui.el("td", {}, input)),
      ),
    );
    const every = inputs.flat();
    const values = () => inputs.map((line) => line.map((input) => judge.read(input.value)));
    return {
      element: ui.el(
        "fieldset",
        { class: "course-field" },
        ui.el("legend", {}, field.label),
        ui.el("table", { class: "course-cells" }, ui.el("tbody", {}, head, lines)),
      ),
      inputs: every,
      get: () => every.map((input) => input.value),
      set: (kept) =>
        every.forEach((input, at) => {
          input.value = Array.isArray(kept) && typeof kept[at] === "string" ? kept[at] : "";
        }),
      value: () => (flat ? values()[0] : values()),
      note: () => {
        const odd = every.find((input) => typeof judge.read(input.value) === "string");
        return odd ? t("number", { label: odd.ariaLabel, text: odd.value.trim() }) : null;
      },
    };
  }

  function optionField(field, { type, legend, texts, value }) {
    const name = ui.unique("option");
    const inputs = texts.map((text) => ui.el("input", { type, name, value: text }));
    const chosen = () => inputs.filter((input) => input.checked);
    return {
      element: ui.el(
        "fieldset",
        { class: "course-field" },
        ui.el("legend", {}, legend),
        ui.el(
          "div",
          { class: "course-options" },
          inputs.map((input, at) => ui.el("label", {}, input, ui.el("span", {}, texts[at]))),
        ),
      ),
      inputs,
      get: () => chosen().map((input) => input.value),
      set: (kept) =>
        inputs.forEach((input) => {
          input.checked = Array.isArray(kept) && kept.includes(input.value);
        }),
      value: () => value(chosen().map((input) => inputs.indexOf(input))),
      note: () => null,
    };
  }

  const BUILDERS = {
    number: numberField,
    grid: (field) => (field.cells ? gridField(field) : arrayField(field)),
    choice: (field) =>
      optionField(field, {
        type: "radio",
        legend: field.label,
        texts: field.options.map((one, at) => (typeof one === "string" ? one : field.shown[at])),
        value: ([at]) => (at === undefined ? judge.DOTS : judge.fromData(field.options[at])),
      }),
    several: (field) =>
      optionField(field, {
        type: "checkbox",
        legend: t("all", { label: field.label }),
        texts: field.options.map((option) => option.text),
        value: (places) =>
          places.length ? places.map((at) => judge.fromData(field.options[at].value)) : judge.DOTS,
      }),
  };

  class Exercise extends self.HTMLElement {
    connectedCallback() {
      if (this.form) return;
      try {
        this.exercise = JSON.parse(this.querySelector("script").textContent);
        this.build();
      } catch (error) {
        this.prepend(ui.el("p", { class: "course-warning" }, t("broken", { what: error.message })));
        this.form = null;
        return;
      }
      this.classList.add("live");
    }

    build() {
      this.fields = judge.fieldsOf(this.exercise);
      this.parts = this.fields.map((field) => BUILDERS[field.kind](field));
      const others = this.exercise.fields.filter((field) => !this.fields.includes(field));
      const names = others.map((field) => field.label).join(", ");
      this.said = ui.el("div", { class: "course-status", role: "status", "aria-live": "polite" });
      this.form = ui.el(
        "form",
        {
          class: "course-frame",
          "aria-label": this.exercise.name.replaceAll("_", " "),
          novalidate: true,
          onsubmit: (event) => {
            event.preventDefault();
            this.check();
          },
          oninput: () => this.changed(),
        },
        this.parts.map((part) => part.element),
        names ? ui.el("p", { class: "course-help" }, t("elsewhere", { fields: names })) : null,
        ui.el(
          "div",
          { class: "course-foot" },
          ui.el("button", { type: "submit", class: "course-button" }, t("check")),
          ui.button(t("clear"), () => this.clear()),
        ),
        this.said,
      );
      this.restore();
      this.prepend(this.form);
      this.querySelector(".course-where span").textContent = t("or");
      const cell = this.previousElementSibling?.querySelector(".cell_output");
      if (cell?.textContent.trim().startsWith("Not attempted yet.")) cell.hidden = true;
    }

    /* What was kept is taken as far as it fits the fields of today, and judged anew. */
    restore() {
      this.kept = answers.read(this.dataset.page, this.exercise.name) ?? {};
      this.fields.forEach((field, at) => this.parts[at].set(this.kept.given?.[field.name]));
      if (this.kept.open === true) this.judge();
    }

    keep(changes) {
      const given = this.fields.map((field, at) => [field.name, this.parts[at].get()]);
      this.kept = { ...this.kept, given: Object.fromEntries(given), ...changes };
      answers.write(this.dataset.page, this.exercise.name, this.kept);
    }

    changed() {
      this.say([]);
      this.keep({ open: false });
    }

    clear() {
      this.parts.forEach((part) => part.set(undefined));
      this.say([]);
      this.kept = {};
      answers.forget(this.dataset.page, this.exercise.name);
      this.parts[0].inputs[0].focus();
    }

    check() {
      const result = this.judge();
      this.keep(result ? { open: true, result } : { open: false });
    }

    /* Judge what stands in the fields and say so, or how to write what cannot be read; "right",
       "wrong", or null if some are empty. */
    judge() {
      const values = this.parts.map((part) => part.value());
      const given = Object.fromEntries(this.fields.map((field, at) => [field.name, values[at]]));
      const results = judge.evaluate(this.exercise, given);
      if (!results) {
        const empty = this.fields.filter(
          (field) => !judge.evaluate({ fields: [field] }, { [field.name]: given[field.name] }),
        );
        this.say([t("missing", { fields: empty.map((field) => field.label).join(", ") })]);
        return null;
      }
      const right = results.every((result) => result.right);
      const alone = this.fields.map((field) => judge.evaluate({ fields: [field] }, given));
      const notes = this.parts.map((part, at) => part.note(values[at]));
      const noted = alone
        .filter((_, at) => notes[at])
        .flatMap((said) => said.map((one) => one.text));
      const judged = results.filter((result) => !noted.includes(result.text));
      this.say([
        ...judged.map((result) => `${result.right ? "✓" : "✗"} ${result.text}`),
        ...notes.filter(Boolean).map((note) => `✗ ${note}`),
        ...(right ? [] : [t("more")]),
      ]);
      this.fields.forEach((_, at) => {
        const wrong = !alone[at].every((result) => result.right);
        this.parts[at].inputs.forEach((input) => {
          if (/text/.test(input.type)) input.setAttribute("aria-invalid", wrong);
        });
      });
      return right ? "right" : "wrong";
    }

    say(lines) {
      this.said.replaceChildren(...lines.map((line) => ui.el("p", {}, line)));
      this.form.querySelectorAll("[aria-invalid]").forEach((input) => {
        input.removeAttribute("aria-invalid");
      });
    }
  }

  if (!self.customElements.get("course-exercise")) {
    self.customElements.define("course-exercise", Exercise);
  }
})(self.CourseUI, self.CourseAnswers, self.CourseJudge);
