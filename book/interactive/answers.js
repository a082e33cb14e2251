/* What a reader has answered, kept in the browser and nowhere else: an entry for each exercise and
   each question, "cnn-course/2-layers/convolution/question-1". Where nothing can be kept
   (storage switched off or full) reading finds nothing and writing does nothing; a private window
   keeps until it is closed. */
(function (root, make) {
  const answers = make(root);
  if (typeof module !== "undefined" && module.exports) module.exports = answers;
  else root.CourseAnswers = answers;
})(globalThis, function (root) {
  "use strict";

  const PREFIX = "cnn-course";
  const address = (page, name) => `${PREFIX}/${page}/${name}`;
  const attempt = (act) => {
    try {
      return act(root.localStorage);
    } catch (error) {
      return null; // no storage, a full one, or an entry that somebody else has written
    }
  };

  /* {result: "right" or "wrong", …}, or null. */
  function read(page, name) {
    const entry = attempt((storage) => JSON.parse(storage.getItem(address(page, name))));
    return entry && typeof entry === "object" && !Array.isArray(entry) ? entry : null;
  }
  const write = (page, name, entry) =>
    attempt((storage) => storage.setItem(address(page, name), JSON.stringify(entry)));
  const forget = (page, name) => attempt((storage) => storage.removeItem(address(page, name)));

  /* Whether something can be kept. */
  const keeps = () =>
    attempt((storage) => {
      storage.setItem(PREFIX, "1");
      storage.removeItem(PREFIX);
      return true;
    }) === true;

  /* Of these names, how many were answered and how many rightly. */
  function count(page, names) {
    const results = names.map((name) => read(page, name)?.result);
    return {
      all: names.length,
      answered: results.filter((result) => result === "right" || result === "wrong").length,
      right: results.filter((result) => result === "right").length,
    };
  }

  return { read, write, forget, keeps, count };
});
