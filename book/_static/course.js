// The theme lets the keyboard scroll code that is too wide, but looks at unfolded code only: let it look again.
document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), true);
