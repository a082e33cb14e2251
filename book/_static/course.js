// The theme lets the keyboard scroll code that is too wide, but looks at unfolded code only: let it
// look again.
document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), true);

// A formula is no stop for the keyboard, unless it is too wide and scrolls in its own box.
const reach = () => {
  document.querySelectorAll("div.math").forEach((box) => {
    box.toggleAttribute("tabindex", box.scrollWidth > box.clientWidth);
    if (box.hasAttribute("tabindex")) box.tabIndex = 0;
  });
};
addEventListener("load", () => document.fonts.ready.then(reach));
addEventListener("resize", reach);

// A table in an output scrolls in its own box, with head and first column in view; one with many
// columns shows the first few, and a button shows the others.
document.addEventListener("DOMContentLoaded", () => {
  const most = 5;
  document.querySelectorAll(".cell_output table").forEach((table, at) => {
    const box = table.parentNode;
    const columns = table.rows[0].cells.length - 1;
    box.classList.add("course-table");
    Object.assign(box, { tabIndex: 0, role: "region", ariaLabel: `Table ${at + 1}` });
    if (columns <= most) return;
    const button = document.createElement("button");
    const fold = (folded) => {
      table.classList.toggle("course-folded", folded);
      button.textContent = folded ? `Show all ${columns} columns` : `Show ${most} columns`;
    };
    button.type = "button";
    button.className = "course-more";
    button.onclick = () => fold(!table.classList.contains("course-folded"));
    box.before(button);
    fold(true);
  });
});

// The arrow in the navigation that unfolds the pages below a page has no words of its own.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".bd-sidebar-primary summary").forEach((arrow) => {
    const page = arrow.closest("li").querySelector("a").textContent.trim();
    arrow.ariaLabel = `Pages below ${page}`;
  });
});
