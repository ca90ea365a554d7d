// Follows a background job until it has ended; without it the page's own link does the same.
(() => {
  const place = document.querySelector("[data-job]");
  if (!place) return;
  const bar = place.querySelector("progress");
  const look = async () => {
    const answer = await fetch(place.dataset.job, { cache: "no-cache" });
    if (!answer.ok) return;
    const job = await answer.json();
    if (!["queued", "running"].includes(job.state)) return location.reload();
    place.querySelector("[data-words]").textContent = job.words;
    if (!bar || !job.total) return;
    bar.max = job.total;
    bar.value = job.done;
    place.querySelector("[data-count]").textContent = `${job.done} / ${job.total}`;
  };
  setInterval(() => look().catch(() => {}), 1500);
})();
