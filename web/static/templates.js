// Comfort for editors: what is typed is checked a moment later. Pages work without it.
(() => {
  for (const form of document.querySelectorAll("form[data-check]")) {
    const verdict = form.querySelector("#verdict");
    let timer, asked = 0;

    // what is wrong with a field stands beneath it, as on a page that the server wrote
    const marked = () => {
      for (const old of form.querySelectorAll("p.wrong")) old.remove();
      const says = (field) => (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.startsWith("w-"));
      for (const old of form.querySelectorAll("[aria-invalid]")) {
        old.removeAttribute("aria-invalid");
        old.setAttribute("aria-describedby", says(old).join(" "));
      }
      for (const fault of verdict.querySelectorAll(".faults a")) {
        const field = document.getElementById(fault.hash.slice(1));
        if (!field) continue;
        const words = document.createElement("p");
        words.className = "wrong";
        words.id = `w-${fault.hash.slice(3)}`;
        words.textContent = fault.textContent;
        const cell = field.closest(".to") ? field.closest("tr").querySelector(".at") : field.closest("td, .field, fieldset");
        cell.append(words);
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", [...says(field), words.id].join(" "));
      }
    };

    const check = async () => {
      const turn = ++asked;
      const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form) });
      if (turn !== asked) return; // something was typed since
      if (!answer.ok) return;
      const pieces = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const piece of pieces.querySelectorAll("[id]")) {
        const place = document.getElementById(piece.id);
        if (place && !piece.parentElement.closest("[id]")) place.innerHTML = piece.innerHTML;
      }
      marked();
    };

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => check().catch(() => {}), 600);
    });
    // a changed rung makes the ladder the template's own, and the choice says so at once
    const ladder = form.elements.ladder, rungs = () => form.querySelectorAll(".matrix :is(input, select), #f-clock");
    for (const rung of rungs()) rung.addEventListener("input", () => { ladder.value = "own"; });
    // another ladder has rungs of its own: those typed give way, and the page shows it after its check
    ladder?.addEventListener("change", () => {
      if (ladder.value === "own") return;
      for (const rung of rungs()) {
        if (rung.type === "checkbox") rung.checked = rung.defaultChecked;
        else if (rung.options) for (const option of rung.options) option.selected = option.defaultSelected;
        else rung.value = rung.defaultValue;
      }
      form.querySelector("button[value=check]").click();
    });
  }
})();
