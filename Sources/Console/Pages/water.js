// The pump station: how high the water stands against its limits, what runs, and why.

import { h, s, say, words } from "/assets/elements.js";
import { actuator, fullName, grid, has, panel, plainPanel } from "/assets/device.js";
import { reading, standing } from "/assets/reading.js";
import { machineOrders } from "/assets/machines.js";
import { open } from "/assets/shell.js";
import { trend } from "/assets/trend.js";
import { marks as markWords } from "/assets/words.js";

open((present, sites, status, page) => {
  for (const site of sites) page.append(station(present, site, status));
});

function station(present, site, status) {
  const wells = site.devices.filter((device) => has(device, "level"));
  const pumps = site.devices.filter((device) => has(device, "run", "running"));
  const others = site.devices.filter((device) => !wells.includes(device) && !pumps.includes(device));
  const marksOf = (name) => status.rules.flatMap((rule) => rule.marks ?? []).filter((mark) => mark.point === name);
  const curves = wells.map((well) => {
    const level = fullName(site, well, "level");
    return h(
      "section", { class: "panel" },
      trend(present, {
        curves: [level], strips: pumps.map((pump) => fullName(site, pump, "running")), marks: marksOf(level),
        title: words("液位与水泵运行", "level and pumps"),
        titles: Object.fromEntries(pumps.map((pump) => [fullName(site, pump, "running"), pump.title.slice(0, 4)])),
      }));
  });
  return h(
    "article", { class: "site station" },
    h("h2", {}, site.title, " ", h("small", {}, [site.town, site.village].filter(Boolean).join(" · "), " ", site.name)),
    h(
      "div", { class: "station-grid" },
      h("div", { class: "column" }, ...wells.map((well) => wellPanel(present, site, well, marksOf(fullName(site, well, "level")))), ...curves),
      h(
        "div", { class: "column" }, h("div", { class: "pumps" }, ...pumps.map((pump) => pumpPanel(present, site, pump))),
        ...others.map((device) => otherPanel(present, site, device)))));
}

function wellPanel(present, site, well, marks) {
  const level = fullName(site, well, "level");
  const wet = { abnormal: (value) => value === true };
  return panel(
    site, well, "well",
    h("div", { class: "well-top" }, tank(present, level, marks), h("div", { class: "well-side" },
      reading(present, level, { big: true }),
      grid(present, site, well, ["outflow", "rain-rate", "high-float", "low-float"], { "high-float": wet }))),
    grid(present, site, well, well.points.map((point) => point.name)
      .filter((name) => !["level", "outflow", "rain-rate", "high-float", "low-float"].includes(name))));
}

function pumpPanel(present, site, pump) {
  const name = (point) => fullName(site, pump, point);
  return panel(
    site, pump, "pump",
    actuator(present, { seen: name("running"), told: name("run"), fault: has(pump, "fault") ? name("fault") : null, on: "运行 running", off: "停止 stopped" }),
    machineOrders(present, name("run"), `${site.title} ${pump.title}`),
    grid(present, site, pump, ["selector", "fault", "current", "run-hours", "starts", "run"], {
      selector: { abnormal: (value) => value !== 2 }, fault: { abnormal: (value) => value === true },
    }));
}

function otherPanel(present, site, device) {
  if (!has(device, "power")) return plainPanel(present, site, device);
  const names = device.points.map((point) => point.name).filter((name) => name !== "power");
  return panel(
    site, device, "meter", reading(present, fullName(site, device, "power"), { big: true }), grid(present, site, device, names));
}

const heightOf = 220, floor = 230, ceiling = 10;

/// A vessel with its water, its scale, and the levels that matter. A level that is not good is hatched, not blue.
function tank(present, level, marks) {
  const [low, high] = present.description(level)?.range ?? [0, 6];
  const y = (value) => floor - ((Math.min(Math.max(value, low), high) - low) / (high - low)) * heightOf;
  const water = s("rect", { x: 34, width: 92, class: "water" });
  const surface = s("line", { x1: 34, x2: 126, class: "surface" });
  const unknown = s("text", { x: 80, y: 130, class: "unknown", "text-anchor": "middle" });
  const scale = [];
  const step = (high - low) / 6;
  for (let value = low; value <= high + step / 2; value += step) {
    scale.push(s("line", { x1: 28, x2: 34, y1: y(value), y2: y(value), class: "scale" }));
    scale.push(s("text", { x: 24, y: y(value) + 4, class: "tick", "text-anchor": "end" }, String(+value.toFixed(1))));
  }
  const lines = marks.map((mark) => {
    const [chinese, english] = markWords[mark.word] ?? [mark.word, ""];
    return s(
      "g", {}, s("line", { x1: 34, x2: 132, y1: y(mark.value), y2: y(mark.value), class: "mark" }),
      s("text", { x: 136, y: y(mark.value) + 4, class: "mark-text" }, `◂ ${mark.value} ${chinese}`, s("tspan", { class: "english" }, ` ${english}`)));
  });
  const hatch = s(
    "pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    s("rect", { width: 8, height: 8, class: "hatch-ground" }), s("rect", { width: 3, height: 8, class: "hatch-line" }));
  const svg = s(
    "svg", { viewBox: "0 0 230 244", class: "tank", role: "img" }, s("defs", {}, hatch), water, surface,
    s("path", { d: "M34 6V234H126V6", class: "wall" }), ...scale, ...lines, unknown);
  present.watch([level], () => {
    const state = present.state(level);
    const { look, word } = standing(state);
    const value = look === "good" || look === "stale" || look === "uncertain" ? state.value : state.lastGood?.value;
    const known = typeof value === "number";
    svg.dataset.look = look;
    water.setAttribute("y", known ? y(value) : floor);
    water.setAttribute("height", known ? floor + 4 - y(value) : 0);
    water.setAttribute("fill", look === "good" ? "" : "url(#hatch)");
    surface.setAttribute("y1", known ? y(value) : floor);
    surface.setAttribute("y2", known ? y(value) : floor);
    say(unknown, look === "good" ? "" : word);
    svg.setAttribute("aria-label", `液位 ${value ?? "未知"} ${word}`);
  });
  return svg;
}
