// A little comfort; every page works without it.
(() => {
  // the fault of a form is what the reader must see first
  document.querySelector(".fault")?.focus();

  // where one is stands in view, in menus that scroll
  // (not by scrollIntoView: browsers begin there with the keyboard, and would pass over "skip to the content")
  for (const here of document.querySelectorAll(".aside [aria-current]")) {
    const menu = here.closest(".aside");
    const off = here.getBoundingClientRect(), seen = menu.getBoundingClientRect();
    menu.scrollLeft += off.left - seen.left - (seen.width - off.width) / 2;
  }

  for (const list of document.querySelectorAll("[data-here]")) {
    const here = list.querySelector("[aria-current]");
    if (here) list.scrollTop = here.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
  }

  // a menu closes when one presses elsewhere, or Escape; "/" leads to the search field
  const menus = () => document.querySelectorAll(".drop-down[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape")
      for (const menu of menus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    const find = document.querySelector(".find input");
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && find && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    }
  });

  // data-all="name": ticks or unticks every box of that name that can be ticked, and itself shows how these stand
  for (const box of document.querySelectorAll("input[data-all]")) {
    const boxes = () => [...document.querySelectorAll(`input[name="${box.dataset.all}"]:not(:disabled)`)];
    const show = () => {
      const ticked = boxes().filter((one) => one.checked).length;
      box.checked = ticked > 0 && ticked === boxes().length;
      box.indeterminate = ticked > 0 && !box.checked;
    };
    box.addEventListener("change", () => {
      for (const one of boxes()) one.checked = box.checked;
      show();
    });
    document.addEventListener("change", (event) => {
      if (event.target.name === box.dataset.all) show();
    });
    addEventListener("pageshow", show); // a browser that comes back to a page fills its boxes in before this
    show();
  }

  // data-drop: files may be dropped on the field's surroundings
  for (const place of document.querySelectorAll("[data-drop]")) {
    const field = place.querySelector("input[type=file]");
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change"));
    });
  }

  // data-live="address": asked every ten seconds; when its answer changes, the element is fetched anew with its page
  for (const place of document.querySelectorAll("[data-live][id]")) {
    let known;
    const headers = { "dondoc-by-itself": "1" }; // nobody need be there: it does not keep the session
    const busy = () => place.contains(document.activeElement) || place.querySelector("input:checked[type=checkbox]");
    const look = async () => {
      if (document.hidden || busy()) return;
      const answer = await fetch(place.dataset.live, { cache: "no-cache", headers });
      if (!answer.ok) return;
      const now = await answer.text();
      if (known !== undefined && now !== known) {
        const page = new DOMParser().parseFromString(await (await fetch(location.href, { headers })).text(), "text/html");
        const fresh = page.getElementById(place.id);
        if (fresh && !busy()) place.innerHTML = fresh.innerHTML;
      }
      known = now;
    };
    setInterval(() => look().catch(() => {}), 10000);
    look().catch(() => {});
  }

  // a form is sent once, however often the button is pressed
  for (const form of document.querySelectorAll("form[method=post]"))
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
