// Subscribes this browser to notifications, where it can show some and its user allows it.
(() => {
  const place = document.querySelector("[data-push-key]");
  if (!place || !navigator.serviceWorker || !window.PushManager || !window.Notification) return;
  const form = place.querySelector("form"), status = place.querySelector("[role=status]");
  place.querySelector("[data-unable]").hidden = true;
  form.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

  const subscription = async () => {
    const registration = await navigator.serviceWorker.register(place.dataset.worker);
    const key = bytes(place.dataset.pushKey), kept = await registration.pushManager.getSubscription();
    if (kept) {
      const its = kept.options.applicationServerKey && new Uint8Array(kept.options.applicationServerKey);
      if (its && its.length === key.length && its.every((byte, at) => byte === key[at])) return kept;
      await kept.unsubscribe(); // it was made with another key of this site
    }
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "";
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        status.textContent = place.dataset.denied;
        return;
      }
      const made = (await subscription()).toJSON(), sent = new FormData(form);
      sent.set("endpoint", made.endpoint);
      sent.set("p256dh", made.keys.p256dh);
      sent.set("auth", made.keys.auth);
      const answer = await fetch(form.action, { method: "POST", body: sent, redirect: "manual" });
      if (answer.type === "opaqueredirect") location.reload();
      else status.textContent = place.dataset.failed;
    } catch (fault) {
      status.textContent = place.dataset.failed;
    }
  });
})();
