/* Files beside what they show: one at a time, larger, smaller, turned. Without this they stand one below the other.
   "[" "]" the file before and behind, "+" "-" larger and smaller, "r" turned, "0" as it was. */
(function () {
  "use strict";
  const LARGEST = 5;
  const KEYS = { "[": "previous", "]": "next", "+": "larger", "=": "larger", "-": "smaller", r: "turn", "0": "reset" };

  function show(viewer) {
    const files = Array.from(viewer.querySelectorAll("[data-viewer-file]"));
    let at = 0;

    function shown() {
      files.forEach((file, place) => { file.hidden = place !== at; });
      viewer.querySelectorAll("[data-viewer-place]").forEach((place) => { place.textContent = `第${at + 1}份，共${files.length}份`; });
      const picture = files[at].hasAttribute("data-viewer-picture");
      viewer.querySelectorAll("[data-viewer-do]").forEach((button) => {
        const steps = ["previous", "next"].includes(button.dataset.viewerDo);
        button.disabled = steps ? files.length < 2 : !picture;
      });
    }

    const acts = {
      previous() { at = (at + files.length - 1) % files.length; },
      next() { at = (at + 1) % files.length; },
      larger(file) { file.dataset.zoom = Math.min(Number(file.dataset.zoom || 1) + 1, LARGEST); },
      smaller(file) { file.dataset.zoom = Math.max(Number(file.dataset.zoom || 1) - 1, 1); },
      turn(file) { file.dataset.turn = (Number(file.dataset.turn || 0) + 90) % 360; },
      reset(file) { delete file.dataset.zoom; delete file.dataset.turn; },
    };

    function act(name) {
      acts[name](files[at]);
      shown();
    }

    viewer.addEventListener("click", (event) => {
      const button = event.target.closest("[data-viewer-do]");
      if (button) act(button.dataset.viewerDo);
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing || document.querySelector("dialog[open]")) return;
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      act(KEYS[event.key]);
    });
    shown();
  }

  function start() {
    document.querySelectorAll("[data-viewer]").forEach(show);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
