// Follows an errand until it has ended; without it the page's own link does the same.
(() => {
  const place = document.querySelector("[data-errand]");
  if (!place) return;
  const bar = place.querySelector("progress");
  const look = async () => {
    const answer = await fetch(place.dataset.errand, { cache: "no-cache" });
    if (!answer.ok) return;
    const errand = await answer.json();
    if (!["queued", "running"].includes(errand.state)) return location.reload();
    place.querySelector("[data-words]").textContent = errand.words;
    if (!bar || !errand.total) return;
    bar.max = errand.total;
    bar.value = errand.done;
    place.querySelector("[data-count]").textContent = `${errand.done} / ${errand.total}`;
  };
  setInterval(() => look().catch(() => {}), 1500);
})();
