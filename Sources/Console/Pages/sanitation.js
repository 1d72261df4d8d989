// The fleet: where every vehicle is, which way it goes, and which bins are full. A position that is old is grey and says so.

import { h, say, words } from "/assets/elements.js";
import { fullName, has, plainPanel } from "/assets/device.js";
import { doubt, standing, symbols, worst } from "/assets/reading.js";
import { fetchJSON, open } from "/assets/shell.js";
import { pointTitle, spanText, unitText, valueText } from "/assets/words.js";

const full = 80; // per cent, when a bin is due

open(async (present, sites, status, page) => {
  const mapBox = h("div", { id: "map", role: "application", "aria-label": "地图 map" });
  const stage = h("div", { class: "fleet-grid" });
  page.append(stage);
  const lists = h("div", { class: "fleet-lists" });
  stage.append(h("div", { class: "map-box" }, mapBox), lists);
  for (const site of sites) {
    const vehicles = site.devices.filter((device) => has(device, "latitude", "longitude"));
    const bins = site.devices.filter((device) => has(device, "fill"));
    const others = site.devices.filter((device) => !vehicles.includes(device) && !bins.includes(device));
    lists.append(h("h2", {}, site.title, " ", h("small", {}, [site.town, site.village].filter(Boolean).join(" · "), " ", site.name)));
    if (vehicles.length) lists.append(vehicleList(present, site, vehicles));
    if (bins.length) lists.append(binList(present, site, bins));
    lists.append(...others.map((device) => plainPanel(present, site, device)));
  }
  await drawMap(present, sites, mapBox);
});

function label(device) { return device.title; }

function cell(present, name, unit = true) {
  const point = name.split("/")[2];
  const data = h("data", { class: "value", "data-point": name });
  const text = h("span", { class: "unit" });
  const element = h("span", { class: "cell" }, data, text);
  present.watch([name], () => {
    const state = present.state(name);
    const value = state.quality === "bad" ? state.lastGood?.value : state.value;
    data.value = value ?? "";
    data.dataset.quality = state.quality;
    element.dataset.look = standing(state).look;
    say(data, valueText(point, value));
    say(text, !unit || typeof value === "boolean" || value === null || value === undefined ? "" : unitText(state.unit));
  });
  return element;
}

function vehicleList(present, site, vehicles) {
  const rows = vehicles.map((device) => {
    const names = device.points.map((point) => fullName(site, device, point.name));
    const arrow = h("span", { class: "arrow", "aria-hidden": "true" }, "▲");
    const quality = h("span", { class: "quality" });
    const age = h("span", { class: "age" });
    const row = h(
      "tr", { id: `${site.name}/${device.name}` },
      h("th", { scope: "row" }, arrow, " ", label(device)),
      ...["speed", "load", "ignition"].map((point) => h("td", {}, has(device, point) ? cell(present, fullName(site, device, point)) : "")),
      h("td", { class: "trust" }, quality, age));
    present.watch(names, () => {
      const found = worst(present, names);
      row.dataset.look = found.look;
      const heading = present.state(fullName(site, device, "heading")).value;
      arrow.style.transform = `rotate(${typeof heading === "number" ? heading : 0}deg)`;
      const which = found.look === "bad" || found.look === "uncertain" ? ` ${pointTitle(found.name.split("/")[2])}` : "";
      say(quality, doubt(found) + which);
      say(age, spanText(found.age) + "前");
    });
    return row;
  });
  return h(
    "section", { class: "panel" }, h("h3", {}, words("车辆", "vehicles")),
    h("table", { class: "vehicles" },
      h("thead", {}, h("tr", {}, ...[["车辆", "vehicle"], ["车速", "speed"], ["载重", "load"], ["点火", "ignition"], ["可信", "quality"]]
        .map(([chinese, english]) => h("th", { scope: "col" }, words(chinese, english))))),
      h("tbody", {}, ...rows)));
}

function binList(present, site, bins) {
  const summary = h("p", { class: "summary" });
  const tiles = bins.map((device) => binTile(present, site, device));
  const fills = bins.map((device) => fullName(site, device, "fill"));
  present.watch(fills, () => {
    const states = fills.map((name) => present.state(name));
    const due = states.filter((state) => state.quality === "good" && state.value >= full).length;
    const silent = states.filter((state) => state.quality !== "good").length;
    say(summary, `■ 已满 due ${due} · ✕ 无可信读数 no trusted reading ${silent} · 共 of ${bins.length}`);
  });
  return h("section", { class: "panel" }, h("h3", {}, words("垃圾箱满溢度", "bins, fill")), summary, h("div", { class: "bins" }, ...tiles));
}

