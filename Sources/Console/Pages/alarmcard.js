// One alarm: how it stands by word and shape, its reading now, what to do, and the orders that make sense.

import { h, say, words } from "/assets/elements.js";
import { send } from "/assets/people.js";
import { reading } from "/assets/reading.js";
import { alarmPriorities, alarmStates, pointTitle, spanText, timeText } from "/assets/words.js";

const orders = {
  acknowledge: ["确认", "acknowledge"], confirm: ["核实", "confirm"], reset: ["复位", "reset"], shelve: ["搁置…", "shelve"],
  unshelve: ["取消搁置", "unshelve"], "remove-from-service": ["停用…", "out of service"],
  "return-to-service": ["恢复使用", "return to service"], "reset-first-out": ["首出复位", "reset first-out"],
};
const leastRole = { "remove-from-service": "supervisor" };
const rank = ["viewer", "operator", "supervisor"];
const spans = [15, 60, 240, 480];

export function alarmCard(context, first) {
  const { present } = context;
  const [site, device, point] = first.point.split("/");
  const place = context.site.sites.find((other) => other.name === site);
  const title = place?.devices.find((other) => other.name === device)?.title ?? device;
  const state = h("strong", { class: "state" });
  const priority = h("span", { class: "priority" });
  const facts = h("p", { class: "facts" });
  const notes = h("p", { class: "notes" });
  const buttons = h("div", { class: "orders" });
  const trouble = h("p", { class: "alert", role: "alert", hidden: true });
  const link = h("a", { href: `/${place?.trade ?? "water"}#${site}/${device}` }, `${place?.title ?? site} · ${title} · ${pointTitle(point)}`);
  const guidance = h(
    "dl", { class: "guidance" }, ...[
      ["怎么办 do", first.guidance.action], ["期限 within", `${spanText(first.guidance.timeAllowed)} · ${first.guidance.role}`],
      ["原因 cause", first.guidance.cause], ["否则 or", first.guidance.consequence],
    ].flatMap(([word, text]) => [h("dt", {}, word), h("dd", {}, text)]));
  const element = h(
    "article", { class: "panel alarm", "data-alarm": first.name },
    h("h3", {}, state, " ", priority, " ", h("span", {}, first.about)), h("p", {}, link, " ", h("small", {}, first.name)),
    h("div", { class: "alarm-body" }, reading(present, first.point), guidance), facts, notes, buttons, trouble);
  let alarm = first;
  let drawn = "";

  const give = (order, more = {}) => {
    for (const button of buttons.querySelectorAll("button")) button.disabled = true;
    const subject = order === "reset-first-out" ? alarm.group : alarm.name;
    return send("POST", "/api/alarms/order", { order, alarm: subject, ...more }).then(() => { trouble.hidden = true; }, (error) => {
      trouble.hidden = false;
      say(trouble, `✕ ${error.message}`);
    }).finally(() => { drawn = ""; paint(); context.refresh(); });
  };

  const paint = () => {
    const [sign, chinese, english] = alarmStates[alarm.state] ?? ["?", alarm.word, alarm.word];
    element.dataset.state = alarm.state;
    element.dataset.priority = alarm.priority;
    say(state, `${sign} ${chinese}`);
    state.title = english;
    const [mark, word] = alarmPriorities[alarm.priority] ?? ["●", alarm.priority];
    say(priority, `${mark} ${word} ${alarm.priority}`);
    say(facts, [
      alarm.since ? `自 ${timeText(alarm.since, present.now)} 起` : "", alarm.lastCall ? `呼叫 ${timeText(alarm.lastCall, present.now)}` : "",
      alarm.place ? `${alarm.group} 中第 ${alarm.place} 个${alarm.place === 1 ? "（首出 first-out）" : ""}` : "",
      alarm.isBlind ? "? 现在看不见，保持原状 cannot be seen, stays as it was" : "", alarm.hiddenRaises ? `隐藏期间 ${alarm.hiddenRaises} 次` : "",
    ].filter(Boolean).join(" · "));
    say(notes, [
      alarm.acknowledged ? `${alarm.acknowledged.who} 于 ${timeText(alarm.acknowledged.time, present.now)} 确认 ${alarm.acknowledged.reason}` : "",
      alarm.shelf ? `${alarm.shelf.who} 搁置到 ${timeText(alarm.shelf.time, present.now)}：${alarm.shelf.reason}` : "",
      alarm.hidden ? `${alarm.hidden.who} 停用：${alarm.hidden.reason}` : "",
    ].filter(Boolean).join(" · "));
    const role = context.session.person?.role;
    const key = JSON.stringify([alarm.orders, role]);
    if (key === drawn) return;
    drawn = key;
    buttons.replaceChildren(...alarm.orders.filter((order) => orders[order]).map((order) => {
      const button = h("button", { type: "button", "data-order": order }, words(...orders[order]));
      const least = leastRole[order] ?? "operator";
      button.disabled = !role || rank.indexOf(role) < rank.indexOf(least);
      if (button.disabled) button.title = `需 ${least} 登录 sign in as ${least}`;
      button.addEventListener("click", () => (order === "shelve" || order === "remove-from-service" ? ask(order) : give(order)));
      return button;
    }));
  };

  /// A reason, and for a shelf how long.
  const ask = (order) => {
    const reason = h("input", { name: "reason", required: true, maxlength: 500, size: 24 });
    const longest = alarm.longestShelf / 60000;
    const choices = spans.filter((minutes) => minutes <= longest).map((minutes) => h("option", { value: minutes }, spanText(minutes * 60000)));
    const span = h("select", { name: "minutes" }, ...choices);
    const cancel = h("button", { type: "button" }, words("取消", "cancel"));
    const form = h(
      "form", {}, h("label", {}, words("理由", "reason"), reason), order === "shelve" ? h("label", {}, words("多久", "for"), span) : null,
      h("button", { type: "submit" }, words(...orders[order])), cancel);
    cancel.addEventListener("click", () => { drawn = ""; paint(); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      give(order, order === "shelve" ? { reason: reason.value, minutes: Number(span.value) } : { reason: reason.value });
    });
    drawn = "asking";
    buttons.replaceChildren(form);
    reason.focus();
  };

  return {
    element, paint,
    update(news) {
      const isOther = JSON.stringify(news.orders) !== JSON.stringify(alarm.orders);
      alarm = news;
      // A reason that is being written is not taken away, unless the order no longer makes sense.
      if (drawn === "asking" && isOther) drawn = "";
      const isAsking = drawn === "asking";
      if (isAsking) return;
      paint();
    },
  };
}
