// A machine's orders: start in two steps, stop in one, give back, lock out, reset. The gateway decides; this asks and shows.

import { h, say, words } from "/assets/elements.js";
import { send, signIn } from "/assets/people.js";
import { fetchJSON } from "/assets/shell.js";
import { timeText } from "/assets/words.js";

const spans = [15, 60, 240, 720];
const listeners = new Map();
let latest;

/// One question for all machines of a page, every few seconds.
async function ask() {
  try {
    latest = await fetchJSON("/api/machines");
  } catch {
    latest = undefined;
  }
  for (const paint of listeners.values()) paint();
}

/// The orders of one machine by its point's full name; null where there is none such.
export function machineOrders(present, point, title) {
  const box = h("div", { class: "machine", "data-machine": point });
  let drawn = "";
  const paint = () => {
    const machine = latest?.machines.find((other) => other.point === point);
    const key = JSON.stringify([machine, Boolean(latest)]);
    if (key === drawn) return;
    drawn = key;
    if (!latest) {
      box.replaceChildren(...(listeners.size > 0 ? [h("p", { class: "alert" }, "✕ 状态暂不可读 its state cannot be read now")] : []));
      return;
    }
    box.replaceChildren(...(machine ? lines(machine, present, title) : []));
  };
  if (listeners.size === 0) { ask(); setInterval(() => { if (!document.hidden) ask(); }, 3000); }
  listeners.set(point, paint);
  paint();
  return box;
}

function lines(machine, present, title) {
  const locks = machine.locks.map((lock) => h(
    "p", { class: "lock", role: "alert" }, h("b", {}, "■ 挂锁 locked out"),
    ` ${lock.person} (${lock.phone}) ${timeText(lock.since, present.now)}：${lock.reason} `, h("small", {}, `软件挂锁，不隔离电源 ${latest.warning}`)));
  const holder = machine.holder;
  const mode = !holder ? words("无人指令，保持安全值", "nobody wants anything: its safe value")
    : holder.priority === "manual" ? words(`◆ 手动 ${holder.owner}${holder.until ? ` 到 ${timeText(holder.until, present.now)}` : ""}`, "manual")
      : holder.priority === "life-safety" ? words(`▲ 安全优先 ${holder.owner}`, "life safety") : words(`● 自动 ${holder.owner}`, "automatic");
  const state = machine.hasDiverged ? h("p", { class: "alert", role: "alert" }, "✕ 不按指令动作 does not do as commanded") : null;
  const forced = machine.forced ? h("p", { class: "alert", role: "alert" }, `✕ 强制停机 held safe: ${machine.forced}`) : null;
  const against = machine.against.length > 0 && !machine.forced && machine.locks.length === 0
    ? h("p", { class: "against" }, words("现在不能启动", "not now"), `：${machine.against[0]}`) : null;
  const button = (name, chinese, english, act, look) => {
    const element = h("button", { type: "button", "data-order": name, "data-look": look }, words(chinese, english));
    element.addEventListener("click", () => act().catch((error) => report(title, `✕ ${error.message}`)));
    return element;
  };
  const buttons = latest.isReadOnly ? [] : [
    machine.isAtWork ? null : button("start", "启动…", "start", () => start(machine, title), "start"),
    button("stop", "停止", "stop", () => stop(machine, title), "stop"),
    holder?.priority === "manual" ? button("release", "交还自动", "give back", () => order("release", { point: machine.point }, title)) : null,
    button("lock", "挂锁…", "lock out", () => lock(machine, title)),
    ...machine.locks.map((lock) => button("unlock", `摘锁 ${lock.person}…`, "unlock", () => unlock(lock, title))),
    ...machine.kept.map((says) => button("reset", `复位：${says}`, "reset", () => order("reset", { point: machine.point, interlock: says }, title))),
  ];
  return [...locks, state, forced, h("p", { class: "mode" }, mode), against, h("div", { class: "orders" }, ...buttons.filter(Boolean))].filter(Boolean);
}

// MARK: Orders

async function order(word, body, title) {
  const session = await who(title);
  if (!session) return undefined;
  const told = await send("POST", `/api/machines/${word}`, body);
  if (told.stage === "done" && told.text) report(title, `✓ ${told.text}`);
  ask();
  return told;
}

async function stop(machine, title) {
  const told = await order("stop", { point: machine.point }, title);
  if (told?.stage !== "to-be-confirmed") return;
  const answer = await form(title, [h("p", { class: "alert" }, `▲ ${told.text}`)], words("仍要停止", "stop all the same"));
  if (answer) await order("stop", { point: machine.point, isConfirmed: true }, title);
}

