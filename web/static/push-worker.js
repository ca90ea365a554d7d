// Shows what is pushed to this browser, and opens its page of this site when it is pressed. Keeps and asks for nothing.
addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const shown = { body: told.text || "", tag: told.topic || "dondoc", data: told.link || "" };
  event.waitUntil(registration.showNotification("Đôn đốc", shown));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const bell = new URL("/notifications", location.origin);
  let page = bell;
  try {
    page = new URL(event.notification.data || bell, location.origin);
  } catch {
    page = bell;
  }
  event.waitUntil(clients.openWindow(page.origin === location.origin ? page.href : bell.href));
});
