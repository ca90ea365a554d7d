// Comfort for editors: what is typed is checked a moment later, and a fault leads to its line. Pages work without it.
(() => {
  for (const form of document.querySelectorAll("form[data-check]")) {
    const verdict = form.querySelector("#verdict"), text = form.querySelector("textarea.code");
    let timer, asked = 0, side = "yaml";

    const linked = () => {
      for (const fault of verdict.querySelectorAll("li[data-line]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "plain";
        button.textContent = fault.textContent;
        button.addEventListener("click", () => {
          const lines = text.value.split("\n"), line = Number(fault.dataset.line) - 1;
          const from = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
          text.focus();
          text.setSelectionRange(from, from + (lines[line] || "").length);
          text.scrollTop = Math.max(0, line - 5) * parseFloat(getComputedStyle(text).lineHeight);
        });
        fault.replaceChildren(button);
      }
    };

    const check = async () => {
      const turn = ++asked, given = new FormData(form);
      given.set("do", side);
      const answer = await fetch(form.dataset.check, { method: "POST", body: given });
      if (turn !== asked) return; // something was typed since
      if (answer.ok) {
        verdict.innerHTML = await answer.text();
        if (given.get("do") === "yaml") linked(); // else its lines are those of the YAML that the form would make
      }
    };

    form.addEventListener("input", (event) => {
      const of = event.target.closest("[data-side]");
      if (of) side = of.dataset.side;
      clearTimeout(timer);
      timer = setTimeout(() => check().catch(() => {}), 600);
    });
    linked();
  }
})();