function binTile(present, site, device) {
  const name = fullName(site, device, "fill");
  const names = device.points.map((point) => fullName(site, device, point.name));
  const bar = h("span", { class: "bin-fill" });
  const mark = h("span", { class: "bin-mark" });
  const age = h("span", { class: "age" });
  const tile = h(
    "div", { class: "bin", id: `${site.name}/${device.name}` }, bar,
    h("span", { class: "bin-name" }, label(device)), cell(present, name), mark, age);
  present.watch(names, () => {
    const found = worst(present, names);
    const state = present.state(name);
    const value = state.quality === "bad" ? state.lastGood?.value : state.value;
    tile.dataset.look = found.look;
    tile.classList.toggle("due", found.look === "good" && value >= full);
    bar.style.height = `${typeof value === "number" ? Math.min(Math.max(value, 0), 100) : 0}%`;
    say(mark, found.look === "good" ? (value >= full ? "■ 满" : "") : `${symbols[found.look]} ${found.word}`);
    say(age, spanText(found.age));
    tile.title = `${device.title} ${doubt(found)}`;
  });
  return tile;
}

async function drawMap(present, sites, box) {
  if (!globalThis.L) {
    box.replaceChildren(h("p", { class: "empty" }, words("缺少 Leaflet，地图不可用。", "Leaflet (libjs-leaflet) is not installed; the lists work without it.")));
    return;
  }
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.25, preferCanvas: false });
  map.setView([31.36, 119.82], 12);
  const ground = present.site.hasMap ? await fetchJSON("/map.geojson").catch(() => null) : null;
  const places = new Map();
  if (ground) {
    const layer = L.geoJSON(ground, {
      filter: (feature) => feature.geometry?.type !== "Point",
      style: (feature) => ({ className: `ground ground-${feature.properties?.kind ?? "other"}`, interactive: false }),
      onEachFeature: (feature, drawn) => {
        if (feature.properties?.kind === "district") {
          drawn.bindTooltip(feature.properties.title ?? feature.properties.name ?? "", { permanent: true, direction: "center", className: "ground-name" });
        }
      },
    }).addTo(map);
    for (const feature of ground.features ?? []) {
      if (feature.geometry?.type !== "Point") continue;
      notePlace(places, feature);
      namePlace(feature, map);
    }
    if (layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
  }
  for (const site of sites) {
    for (const device of site.devices) {
      if (has(device, "latitude", "longitude")) vehicleOnMap(present, site, device, map);
      else binOnMap(present, site, device, map, places);
    }
  }
}

function notePlace(places, feature) {
  const [longitude, latitude] = feature.geometry.coordinates;
  for (const key of ["device", "name", "id"]) {
    if (feature.properties?.[key]) places.set(feature.properties[key], [latitude, longitude]);
  }
}

const placeSigns = { town: "", village: "", depot: "⌂ ", transfer: "⌂ ", site: "◇ " };

/// Towns, villages and yards by their names; bins speak for themselves.
function namePlace(feature, map) {
  const sign = placeSigns[feature.properties?.kind];
  if (sign === undefined) return;
  const [longitude, latitude] = feature.geometry.coordinates;
  const text = h("span", { class: `place place-${feature.properties.kind}` }, sign + (feature.properties.title ?? feature.properties.name ?? ""));
  L.marker([latitude, longitude], {
    icon: L.divIcon({ html: text, className: "place-icon", iconSize: [0, 0] }), keyboard: false, interactive: false, zIndexOffset: -1000,
  }).addTo(map);
}

function vehicleOnMap(present, site, device, map) {
  const name = (point) => fullName(site, device, point);
  const names = ["latitude", "longitude", "heading"].filter((point) => has(device, point)).map(name);
  const arrow = h("span", { class: "arrow" }, "▲");
  const text = h("span", { class: "tag" }, label(device));
  const box = h("div", { class: "vehicle-mark" }, arrow, text);
  const icon = L.divIcon({ html: box, className: "vehicle-icon", iconSize: [0, 0] });
  const marker = L.marker([0, 0], { icon, keyboard: false, interactive: false, zIndexOffset: 1000 });
  present.watch(names, () => {
    const found = worst(present, names);
    const position = ["latitude", "longitude"].map((point) => {
      const state = present.state(name(point));
      return state.quality === "bad" ? state.lastGood?.value : state.value;
    });
    if (!position.every((number) => typeof number === "number")) return;
    box.dataset.look = found.look;
    const heading = present.state(name("heading")).value;
    arrow.style.transform = `rotate(${typeof heading === "number" ? heading : 0}deg)`;
    say(text, found.look === "good" ? label(device) : `${symbols[found.look]} ${label(device)} ${found.word} ${spanText(found.age)}`);
    marker.setLatLng(position);
    if (!map.hasLayer(marker)) marker.addTo(map);
  });
}

function binOnMap(present, site, device, map, places) {
  const place = device.place ? [device.place[1], device.place[0]] : places.get(`${site.name}/${device.name}`) ?? places.get(device.name);
  if (!place || !has(device, "fill")) return;
  const name = fullName(site, device, "fill");
  const bar = h("span", { class: "bin-fill" });
  const box = h("div", { class: "bin-dot" }, bar);
  L.marker(place, { icon: L.divIcon({ html: box, className: "bin-icon", iconSize: [10, 14] }), keyboard: false, interactive: false }).addTo(map);
  present.watch([name], () => {
    const found = worst(present, [name]);
    const state = present.state(name);
    box.dataset.look = found.look;
    box.classList.toggle("due", found.look === "good" && state.value >= full);
    bar.style.height = `${typeof state.value === "number" ? Math.min(state.value, 100) : 0}%`;
  });
}
