// The recent past as a curve: gaps stay gaps, and what ran is drawn underneath.

import { h, s, say, words } from "/assets/elements.js";
import { fetchJSON } from "/assets/shell.js";
import { clockText, marks as markWords, pointTitle, unitText, valueText } from "/assets/words.js";

const left = 40, right = 10, top = 10, stripHeight = 12;

/// `curves` and `strips` are names of points; `strips` are truth values drawn as bars. `marks` are `{ value, word }`.
export function trend(present, { curves, strips = [], span = 3600e3, marks = [], title, height = 190, titles = {} }) {
  const svg = s("svg", { class: "trend", role: "img" });
  const legend = h("p", { class: "legend" });
  const element = h("figure", { class: "trend-box" }, h("figcaption", {}, title), svg, legend);
  const rows = new Map([...curves, ...strips].map((name) => [name, []]));
  const name = (full) => titles[full] ?? pointTitle(full.split("/")[2]);

  const load = async (full) => {
    const end = Math.floor(present.now);
    const answer = await fetchJSON(`/api/history?point=${full}&from=${end - span}&to=${end}&most=600`);
    const newer = rows.get(full).filter((row) => row.time > (answer.rows.at(-1)?.[0] ?? 0));
    rows.set(full, [...answer.rows.map(([time, value, quality]) => ({ time, value: quality === "bad" ? null : value })), ...newer]);
  };
  const hear = (full) => {
    const state = present.state(full);
    if (state.age === null) return;
    const list = rows.get(full);
    const value = state.quality === "good" ? state.value : null;
    const time = state.quality === "good" ? state.time : present.now;
    if (list.at(-1)?.time >= time || (value === null && list.at(-1)?.value === null)) return;
    list.push({ time, value });
    while (list.length && list[0].time < present.now - span) list.shift();
  };
  let drawn = 0;
  const draw = () => {
    if (!element.isConnected || performance.now() - drawn < 900) return;
    drawn = performance.now();
    paint(svg, { present, curves, strips, span, marks, height, rows, name });
    svg.setAttribute("aria-label", curves.map((full) => `${name(full)} ${valueText(full.split("/")[2], present.state(full).value)}`).join(", "));
  };
  for (const full of [...curves, ...strips]) {
    present.watch([full], () => { hear(full); draw(); });
    load(full).then(() => { drawn = 0; draw(); }).catch(() => say(legend, "历史暂不可读 history is not available"));
  }
  if (curves.length > 1) {
    legend.append(...curves.flatMap((full, index) => [h("span", { class: `key key-${index}` }), name(full), "　"]));
  }
  return element;
}

function paint(svg, { present, curves, strips, span, marks, height, rows, name }) {
  const width = Math.max(240, Math.round(svg.parentNode.getBoundingClientRect().width) || 600);
  const total = height + strips.length * (stripHeight + 4) + 18;
  svg.setAttribute("viewBox", `0 0 ${width} ${total}`);
  svg.setAttribute("height", total);
  const end = present.now, start = end - span;
  const x = (time) => left + ((time - start) / span) * (width - left - right);
  const [low, high] = bounds(curves.flatMap((full) => rows.get(full)), marks, start);
  const y = (value) => top + (1 - (value - low) / (high - low)) * (height - top);
  const parts = [];
  for (const value of ticks(low, high)) {
    parts.push(s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }));
    parts.push(s("text", { x: left - 6, y: y(value) + 4, class: "tick", "text-anchor": "end" }, String(+value.toFixed(3))));
  }
  const minute = span > 4 * 3600e3 ? 3600e3 : span / 4;
  for (let time = Math.ceil(start / minute) * minute; time <= end; time += minute) {
    parts.push(s("line", { x1: x(time), x2: x(time), y1: top, y2: height, class: "grid" }));
    if (x(time) > width - 26) continue;
    parts.push(s("text", { x: x(time), y: total - 4, class: "tick", "text-anchor": "middle" }, clockText(time).slice(0, 5)));
  }
  for (const mark of marks) {
    parts.push(s("line", { x1: left, x2: width - right, y1: y(mark.value), y2: y(mark.value), class: "mark" }));
    const [chinese, english] = markWords[mark.word] ?? [mark.word, ""];
    parts.push(s("text", { x: width - right - 2, y: y(mark.value) - 4, class: "mark-text", "text-anchor": "end" }, `${chinese} ${english} ${mark.value}`));
  }
  curves.forEach((full, index) => {
    const maximumAge = present.description(full)?.maximumAge ?? 10000;
    parts.push(s("path", { d: path(rows.get(full), x, y, start, Math.max(3 * maximumAge, span / 150)), class: `curve curve-${index}` }));
  });
  const unit = unitText(present.description(curves[0])?.unit ?? "");
  parts.push(s("text", { x: 2, y: 10, class: "tick" }, unit));
  strips.forEach((full, index) => {
    const line = height + 6 + index * (stripHeight + 4);
    parts.push(s("rect", { x: left, y: line, width: width - left - right, height: stripHeight, class: "strip-off" }));
    parts.push(...runs(rows.get(full), start, end).map(([from, to]) =>
      s("rect", { x: x(from), y: line, width: Math.max(1, x(to) - x(from)), height: stripHeight, class: "strip-on" })));
    parts.push(s("text", { x: left - 6, y: line + 10, class: "tick", "text-anchor": "end" }, name(full)));
  });
  svg.replaceChildren(...parts);
}

function bounds(rows, marks, start) {
  const numbers = [...rows.filter((row) => row.time >= start && typeof row.value === "number").map((row) => row.value), ...marks.map((mark) => mark.value)];
  if (numbers.length === 0) return [0, 1];
  const low = Math.min(...numbers), high = Math.max(...numbers);
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.02, 0.05);
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) values.push(value);
  return values;
}

function path(rows, x, y, start, gap) {
  let d = "", last = null;
  for (const row of rows) {
    if (row.time < start) continue;
    if (typeof row.value !== "number") { last = null; continue; }
    d += `${last !== null && row.time - last <= gap ? "L" : "M"}${x(row.time).toFixed(1)} ${y(row.value).toFixed(1)}`;
    last = row.time;
  }
  return d;
}

function runs(rows, start, end) {
  const found = [];
  let from = null;
  for (const row of rows) {
    const time = Math.max(row.time, start);
    if (row.value === true && from === null) from = time;
    if (row.value !== true && from !== null) { found.push([from, time]); from = null; }
  }
  if (from !== null) found.push([from, end]);
  return found;
}
