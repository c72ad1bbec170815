// Draws the plots, and nothing else: every page works without it, with the figures of a plot in the table beneath.
"use strict";

const COLOURS = ["#14713d", "#0b5394", "#a3221b", "#8a4b00", "#5b3a8c", "#4a5562"];
const VIETNAM = "Asia/Ho_Chi_Minh";
const HEIGHT = 220;
const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: VIETNAM, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("vi-VN", { timeZone: VIETNAM, day: "2-digit", month: "2-digit" });

const dated = (at) => {
  const parts = Object.fromEntries(day.formatToParts(new Date(at * 1e3)).map((part) => [part.type, part.value]));
  return `${parts.day}/${parts.month}`;
};
const timed = (at) => clock.format(new Date(at * 1e3));
const figure = (value) => (value == null ? "—" : value.toLocaleString("vi-VN", { maximumFractionDigits: 1 }));

// Each line on top of those before it; what is told of it stays its own figure.
function stacked(lines) {
  const sums = lines[0].map(() => 0);
  return lines.map((line) => line.map((value, place) => (sums[place] += value ?? 0)));
}

function axes(times) {
  const isDays = times.length > 1 && times[1] - times[0] >= 86400;
  const written = (at) => (isDays || timed(at) === "00:00" ? dated(at) : timed(at));
  return [
    { values: (self, splits) => splits.map(written) },
    { size: 64, values: (self, splits) => splits.map(figure) },
  ];
}

// A figure that stands alone makes no line: it is a dot. Where there is room, every figure of a line is one.
function dots(told, place) {
  const values = told.data[place + 1];
  const isSparse = told.form === "line" && values.length < 40;
  const isAlone = (at) => values[at - 1] == null && values[at + 1] == null;
  return [...values.keys()].filter((at) => values[at] != null && (isSparse || isAlone(at)));
}

function line(told, place) {
  const colour = COLOURS[place % COLOURS.length];
  const isStack = told.form === "stack";
  return {
    label: told.series[place],
    stroke: colour,
    fill: isStack ? colour : undefined,
    width: isStack ? 1 : 2,
    dash: place < COLOURS.length ? undefined : [6, 4],
    paths: isStack ? uPlot.paths.bars({ size: [0.8, 40], align: 1 }) : told.form === "steps" ? uPlot.paths.stepped({ align: 1 }) : undefined,
    points: { show: !isStack, filter: () => dots(told, place) },
    value: (self, value, at, index) => figure(index == null ? null : told.data[place + 1][index]),
  };
}

function draw(place) {
  const told = JSON.parse(document.getElementById(place.dataset.plot).textContent);
  const [times, ...lines] = told.data;
  let order = lines.map((_, number) => number);
  let shown = lines;
  if (told.form === "stack") {
    shown = stacked(lines);
    order = order.reverse(); // the tallest is drawn first, the others in front of it
  }
  const options = {
    width: Math.max(place.clientWidth, 240),
    height: HEIGHT,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), VIETNAM),
    // Each value is of a span that begins there: the last one needs room, too.
    scales: { x: { time: true, range: (self, low, high) => [low, high + (times.length > 1 ? times[1] - times[0] : 60)] }, y: { range: (self, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: axes(times),
    series: [
      { label: told.time, value: (self, at) => (at == null ? "—" : `${dated(at)} ${timed(at)}`) },
      ...order.map((number) => line(told, number)),
    ],
  };
  place.replaceChildren();
  place.uplot = new uPlot(options, [times, ...order.map((number) => shown[number])], place);
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
      if (place.uplot) place.uplot.setSize({ width: Math.max(place.clientWidth, 240), height: HEIGHT });
    }
  }, 150);
});
