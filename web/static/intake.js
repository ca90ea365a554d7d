// The review by keys alone: j and k go from duty to duty, a confirms, s confirms all that is certain, x leaves out, e edits, c has compared. The page works without.
(() => {
  // (not by scrollIntoView: browsers begin there with the keyboard, and would pass over "skip to the content")
  const mark = document.querySelector(".source mark.chosen, .source mark"), source = mark?.closest(".source");
  if (source) source.scrollTop += mark.getBoundingClientRect().top - source.getBoundingClientRect().top - source.clientHeight / 2;
  const chosen = document.querySelector("#chosen");
  if (chosen && location.hash) window.scrollBy(0, chosen.getBoundingClientRect().top);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    const go = { j: "#chosen a[rel=next]", k: "#chosen a[rel=prev]", a: "[data-key=a]", x: "[data-key=x]", s: "[data-key=s]", c: "[data-key=c]" }[event.key];
    if (go) document.querySelector(go)?.click();
    if (event.key === "e") {
      event.preventDefault();
      document.querySelector("#edit [name=title]")?.focus();
    }
  });
})();
