// A little comfort; every page works without it.
(() => {
  // the fault of a form is what the reader must see first
  document.querySelector(".fault")?.focus();

  // data-all="name": ticks or unticks every box of that name on the page
  for (const box of document.querySelectorAll("input[data-all]"))
    box.addEventListener("change", () => {
      for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
    });

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
