// The farm: how wet the roots are, which valve is open, and why.

import { h, words } from "/assets/elements.js";
import { actuator, fullName, grid, has, panel, plainPanel } from "/assets/device.js";
import { reading, standing } from "/assets/reading.js";
import { open } from "/assets/shell.js";
import { trend } from "/assets/trend.js";

open((present, sites, status, page) => {
  for (const site of sites) page.append(farm(present, site, status));
});

function farm(present, site, status) {
  const zones = site.devices.filter((device) => has(device, "moisture-15"));
  const others = site.devices.filter((device) => !zones.includes(device));
  return h(
    "article", { class: "site farm" },
    h("h2", {}, site.title, " ", h("small", {}, [site.town, site.village].filter(Boolean).join(" · "), " ", site.name)),
    h("div", { class: "zones" }, ...zones.map((zone) => zonePanel(present, site, zone, status))),
    h("div", { class: "side" }, ...others.map((device) => sidePanel(present, site, device))));
}

function zonePanel(present, site, zone, status) {
  const name = (point) => fullName(site, zone, point);
  const probes = ["moisture-15", "moisture-40"].filter((point) => has(zone, point));
  const marksOf = (full) => status.rules.flatMap((rule) => rule.marks ?? []).filter((mark) => mark.point === full);
  return panel(
    site, zone, "zone",
    has(zone, "valve", "valve-open")
      ? actuator(present, { seen: name("valve-open"), told: name("valve"), on: "浇水 open", off: "关闭 closed" }) : null,
    h("div", { class: "soil" }, ...probes.map((point) => moistureBar(present, name(point), marksOf(name(point))))),
    grid(present, site, zone, zone.points.map((point) => point.name).filter((point) => ![...probes, "valve-open"].includes(point))),
    trend(present, { curves: probes.map(name), span: 6 * 3600e3, height: 90, title: words("土壤水分", "soil moisture") }));
}

/// A bar at the probe's depth, with its trigger marked.
function moistureBar(present, full, marks) {
  const most = 50;
  const bar = h("span", { class: "bar-fill" });
  const track = h("span", { class: "bar" }, bar, ...marks.map((mark) => {
    const tick = h("span", { class: "bar-mark", title: `${mark.word} ${mark.value}` });
    tick.style.left = `${(Math.min(mark.value, most) / most) * 100}%`;
    return tick;
  }));
  const element = h("div", { class: "moisture" }, reading(present, full), track);
  present.watch([full], () => {
    const state = present.state(full);
    const { look } = standing(state);
    const value = state.quality === "bad" ? state.lastGood?.value : state.value;
    track.dataset.look = look;
    bar.style.width = `${typeof value === "number" ? (Math.min(Math.max(value, 0), most) / most) * 100 : 0}%`;
  });
  return element;
}

function sidePanel(present, site, device) {
  const first = has(device, "flow") ? "flow" : has(device, "air-temperature") ? "air-temperature" : null;
  if (!first) return plainPanel(present, site, device);
  const names = device.points.map((point) => point.name).filter((name) => name !== first);
  return panel(
    site, device, "wide", reading(present, fullName(site, device, first), { big: true }), grid(present, site, device, names));
}
