// Draws the plots, and nothing else: every page works without it, with the figures of a plot in the table beneath.
"use strict";

const COLOURS = ["#0b5394", "#a3221b", "#14713d", "#8a4b00", "#5b3a8c", "#4a5562"];
const VIETNAM = "Asia/Ho_Chi_Minh";

function draw(place) {
  const told = JSON.parse(document.getElementById(place.dataset.plot).textContent);
  const options = {
    width: Math.max(place.clientWidth, 240),
    height: 220,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), VIETNAM),
    scales: { x: { time: true }, y: { range: (self, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [{}, { size: 64, values: (self, splits) => splits.map((value) => value.toLocaleString("vi-VN")) }],
    series: [
      { label: told.time },
      ...told.series.map((name, place) => ({
        label: name,
        stroke: COLOURS[place % COLOURS.length],
        width: 2,
        dash: place < COLOURS.length ? undefined : [6, 4],
        points: { show: told.data[0].length < 40 },
      })),
    ],
  };
  place.replaceChildren();
  place.uplot = new uPlot(options, told.data, place);
}

function drawAll(within) {
  for (const place of within.querySelectorAll("[data-plot]")) {
    if (place.uplot) place.uplot.destroy();
    draw(place);
  }
}

addEventListener("DOMContentLoaded", () => drawAll(document));
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
let soon;
addEventListener("resize", () => {
  clearTimeout(soon);
  soon = setTimeout(() => {
    for (const place of document.querySelectorAll("[data-plot]")) {
      if (place.uplot) place.uplot.setSize({ width: Math.max(place.clientWidth, 240), height: 220 });
    }
  }, 150);
});
