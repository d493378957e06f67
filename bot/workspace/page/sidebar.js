// The left side: channels, the app, who one acts as, light and dark, what Slack refused.

import { fill, h, icon } from "./dom.js";
import { closer } from "./dialogs.js";
import { avatar } from "./faces.js";
import { menu } from "./popup.js";
import { me, person, store } from "./store.js";
import { clock } from "./time.js";
import { now } from "./store.js";

export function themes() {
  const root = document.documentElement;
  const saved = localStorage.getItem("theme");
  if (saved) root.dataset.theme = saved;
}

function dark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggle() {
  const next = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}

let painted = "";

export function paintSidebar(place, { open, unread, go, actAs }) {
  // Painting anew takes buttons from under the pointer, so it is done only for something new.
  const wanted = JSON.stringify([open, [...unread], [...store.channels.values()], me(), store.violations.length, dark()]);
  if (wanted === painted) return;
  painted = wanted;
  const held = document.activeElement && place.contains(document.activeElement) ? document.activeElement.dataset.go : null;
  const rows = [...store.channels.values()].filter((one) => !one.is_im);
  rows.sort((a, b) => Number(a.is_archived) - Number(b.is_archived) || a.name.localeCompare(b.name));
  const im = [...store.channels.values()].find((one) => one.is_im);
  const swap = h("button", { type: "button", class: "icon-btn", "aria-label": dark() ? "Light colours" : "Dark colours", onclick: () => { toggle(); paintSidebar(place, { open, unread, go, actAs }); } }, icon(dark() ? "sun" : "moon"));
  fill(place,
    h("div", { class: "team" }, h("div", {}, h("strong", {}, store.team), h("small", {}, "Local workspace")), swap),
    h("div", { class: "rows" },
      h("h2", {}, "Channels"),
      h("ul", {}, rows.map((one) => row(one, one.name, icon(one.is_private ? "lock" : "hash"), { open, unread, go }))),
      h("h2", {}, "Apps"),
      h("ul", {}, im ? row(im, store.app.name, avatar(person(store.bot), "tiny"), { open, unread, go }) : null)),
    h("div", { class: "foot" }, refusals(), acting(actAs)));
  if (held) { const same = place.querySelector(`[data-go="${CSS.escape(held)}"]`); if (same) same.focus(); }
}

function row(one, name, lead, { open, unread, go }) {
  const count = unread.get(one.id) || 0;
  const on = one.id === open;
  return h("li", {}, h("a", {
    href: go(one), class: `row-link${on ? " on" : ""}${count ? " unread" : ""}${one.is_archived ? " dim" : ""}`, data: { go: one.id }, "aria-current": on ? "page" : undefined,
  }, lead, h("span", { class: "row-name" }, name), count ? h("span", { class: "count", "aria-label": `${count} new` }, count) : null));
}

export function role(one) {
  if (one.is_stranger) return "from another company";
  if (one.is_guest) return "guest";
  return one.is_admin ? "workspace admin" : "";
}

function acting(actAs) {
  const one = me();
  const button = h("button", { type: "button", class: "acting", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `Acting as ${one.real_name}. Act as somebody else`, onclick: () => {
    const people = [...store.people.values()].filter((other) => !other.is_bot);
    menu(button, people.map((other) => ({
      label: other.real_name, lead: avatar(other, "small"), checked: other.id === one.id,
      detail: [role(other) || other.title, other.tz.split("/").pop().replace("_", " ")].join(" · "), run: () => actAs(other),
    })), "Act as");
  } }, avatar(one, "small"), h("span", { class: "menu-text" }, h("small", {}, "Acting as"), h("strong", {}, one.real_name), h("small", {}, `${one.title || role(one)} · ${clock(now())}`)), icon("down"));
  return button;
}

function refusals() {
  const count = store.violations.length;
  if (!count) return null;
  return h("button", { type: "button", class: "refused", onclick: showRefusals }, icon("shield"), `Slack would refuse ${count} call${count === 1 ? "" : "s"}`);
}

function showRefusals() {
  const done = () => { dialog.close(); dialog.remove(); };
  const dialog = h("dialog", { class: "dialog modal", "aria-labelledby": "refused-title", oncancel: (event) => { event.preventDefault(); done(); } },
    h("div", { class: "dialog-head" }, icon("shield"), h("h2", { id: "refused-title" }, "What Slack would refuse"), closer(done)),
    h("div", { class: "dialog-body", tabindex: "0" }, h("p", {}, "Calls of the app that broke one of Slack's rules, newest first."), store.violations.slice().reverse().map((one) => h("div", { class: "refusal" },
      h("strong", {}, one.error), " ", h("code", {}, one.method), one.messages.map((text) => h("div", { class: "hint" }, text))))),
    h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "btn primary", onclick: done }, "Close")));
  document.getElementById("layers").append(dialog);
  dialog.showModal();
}
