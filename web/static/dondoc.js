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

  // data-suggest="address": what the server offers for the words typed so far, chosen by arrows, Enter, a tap
  // data-several: names in a row, with commas or semicolons between them
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
  for (const field of document.querySelectorAll("[data-suggest]")) {
    // what the page itself offers comes first, and as soon as one is in the field
    const own = [...(field.list?.options || [])].map((one) => ({ value: one.value, beside: one.textContent }));
    field.removeAttribute("list");
    const list = document.createElement("ul");
    list.id = `${field.id}-offers`;
    list.className = "offers";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels[0]?.textContent.trim() || "");
    const isArea = field.tagName === "TEXTAREA"; // which is no combobox, and has one name a line
    field.setAttribute("aria-autocomplete", "list");
    if (!isArea) {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-expanded", "false");
    }
    const most = field.dataset.suggest ? 8 : 200; // what a page offers whole is scrolled through
    let timer, asked = 0;

    // the names in the field, and which of them the cursor stands in
    const typed = () => {
      const between = isArea ? "\n" : field.value.includes(";") ? ";" : ",";
      const split = (text) => (isArea || "several" in field.dataset ? text.split(between) : [text]);
      return { names: split(field.value), at: split(field.value.slice(0, field.selectionStart)).length - 1 };
    };
    const chosen = () => list.querySelector("[aria-selected=true]");
    const mark = (one) => {
      chosen()?.setAttribute("aria-selected", "false");
      one?.setAttribute("aria-selected", "true");
      if (one) field.setAttribute("aria-activedescendant", one.id);
      else field.removeAttribute("aria-activedescendant");
    };
    const show = (offers) => {
      list.replaceChildren(
        ...offers.map(({ value, beside }, number) => {
          const one = document.createElement("li"), quiet = document.createElement("span");
          one.id = `${list.id}-${number}`;
          one.dataset.value = value;
          one.setAttribute("role", "option");
          one.setAttribute("aria-selected", "false");
          quiet.className = "quiet";
          quiet.textContent = beside;
          one.append(value, " ", quiet);
          return one;
        }),
      );
      if (offers.length) {
        field.after(list);
        field.setAttribute("aria-controls", list.id);
        list.scrollIntoView({ block: "nearest" });
      } else {
        list.remove();
        field.removeAttribute("aria-controls");
      }
      if (!isArea) field.setAttribute("aria-expanded", String(list.isConnected));
      mark(null);
    };
    const take = (one) => {
      const { names, at } = typed();
      names.splice(at, 1, one.dataset.value);
      if ("several" in field.dataset && at === names.length - 1) names.push("");
      field.value = names.map((name) => name.trim()).join(isArea ? "\n" : "; ").trimStart();
      if (!isArea) field.value = field.value.trimEnd();
      show([]);
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "taken" }));
    };
    const ask = async () => {
      const { names, at } = typed();
      const turn = ++asked, words = names[at].trim();
      const ours = own.filter(({ value, beside }) => plain(`${value} ${beside}`).includes(plain(words))).slice(0, most);
      const answer = words && field.dataset.suggest && ours.length < most && (await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`));
      const theirs = answer && answer.ok ? await answer.json() : [];
      const offers = [...ours, ...theirs.filter(({ value }) => !ours.some((one) => one.value === value))];
      if (turn === asked && document.activeElement === field) show(offers.slice(0, most));
    };
    field.addEventListener("input", (event) => {
      clearTimeout(timer);
      if (event.detail !== "taken") timer = setTimeout(() => ask().catch(() => {}), 200);
    });
    field.addEventListener("keydown", (event) => {
      if (!list.isConnected) return;
      const all = [...list.children], at = all.indexOf(chosen());
      if (event.key === "ArrowDown") mark(all[(at + 1) % all.length]);
      else if (event.key === "ArrowUp") mark(all[(at <= 0 ? all.length : at) - 1]);
      else if (event.key === "Enter" && at >= 0) take(all[at]);
      else if (event.key === "Escape") show([]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the keyboard
      const one = event.target.closest("li");
      if (one) take(one);
    });
    if (own.length) field.addEventListener("focus", () => field.value || ask());
    field.addEventListener("blur", () => show([]));
  }

  // data-read: sends itself once it has been in view for two seconds; the marks of what was unread go
  for (const form of document.querySelectorAll("form[data-read]")) {
    let timer;
    const send = async () => {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) return;
      for (const mark of document.querySelectorAll("[data-unread]")) mark.remove();
      form.remove();
    };
    new IntersectionObserver(([seen]) => {
      clearTimeout(timer);
      if (seen.isIntersecting && !document.hidden) timer = setTimeout(() => send().catch(() => {}), 2000);
    }).observe(form);
  }

  // data-unsaved: a form that was changed is not left without a question
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let changed = form.dataset.unsaved === "changed"; // as it came back from a check
    form.addEventListener("input", () => (changed = true));
    addEventListener("beforeunload", (event) => {
      if (changed && !form.dataset.sent) event.preventDefault();
    });
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
