/* What JavaScript adds; every page works without it. No inline handlers: all behaviour hangs on data attributes.
   "/" search, "j" "k" rows, Enter opens, "g h" home, "1" to "9" actions, "n" the next case, "?" help; counts of chosen rows;
   one submission for a double click. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const $ = (selector, from) => (from || document).querySelector(selector);
  const $$ = (selector, from) => Array.from((from || document).querySelectorAll(selector));

  // -- keyboard ----------------------------------------------------------------------------------------------------
  function typing(target) {
    return target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]") !== null;
  }

  function rowLinks() {
    return $$("[data-rows] tbody tr").map((row) => $("[data-row-link]", row) || $("a[href]", row)).filter(Boolean);
  }

  function step(by) {
    const links = rowLinks();
    if (!links.length) return;
    const now = document.activeElement && document.activeElement.closest("[data-rows] tbody tr");
    const at = links.findIndex((link) => now && now.contains(link));
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
    links[next].focus();
    links[next].closest("tr").scrollIntoView({ block: "nearest" });
  }

  let waitingForSecond = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      $$("details.menu[open]").forEach((menu) => {
        menu.open = false;
        if (menu.contains(document.activeElement)) $("summary", menu).focus();
      });
      return;
    }
    // Ctrl and Enter send what is being filled in.
    if (event.key === "Enter" && event.ctrlKey && !event.isComposing && event.target.form && event.target.form.method === "post") {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || $("dialog[open]")) return;
    const second = waitingForSecond && Date.now() - waitingForSecond < 1500;
    waitingForSecond = 0;
    if (second && event.key === "h" && document.body.dataset.home) {
      window.location.assign(document.body.dataset.home);
    } else if (event.key === "g") {
      waitingForSecond = Date.now();
    } else if (event.key === "/" && $("[data-search]")) {
      $("[data-search]").focus();
      $("[data-search]").select();
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
    } else if (/^[1-9n]$/.test(event.key) && $(`[data-key="${event.key}"] :is(a, button)`)) {
      $(`[data-key="${event.key}"] :is(a, button)`).click();
    } else if (event.key === "?" && $("#keys")) {
      $("#keys").showModal();
    } else {
      return;
    }
    event.preventDefault();
  });

  // -- clicks --------------------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    if (event.target.closest("[data-print]")) window.print();
    $$("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // -- a form is sent once: a second click within ten seconds does nothing ---------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    const now = Date.now();
    if (form.dataset.sentAt && now - Number(form.dataset.sentAt) < 10000) {
      event.preventDefault();
      return;
    }
    form.dataset.sentAt = String(now);
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", (event) => {
    // What somebody who is signed in saw is not shown again from the browser's memory: it is asked for again.
    if (event.persisted && $("form[action='/accounts/logout/']")) window.location.reload();
    $$("form[data-sent-at]").forEach((form) => delete form.dataset.sentAt);
    $$("[type=submit][aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  });

  // -- chosen rows -------------------------------------------------------------------------------------------------------
  function countChosen(form) {
    const boxes = $$("tbody input[type=checkbox]", form);
    const chosen = boxes.filter((box) => box.checked).length;
    $$("[data-bulk-count]", form).forEach((place) => { place.textContent = String(chosen); });
    $$(".bulk__text", form).forEach((text) => text.classList.toggle("bulk__text--chosen", chosen > 0));
    $$("[data-of-chosen] button", form).forEach((button) => { button.disabled = chosen === 0; });
    const all = $("[data-bulk-all]", form);
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-bulk-all]")) {
      $$("tbody input[type=checkbox]", form).forEach((box) => { box.checked = event.target.checked; });
    }
    countChosen(form);
  });

  // -- days: typed in any way of writing them, or picked from the browser's own calendar --------------------------------
  function addCalendar(input) {
    if (input.closest(".day") || !("showPicker" in HTMLInputElement.prototype)) return;
    const row = document.createElement("span");
    row.className = "day";
    const picker = document.createElement("input");
    picker.type = "date";
    picker.className = "day__picker";
    picker.tabIndex = -1;
    picker.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--secondary" + (root.classList.contains("staff") ? " button--small" : "");
    button.textContent = "选日期";
    const label = input.labels && input.labels[0];
    if (label) button.setAttribute("aria-label", "选日期：" + label.textContent.trim());
    button.addEventListener("click", () => {
      picker.value = /^\d{4}-\d\d-\d\d$/.test(input.value) ? input.value : "";
      picker.showPicker();
    });
    picker.addEventListener("change", () => {
      input.value = picker.value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
    input.before(row);
    row.append(input, button, picker);
  }

  // On paper nothing can be opened: what is folded is printed whole, and folded again afterwards. The result of the
  // check has a sheet of its own.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = $$("main details:not([open])").filter((part) => !part.closest(".check-result"));
    opened.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((part) => { part.open = false; });
    opened = [];
  });

  function start() {
    // The answer to something sent becomes a page like any other: reloading it, or coming back to it, opens its address
    // and sends nothing again.
    if ("posted" in document.body.dataset) window.history.replaceState(null, "", window.location.href);
    $$("input[data-day]").forEach(addCalendar);
    $$("form[data-bulk]").forEach(countChosen);
    const first = $("[data-focus]");
    if (first) first.focus();
    // What is decided with the papers beside it is answered at once, without the page moving away from them.
    const asked = $("[data-first] :is(input:not([type=hidden], [type=radio]:not(:checked)), textarea, select, button)");
    if (asked && !first) asked.focus({ preventScroll: true });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
