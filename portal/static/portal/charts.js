/* Charts beside tables that say the same. <div class="chart" data-chart="id"> draws what <script type="application/json" id="id">
   holds: {"names": […], "series": [{"name", "colour", "values": […]}]}. Without JavaScript the table remains. Colours are the design's. */
(function () {
  "use strict";
  const tokens = getComputedStyle(document.documentElement);
  const colour = (name) => tokens.getPropertyValue(name).trim();

  function option(data) {
    const text = { color: colour("--ink-2"), fontFamily: colour("--font"), fontSize: 13 };
    return {
      animation: false,
      // Told apart by lightness as well, for those who see colours otherwise.
      color: data.series.map((one) => colour(one.colour)),
      textStyle: text,
      grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
      legend: { top: 0, textStyle: text },
      // Rich text is drawn on the canvas: markup with styles of its own would be refused by the security policy.
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      xAxis: {
        type: "category", data: data.names, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--line-strong") } },
        axisLabel: Object.assign({ interval: 0, rotate: window.innerWidth < 700 ? 60 : 30 }, text),
      },
      yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: colour("--line") } } },
      series: data.series.map((one) => ({ type: "bar", name: one.name, data: one.values, barMaxWidth: 22 })),
    };
  }

  function draw(place) {
    const source = document.getElementById(place.dataset.chart);
    if (!source || !window.echarts) return;
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(option(JSON.parse(source.textContent)));
    window.addEventListener("resize", () => chart.resize());
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chart]").forEach(draw));
})();
