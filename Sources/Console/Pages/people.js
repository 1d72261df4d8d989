// Who is signed in, and the way in and out. Nothing here decides what a person may do: the gateway does.

import { h, say, words } from "/assets/elements.js";

export const roles = { viewer: "只看", operator: "值班员", supervisor: "主管" };

export async function send(method, path, body) {
  const answer = await fetch(path, {
    method, headers: body ? { "Content-Type": "application/json" } : {}, body: body ? JSON.stringify(body) : undefined,
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

/// A line that says who is signed in, with a form to do so. `changed(session)` hears of every change.
export function signIn(changed) {
  const line = h("section", { class: "panel session" });
  const trouble = h("p", { class: "alert", role: "alert", hidden: true });
  const tell = (error) => { trouble.hidden = !error; say(trouble, error ? `✕ ${error}` : ""); };
  const show = (session) => {
    tell("");
    if (session.isReadOnly) {
      line.replaceChildren(h("p", {}, words("只读：站点文件没有列出可操作的人员。", "read-only: the site file names no people")));
    } else if (session.person) {
      const out = h("button", { type: "button" }, words("退出", "sign out"));
      out.addEventListener("click", () => send("DELETE", "/api/session").then(show, (error) => tell(error.message)));
      const { title, role } = session.person;
      line.replaceChildren(h("p", {}, `${title} · ${roles[role] ?? ""} ${role} `, out), trouble);
    } else {
      line.replaceChildren(form(show, tell), trouble);
    }
    changed(session);
  };
  fetch("/api/session").then((answer) => answer.json()).then(show, (error) => tell(error.message));
  return line;
}

function form(show, tell) {
  const name = h("input", { name: "name", autocomplete: "username", autocapitalize: "none", required: true, maxlength: 32 });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 256 });
  const element = h(
    "form", {}, h("label", {}, words("姓名", "name"), name), h("label", {}, words("密码", "password"), password),
    h("button", { type: "submit" }, words("登录", "sign in")), h("small", {}, " 登录后才能操作 to acknowledge and shelve"));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = element.querySelector("button");
    button.disabled = true;
    send("POST", "/api/session", { name: name.value.trim(), password: password.value }).then(show, (error) => {
      tell(error.message);
      password.value = "";
      button.disabled = false;
      password.focus();
    });
  });
  return element;
}
