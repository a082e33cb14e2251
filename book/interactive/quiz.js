/* A question with choices. On the page it is plain text: the question in bold, then one <details> a
   choice, of which one begins with a bold "Right.". Here the choices become radio buttons, and a
   button, or Enter, checks the chosen one and brings its explanation. answers.js keeps it. */
(function (ui, answers) {
  "use strict";

  const TEXTS = {
    en: {
      right: "Right.",
      wrong: "Not this one.",
      ask: "Choose an answer, then check it.",
      empty: "Not attempted yet. Choose an answer first.",
      check: "Check",
      none: "This question has only {count} choices.",
    },
  };
  const MOST = 9;

  class Quiz extends ui.Figure {
    static texts = TEXTS;
    static fields = {
      choice: ui.whole(0, MOST, 0), // 0: none yet
      checked: ui.oneOf(["no", "yes"]),
    };

    connectedCallback() {
      const first = !this.frame;
      super.connectedCallback();
      if (first && this.choices && this.query() === "") this.restore();
    }

    /* What was kept, if the question still has that choice. */
    restore() {
      const kept = answers.read(this.dataset.page, this.id);
      const known = kept && Number.isInteger(kept.choice) && this.choices[kept.choice - 1];
      if (!known) return;
      const checked = kept.open === true ? "yes" : "no";
      this.show(this.take({ ...this.state, choice: kept.choice, checked }));
    }

    update(changes) {
      super.update(changes);
      const [page, name] = [this.dataset.page, this.id];
      const { choice, checked } = this.state;
      const chosen = this.choices[choice - 1];
      if (!chosen) return answers.forget(page, name);
      const open = checked === "yes";
      const earlier = answers.read(page, name)?.result;
      const result = open ? (chosen.right ? "right" : "wrong") : earlier;
      answers.write(page, name, { choice, open, result });
    }

    settle(state) {
      const count = this.choices ? this.choices.length : this.querySelectorAll("details").length;
      if (state.choice > count) throw new RangeError(this.t("none", { count }));
      return state;
    }

    build() {
      const group = ui.unique("quiz");
      const title = this.querySelector("p");
      const legend = ui.el("legend", {}, ...title.childNodes);
      title.remove();
      this.choices = [...this.querySelectorAll("details")].map((details, index) => {
        const text = ui.el("span", {}, ...details.querySelector("summary").childNodes);
        const verdict = ui.el("span", { class: "course-verdict" });
        const input = ui.el("input", {
          type: "radio",
          name: group,
          onchange: () => this.update({ choice: index + 1, checked: "no" }),
          onkeydown: (event) => {
            if (event.key === "Enter" && input.checked) this.update({ checked: "yes" });
          },
        });
        details.querySelector("summary").remove();
        const right = /^\s*Right\./.test(details.textContent);
        const home = ui.el("div", { hidden: true }, ...details.childNodes);
        const element = ui.el(
          "div",
          { class: "course-choice" },
          ui.el("label", {}, input, text, verdict),
          home,
        );
        details.remove();
        return { element, input, verdict, right, home, explanation: [...home.childNodes] };
      });
      return ui.el(
        "fieldset",
        {},
        legend,
        this.choices.map((choice) => choice.element),
        ui.button(this.t("check"), () => this.update({ checked: "yes" })),
      );
    }

    render() {
      const chosen = this.state.choice - 1;
      const checked = this.state.checked === "yes";
      this.choices.forEach((choice, index) => {
        choice.input.checked = index === chosen;
        const mark = choice.right ? "✓" : "✗";
        choice.verdict.textContent = checked && index === chosen ? mark : "";
        choice.home.append(...choice.explanation);
      });
      const choice = this.choices[chosen];
      if (!choice || !checked) return this.say(this.t(checked ? "empty" : "ask"));
      const begin = choice.right ? [] : [ui.el("strong", {}, this.t("wrong")), " "];
      this.said.replaceChildren(
        ...begin,
        ui.el("span", { class: "course-explanation" }, choice.explanation),
      );
    }
  }

  ui.define("course-quiz", Quiz);
})(self.CourseUI, self.CourseAnswers);
