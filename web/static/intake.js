// The review by keys alone: j and k go from duty to duty, a confirms, x leaves out, e edits. The page works without.
(() => {
  document.querySelector(".source mark.chosen, .source mark")?.scrollIntoView({ block: "center" });
  document.querySelector("#chosen")?.scrollIntoView({ block: "start" });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    const go = { j: "#chosen a[rel=next]", k: "#chosen a[rel=prev]", a: "[data-key=a]", x: "[data-key=x]" }[event.key];
    if (go) document.querySelector(go)?.click();
    if (event.key === "e") {
      event.preventDefault();
      document.querySelector("#edit [name=title]")?.focus();
    }
  });
})();
