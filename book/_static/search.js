// Sphinx finds pages; this shows, of each, the sentence in which the words stand. Sphinx itself
// would show the beginning of the page's text, which in this theme is the list of its headings.
(() => {
  const LONGEST = 300;
  const BLOCKS = "p, li, dd, dt, td, figcaption, h1, h2, h3, h4, summary, pre";
  const LEFT_OUT =
    ".headerlink, script, style, annotation, button, .tocwrapper, .bd-header-article";

  // The sentences of a block, without those of blocks in it.
  const sentencesOf = (block) => {
    const copy = block.cloneNode(true);
    copy.querySelectorAll(BLOCKS).forEach((one) => one.remove());
    const text = copy.textContent.replace(/\s+/g, " ").trim();
    return text.split(/(?<=[.?!]["”’)]?) (?=[A-Z“(\d])/).filter(Boolean);
  };

  // At most so many characters, around the place where the first word stands.
  const shortened = (sentence, at) => {
    if (sentence.length <= LONGEST) return sentence;
    const begin = Math.max(0, Math.min(at - LONGEST / 3, sentence.length - LONGEST));
    const from = begin && sentence.indexOf(" ", begin) + 1;
    const end = from + LONGEST;
    const to = end < sentence.length ? sentence.lastIndexOf(" ", end) : sentence.length;
    return (from ? "… " : "") + sentence.slice(from, to) + (to < sentence.length ? " …" : "");
  };

  // The sentence that has most of the words, best as they were typed; prose comes before headings
  // and code, and of two that are as good the first is taken.
  const bestSentence = (root, words) => {
    const typed = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase();
    let best = { score: 0, text: "" };
    root.querySelectorAll(BLOCKS).forEach((block) => {
      const prose = block.matches("p, li, dd, td, figcaption") ? 0.5 : 0;
      sentencesOf(block).forEach((sentence) => {
        const places = words.map((word) => sentence.search(word)).filter((at) => at >= 0);
        const together = sentence.toLowerCase().includes(typed) ? 1 : 0;
        const score = places.length && places.length + prose + together;
        if (score <= best.score) return;
        best = { score, text: shortened(sentence, Math.min(...places)) };
      });
    });
    return best.text;
  };

  Search.makeSearchSummary = (html, keywords, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const article = page.querySelector("article.bd-article") ?? page.body;
    article.querySelectorAll(LEFT_OUT).forEach((one) => one.remove());
    const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : null;
    const part = place?.matches("dt") ? place.nextElementSibling : place;
    const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const words = [...keywords].map((word) => new RegExp(`(?<![\\p{L}\\d])${escaped(word)}`, "iu"));
    const anywhere = [...keywords].map((word) => new RegExp(escaped(word), "iu"));
    const summary = document.createElement("p");
    summary.className = "context";
    summary.textContent =
      (place?.matches("dt") && part && sentencesOf(part)[0]) ||
      (part && bestSentence(part, words)) ||
      bestSentence(article, words) ||
      bestSentence(article, anywhere) ||
      sentencesOf(article.querySelector("p") ?? article)[0] ||
      "";
    return summary;
  };

  // A page that was opened as a file may read no other page: the titles are found all the same.
  if (location.protocol !== "file:") return;
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.addEventListener("DOMContentLoaded", () => {
    const note = document.createElement("p");
    note.className = "course-note";
    note.textContent =
      "You opened the book as a file. The search finds pages here, but cannot show the sentences " +
      "it found: browsers let a file read no other. “python3 course.py serve” shows them.";
    document.getElementById("search-results").before(note);
  });
})();