/// Two steps: what stands for and against it is shown, and the second has fifteen seconds.
async function start(machine, title) {
  const selection = await order("select", { point: machine.point }, title);
  if (!selection) return;
  const list = h("ul", { class: "standings" }, ...selection.standings.map((standing) => h(
    "li", { "data-look": standing.objection ? "bad" : "good" }, `${standing.objection ? "✕" : "✓"} ${standing.objection ?? standing.says}`)));
  const minutes = h("select", { name: "minutes" }, ...spans.map((span) => h("option", { value: span, selected: span === 60 }, span < 60 ? `${span} 分钟 min` : `${span / 60} 小时 h`)));
  const left = h("p", { class: "left", role: "timer" });
  const answer = await form(
    title, [h("p", {}, words("将启动", "to be started"), ` ${machine.point}`), list,
      h("label", {}, words("运行多久后交还自动", "for how long"), minutes), left], words("确认启动", "start"), Date.now() + selection.left, left);
  if (!answer) return;
  report(title, "… 已下令，等待反馈 ordered; waiting for the machine to follow");
  const told = await send("POST", "/api/machines/operate", { point: machine.point, token: selection.token, minutes: Number(minutes.value) });
  report(title, told.isVerified ? "✓ 已启动，反馈已核实 running, and seen to be" : `✕ 未核实 not verified: ${told.text ?? told.stage}`);
  ask();
}

async function lock(machine, title) {
  const phone = h("input", { name: "phone", type: "tel", maxlength: 40 });
  const reason = h("input", { name: "reason", required: true, maxlength: 300 });
  const [site, device] = machine.point.split("/");
  const answer = await form(
    title, [h("p", { class: "alert" }, `▲ 软件挂锁，不隔离电源 ${latest?.warning ?? ""}`), h("label", {}, words("电话", "phone"), phone),
      h("label", {}, words("原因", "reason"), reason)], words("挂锁", "lock out"));
  if (answer) await order("lock", { subject: `${site}/${device}`, reason: reason.value, phone: phone.value || undefined }, title);
}

async function unlock(lock, title) {
  const reason = h("input", { name: "reason", maxlength: 300 });
  const answer = await form(title, [
    h("p", {}, words(`${lock.person} 的锁：${lock.reason}`, "only they take it away, or a supervisor with a reason")),
    h("label", {}, words("原因", "reason"), reason)], words("摘锁", "unlock"));
  if (answer) await order("unlock", { subject: lock.subject, holder: lock.person, reason: reason.value }, title);
}

// MARK: Sheets

/// Whoever is signed in, after asking whoever is not; undefined if nobody is.
async function who(title) {
  const session = await fetchJSON("/api/session");
  if (session.person) return session;
  return new Promise((done) => {
    const sheet = h("dialog", { class: "sheet" }, h("h2", {}, title));
    let signedIn;
    sheet.append(signIn((news) => { if (news.person) { signedIn = news; sheet.close(); } }), closer(sheet));
    sheet.addEventListener("close", () => { sheet.remove(); done(signedIn); });
    document.body.append(sheet);
    sheet.showModal();
  });
}

/// True once it is agreed to; false if it is closed, or its time is over.
function form(title, content, agree, until, left) {
  return new Promise((done) => {
    let isAgreed = false;
    const sheet = h("dialog", { class: "sheet" });
    const element = h("form", { method: "dialog" }, h("h2", {}, title), ...content, h("p", { class: "orders" }, h("button", { type: "submit", "data-order": "agree" }, agree), closer(sheet)));
    sheet.append(element);
    element.addEventListener("submit", () => { isAgreed = true; });
    const clock = until && setInterval(() => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      say(left, `${Math.max(0, seconds)} s`);
      if (seconds <= 0) sheet.close();
    }, 250);
    sheet.addEventListener("close", () => { clearInterval(clock); sheet.remove(); done(isAgreed); });
    document.body.append(sheet);
    sheet.showModal();
  });
}

function closer(sheet) {
  const close = h("button", { type: "button" }, words("取消", "cancel"));
  close.addEventListener("click", () => sheet.close());
  return close;
}

/// The last word on an order stands until the next one.
function report(title, text) {
  const line = document.querySelector("#told") ?? document.body.appendChild(h("p", { id: "told", role: "status" }));
  say(line, `${title}：${text}`);
}
