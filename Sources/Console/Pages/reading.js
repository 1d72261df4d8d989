// One reading: its name, value, unit, quality and age. What is not good never looks as if it were.

import { h, say, words } from "/assets/elements.js";
import { causeTitle, pointTitle, spanText, timeText, unitText, valueText } from "/assets/words.js";

/// The word and the class for how a state may be believed.
export function standing(state) {
  if (state.quality === "unread") return { look: "unread", word: "未读", english: "not read yet" };
  if (state.isStale) return { look: "stale", word: "过期", english: "stale" };
  if (state.quality === "bad") return { look: "bad", word: "坏值", english: "bad" };
  if (state.quality === "uncertain") return { look: "uncertain", word: "存疑", english: "uncertain" };
  return { look: "good", word: "良好", english: "good" };
}

export const symbols = { good: "", uncertain: "?", stale: "◔", bad: "✕", unread: "…" };

/// `abnormal(value)` says whether a good value is itself news: a fault, a float under water.
export function reading(present, name, { big = false, title, abnormal } = {}) {
  const point = name.split("/")[2];
  const number = h("data", { class: "value" });
  const unit = h("span", { class: "unit" });
  const quality = h("span", { class: "quality" });
  const age = h("span", { class: "age" });
  const last = h("span", { class: "last" });
  const element = h(
    "div", { class: big ? "reading big" : "reading", "data-point": name },
    h("span", { class: "label" }, words(title ?? pointTitle(point), point)),
    h("span", { class: "number" }, number, unit),
    h("span", { class: "foot" }, quality, age), last);
  present.watch([name], () => {
    const state = present.state(name);
    const { look, word, english } = standing(state);
    const shown = state.quality === "bad" ? null : state.value;
    element.dataset.look = look;
    element.dataset.quality = state.quality;
    element.classList.toggle("abnormal", look === "good" && Boolean(abnormal?.(state.value)));
    say(number, valueText(point, shown));
    number.value = shown === null || shown === undefined ? "" : String(shown);
    say(unit, shown === null || typeof shown === "boolean" ? "" : unitText(state.unit));
    say(quality, doubt({ look, word, english, cause: state.cause }));
    if (state.cause) quality.title = state.cause;
    say(age, state.age === null ? "" : spanText(state.age) + "前");
    say(last, lastGoodText(present, state, point, look));
  });
  return element;
}

function lastGoodText(present, state, point, look) {
  if (look === "good" || look === "unread") return "";
  if (look === "stale") return `读于 ${timeText(state.time, present.now)}`;
  if (!state.lastGood) return "从未有好值";
  return `末次好值 ${valueText(point, state.lastGood.value)} ${unitText(state.unit)} · ${timeText(state.lastGood.time, present.now)}`;
}

/// A standing in words: the sign, the word in both languages, and why.
export function doubt({ look, word, english, cause }) {
  const why = look === "bad" || look === "uncertain" ? ` ${causeTitle(cause)}` : "";
  return `${symbols[look]} ${word} ${english}${why}`.trim();
}

/// The worst standing of several points, for one mark on a row.
export function worst(present, names) {
  const order = ["good", "uncertain", "unread", "stale", "bad"];
  let found = { look: "good", word: "良好", english: "good", name: names[0], age: 0 };
  for (const name of names) {
    const state = present.state(name);
    const here = standing(state);
    if (order.indexOf(here.look) > order.indexOf(found.look)) found = { ...here, name, cause: state.cause };
    found.age = Math.max(found.age ?? 0, state.age ?? 0);
  }
  return found;
}
