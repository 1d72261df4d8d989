// A device's panel: what kind of thing it is, is told by the points it has, not by who made it.

import { h, say } from "/assets/elements.js";
import { doubt, reading, standing, symbols } from "/assets/reading.js";
import { pointTitle, spanText } from "/assets/words.js";

export const fullName = (site, device, point) => `${site.name}/${device.name}/${point}`;
export const has = (device, ...names) => names.every((name) => device.points.some((point) => point.name === name));

export function panel(site, device, kind, ...children) {
  const id = `${site.name}/${device.name}`;
  return h(
    "section", { class: `panel ${kind}`, id },
    h("h3", {}, device.title, " ", h("small", {}, device.name)), ...children);
}

/// Every point as a reading: what is shown of a device the page has no picture for.
export function plainPanel(present, site, device) {
  return panel(site, device, "plain", grid(present, site, device, device.points.map((point) => point.name)));
}

export function grid(present, site, device, names, options = {}) {
  const readings = names.filter((name) => has(device, name))
    .map((name) => reading(present, fullName(site, device, name), options[name]));
  return h("div", { class: "readings" }, ...readings);
}

/// A motor or a valve: one large word, its symbol, and what it was told. When told and seen differ, it says so.
export function actuator(present, { seen, told, on, off, fault }) {
  const symbol = h("span", { class: "symbol", "aria-hidden": "true" });
  const word = h("span", { class: "state-word" });
  const note = h("span", { class: "note" });
  const quality = h("span", { class: "quality" });
  const age = h("span", { class: "age" });
  const element = h(
    "div", { class: "actuator", "data-point": seen }, symbol, word,
    h("span", { class: "foot" }, `${pointTitle(seen.split("/")[2])} `, quality, " ", age), note);
  present.watch([seen, told, fault].filter(Boolean), () => {
    const state = present.state(seen), order = present.state(told);
    const { look } = standing(state);
    const isOn = state.value === true;
    const unknown = (state) => {
      const held = state.quality === "bad" ? state.lastGood?.value : state.value;
      return typeof held === "boolean" ? `不明 · 曾为${held ? on : off}` : "不明 unknown";
    };
    element.dataset.look = look;
    element.dataset.quality = state.quality;
    say(quality, doubt({ ...standing(state), cause: state.cause }));
    say(age, state.age === null ? "" : spanText(state.age) + "前");
    element.dataset.state = look === "good" ? (isOn ? "on" : "off") : "unknown";
    say(symbol, look === "good" ? (isOn ? "◉" : "○") : symbols[look]);
    say(word, look === "good" ? (isOn ? on : off) : unknown(state));
    const isFault = fault && present.state(fault).value === true && standing(present.state(fault)).look === "good";
    const differs = look === "good" && standing(order).look === "good" && order.value !== state.value;
    element.classList.toggle("differs", Boolean(differs));
    element.classList.toggle("fault", Boolean(isFault));
    say(note, isFault ? "▲ 故障 fault" : differs ? `▲ 指令与反馈不符：已令${order.value ? "开" : "停"}` : "");
  });
  return element;
}
