// The alarms: what calls, what to do about it, and what is hidden, by whom and until when.

import { alarmCard } from "/assets/alarmcard.js";
import { h, say, words } from "/assets/elements.js";
import { signIn } from "/assets/people.js";
import { fetchJSON, head, load } from "/assets/shell.js";

const lists = [
  ["alarms", "报警", "alarms", "没有报警", "no alarms"],
  ["shelved", "搁置中", "shelved", "没有搁置的报警", "none is shelved"],
  ["suppressed", "按设计抑制", "suppressed by design", "没有被抑制的报警", "none is suppressed"],
  ["outOfService", "停用", "out of service", "没有停用的报警", "none is out of service"],
];

const { present, site } = await load();
const page = document.getElementById("page");
const context = { present, site, session: { person: null, isReadOnly: true }, refresh };
const cards = new Map();
const boxes = new Map();
const figures = h("p", { class: "figures" });
const trouble = h("p", { class: "alert", role: "alert", hidden: true });
let pending = null;

head(present, site, "alarms");
page.replaceChildren(
  signIn((session) => {
    context.session = session;
    for (const card of cards.values()) card.paint();
  }),
  trouble, ...lists.map(section), figures);
present.hear("alarms", refresh);
present.start();
refresh();

function section([key, chinese, english, none, noneEnglish]) {
  const count = h("span", { class: "count" });
  const list = h("div", { class: "alarm-list", "data-list": key });
  boxes.set(key, { list, count, none: h("p", { class: "empty" }, words(none, noneEnglish)) });
  return h("section", {}, h("h2", {}, words(chinese, english), " ", count), list);
}

/// News may come many times a second; the list is asked for at most every 300 ms.
function refresh() {
  pending ??= setTimeout(() => {
    pending = null;
    fetchJSON("/api/alarms").then(show, (error) => {
      trouble.hidden = false;
      say(trouble, `✕ 报警列表读不到 the list cannot be read: ${error.message}`);
    });
  }, 300);
}

function show(answer) {
  trouble.hidden = true;
  for (const [key] of lists) {
    const { list, count, none } = boxes.get(key);
    const shown = answer[key].map((alarm) => {
      if (!cards.has(alarm.name)) cards.set(alarm.name, alarmCard(context, alarm));
      const card = cards.get(alarm.name);
      card.update(alarm);
      return card.element;
    });
    say(count, String(answer[key].length));
    const wanted = shown.length ? shown : [none];
    // Only what differs is moved, so that a finger on a button stays on it.
    if (wanted.length !== list.children.length || wanted.some((element, index) => list.children[index] !== element)) list.replaceChildren(...wanted);
  }
  const { callsInTenMinutes, callsInADay, isFlood, floods, chattering, stale, blind } = answer.figures;
  say(figures, [
    isFlood ? "▲▲ 报警泛滥中 a flood" : "", `10 分钟内 ${callsInTenMinutes} 次 calls in 10 min (≤ 1 正常)`, `24 小时内 ${callsInADay} 次 in a day`,
    `泛滥 floods ${floods}`, chattering.length ? `抖动 chattering: ${chattering.join(", ")}` : "",
    stale.length ? `超过 24 小时 stale: ${stale.join(", ")}` : "", blind ? `看不见 blind ${blind}` : "",
  ].filter(Boolean).join(" · "));
}
