/* A warning before the session ends, with a way to go on; and long texts kept while they are typed. Without JavaScript the
   session ends as it always did. */
(function () {
  "use strict";
  const body = document.body;
  const dialog = document.getElementById("session");
  if (!dialog || !body.dataset.stay) return;
  const $ = (selector, from) => (from || document).querySelector(selector);
  const $$ = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  // So long before the end somebody is asked, in milliseconds.
  const ASKED_BEFORE = 3 * 60 * 1000;
  const LOOK_EVERY = 10 * 1000;
  const KEEP_AFTER = 2000;

  function token() {
    const field = $("[name=csrfmiddlewaretoken]");
    return field ? field.value : "";
  }

  // -- the end of the session ------------------------------------------------------------------------------------------
  let endsAt = Date.now() + Number(body.dataset.sessionEnds) * 1000;

  async function ask(method) {
    const answer = await fetch(body.dataset.stay, { method, headers: { "X-CSRFToken": token() }, redirect: "manual" });
    if (!answer.ok) return null;
    const said = await answer.json();
    if (said.whose !== body.dataset.sessionWhose) return null;
    $$("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = said.token; });
    endsAt = Date.now() + said.seconds * 1000;
    return said;
  }

  function show(over) {
    $("[data-session-soon]", dialog).hidden = over;
    $("[data-session-over]", dialog).hidden = !over;
    $("#session-title").textContent = over ? "登录已经结束" : "登录即将结束";
    if (!dialog.open) dialog.showModal();
  }

  function look() {
    const left = endsAt - Date.now();
    if (left <= 0) {
      show(true); // Stays until somebody signed in again.
    } else if (left <= ASKED_BEFORE) {
      $("[data-session-left]", dialog).textContent = Math.ceil(left / 60000) + "分钟";
      show(false);
    } else if (dialog.open && $("[data-session-over]", dialog).hidden) {
      dialog.close();
    }
  }

  $("[data-session-stay]", dialog).addEventListener("click", async () => {
    const said = await ask("POST").catch(() => null);
    if (said) dialog.close();
    else show(true);
  });
  $("[data-session-again]", dialog).addEventListener("click", async () => {
    const said = await ask("GET").catch(() => null);
    if (said) dialog.close();
    else $("[data-session-said]", dialog).textContent = "还没有以您的账号重新登录，请先登录。";
  });
  window.setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);

  // -- drafts ----------------------------------------------------------------------------------------------------------
  const SENT = "sent:";
  const areas = $$("form[method=post] textarea[name]");
  const path = window.location.pathname;
  let waiting = 0;

  // What was sent and not refused is kept no longer. Where somebody signed in meanwhile, the session was over before: then
  // it did not arrive.
  async function forgetSent() {
    const names = Object.keys(window.sessionStorage).filter((name) => name.startsWith(SENT));
    for (const name of names) {
      const since = window.sessionStorage.getItem(name);
      const from = name.slice(SENT.length);
      window.sessionStorage.removeItem(name);
      if (since !== body.dataset.sessionSince || (from === path && $(".error-summary"))) continue;
      await fetch(body.dataset.drafts, {
        method: "POST", body: new URLSearchParams({ path: from }), headers: { "X-CSRFToken": token() }, redirect: "manual",
      });
    }
  }

  function keep() {
    window.clearTimeout(waiting);
    waiting = 0;
    const given = new URLSearchParams({ path });
    areas.forEach((area) => given.append("text-" + area.name, area.value));
    fetch(body.dataset.drafts, { method: "POST", body: given, headers: { "X-CSRFToken": token() }, redirect: "manual" })
      .then((answer) => { if (answer.status === 204) endsAt = Math.max(endsAt, Date.now() + Number(body.dataset.sessionEnds) * 1000); })
      .catch(() => {});
  }

  areas.forEach((area) => area.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(keep, KEEP_AFTER);
  }));
  document.addEventListener("submit", (event) => {
    if (!areas.some((area) => area.form === event.target)) return;
    // Kept once more as it is sent: where the session was over, the sign-in leads back to it.
    if (waiting) keep();
    window.sessionStorage.setItem(SENT + path, body.dataset.sessionSince);
  });

  function restore(texts) {
    areas.forEach((area) => {
      if (area.value || !texts[area.name]) return;
      area.value = texts[area.name];
      const told = document.createElement("p");
      told.className = "field__hint";
      told.textContent = "已恢复您上次填写、没有提交的内容。";
      area.before(told);
    });
  }

  async function begin() {
    await forgetSent();
    if (!areas.length) return;
    const answer = await fetch(body.dataset.drafts + "?" + new URLSearchParams({ path }), { redirect: "manual" });
    if (answer.ok) restore((await answer.json()).texts);
  }
  begin().catch(() => {});
})();
