/* A file that somebody received is held against the digests of those that were sent. It never leaves the computer. */
(function () {
  "use strict";

  async function digestOf(file) {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function compare(part) {
    const sent = part.dataset.compare.split(" ").filter(Boolean);
    const result = part.querySelector("[data-compare-result]");
    const label = part.querySelector("label");
    const chooser = Object.assign(document.createElement("input"), { type: "file", id: label.htmlFor, accept: "application/pdf,.pdf" });
    chooser.setAttribute("aria-describedby", "compare-help");
    label.parentElement.append(chooser);

    async function hold(file) {
      if (!file) return;
      result.textContent = "正在核对……";
      try {
        const same = sent.includes(await digestOf(file));
        result.textContent = same
          ? `“${file.name}”与发出的电子文件一致，没有被改动。`
          : `“${file.name}”与发出的电子文件不一致：可能不是这封信函，或者被改动过（另存、打印成PDF也会改变文件）。请以本页所列内容为准。`;
        result.dataset.same = same ? "yes" : "no";
      } catch {
        result.textContent = `“${file.name}”读不出来，请重新选择文件。`;
        result.dataset.same = "unread";
      }
    }

    chooser.addEventListener("change", () => hold(chooser.files[0]));
    part.addEventListener("dragover", (event) => event.preventDefault());
    part.addEventListener("drop", (event) => {
      event.preventDefault();
      hold(event.dataTransfer.files[0]);
    });
  }

  function start() {
    // Browsers reckon digests on protected connections only; the digests to compare by hand stand on the page.
    if (!window.isSecureContext) return;
    document.querySelectorAll("[data-compare]").forEach((part) => {
      part.hidden = false;
      compare(part);
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
