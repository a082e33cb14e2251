/* How far a reader has come in a part: what was answered and what of it was right, counted from
   what this browser has kept. A page opened from a disk may not see what other pages have kept; one
   that finds nothing there says nothing. */
(function (ui, answers) {
  "use strict";

  const TEXTS = {
    title: "Your answers",
    all: "{exercises}; {questions}.",
    exercises: "Exercises in the page: {answered} of {all} answered, {right} right",
    questions: "questions: {answered} of {all} answered, {right} right",
    lesson: "{title} ({exercises} exercises and {questions} questions right)",
    kept: "They are kept in this browser only.",
    reset: "Forget them",
    sure: "Forget all answers of this part? This cannot be undone.",
    yes: "Forget",
    no: "Keep them",
    gone: "All answers of this part are forgotten.",
    of: "{right} of {all}",
  };
  const t = (key, values) => ui.fill(TEXTS[key], values);
  const KINDS = ["exercises", "questions"];

  class Progress extends self.HTMLElement {
    connectedCallback() {
      if (this.lessons) return;
      this.lessons = JSON.parse(this.querySelector("script").textContent);
      this.said = ui.el("p", { class: "course-help", role: "status", "aria-live": "polite" });
      this.frame = this.querySelector(".course-frame");
      this.none = this.frame.textContent;
      this.append(this.said);
      this.show();
      self.addEventListener("pageshow", () => this.show()); // back from a lesson
      self.addEventListener("storage", () => this.show()); // answered in another window
      this.classList.add("live");
    }

    /* For each lesson its two counts. */
    counts() {
      return this.lessons.map((lesson) =>
        Object.fromEntries(KINDS.map((kind) => [kind, answers.count(lesson.page, lesson[kind])])),
      );
    }

    show() {
      if (this.frame.contains(document.activeElement) && this.asking) return;
      this.asking = false;
      const counts = this.counts();
      const sum = (kind, what) => counts.reduce((total, one) => total + one[kind][what], 0);
      const total = (kind) =>
        Object.fromEntries(["all", "answered", "right"].map((what) => [what, sum(kind, what)]));
      const totals = Object.fromEntries(KINDS.map((kind) => [kind, total(kind)]));
      const answered = totals.exercises.answered + totals.questions.answered;
      this.frame.hidden = !answered && (location.protocol === "file:" || !answers.keeps());
      if (!answered) {
        this.frame.replaceChildren(ui.el("p", {}, this.none));
        return;
      }
      const lines = this.lessons.flatMap((lesson, at) => {
        const count = counts[at];
        if (!KINDS.some((kind) => count[kind].answered)) return [];
        const values = KINDS.map((kind) => [kind, t("of", count[kind])]);
        const text = t("lesson", { title: lesson.title, ...Object.fromEntries(values) });
        return [ui.el("li", {}, text)];
      });
      const sentences = KINDS.map((kind) => [kind, t(kind, totals[kind])]);
      this.frame.replaceChildren(
        ui.el("p", { class: "course-title" }, t("title")),
        ui.el("p", {}, t("all", Object.fromEntries(sentences)), " ", t("kept")),
        ui.el("ul", {}, lines),
        ui.button(t("reset"), () => this.ask()),
      );
    }

    ask() {
      this.asking = true;
      const keep = ui.button(t("no"), () => {
        this.asking = false;
        this.show();
        this.frame.querySelector("button")?.focus();
      });
      const question = ui.el("p", { id: ui.unique("sure") }, t("sure"));
      const yes = ui.button(t("yes"), () => this.forget());
      this.frame.replaceChildren(
        ui.el("div", { role: "group", "aria-labelledby": question.id }, question, yes, " ", keep),
      );
      keep.focus();
    }

    forget() {
      for (const lesson of this.lessons) {
        for (const name of KINDS.flatMap((kind) => lesson[kind])) answers.forget(lesson.page, name);
      }
      this.asking = false;
      this.said.textContent = t("gone");
      this.said.tabIndex = -1;
      this.said.focus();
      this.show();
    }
  }

  if (!self.customElements.get("course-progress")) {
    self.customElements.define("course-progress", Progress);
  }
})(self.CourseUI, self.CourseAnswers);
