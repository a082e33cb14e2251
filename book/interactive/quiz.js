/* A question with choices. On the page it is plain text: the question in bold, then one <details> a
   choice, of which one begins with a bold "Right.". Here the choices become radio buttons, and each
   answer brings its explanation. */
(function (ui) {
  "use strict";

  const TEXTS = {
    en: {
      right: "Right.",
      wrong: "Not this one.",
      ask: "Choose an answer.",
      none: "This question has only {count} choices.",
    },
  };
  const MOST = 9;

  class Quiz extends ui.Figure {
    static texts = TEXTS;
    static fields = { choice: ui.whole(0, MOST, 0) }; // 0: none yet

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
          onchange: () => this.update({ choice: index + 1 }),
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
      );
    }

    render() {
      const chosen = this.state.choice - 1;
      this.choices.forEach((choice, index) => {
        choice.input.checked = index === chosen;
        choice.verdict.textContent = index === chosen ? (choice.right ? "✓" : "✗") : "";
        choice.home.append(...choice.explanation);
      });
      const choice = this.choices[chosen];
      if (!choice) return this.say(this.t("ask"));
      const begin = choice.right ? [] : [ui.el("strong", {}, this.t("wrong")), " "];
      this.said.replaceChildren(
        ...begin,
        ui.el("span", { class: "course-explanation" }, choice.explanation),
      );
    }
  }

  ui.define("course-quiz", Quiz);
})(self.CourseUI);
