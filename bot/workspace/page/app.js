// The page as a whole: where one is, and what a change means for it.

import { fill, h, icon } from "./dom.js";
import { composer } from "./composer.js";
import { closer } from "./dialogs.js";
import { paintAbout, paintHome } from "./home.js";
import { MessageList, inChannel, inThread } from "./messages.js";
import { showErrors, showTrouble, showViews } from "./modal.js";
import { closePopup } from "./popup.js";
import { paintSidebar, themes } from "./sidebar.js";
import { act, follow, listen, load, me, person, store, unfollow } from "./store.js";

const at = (id) => document.getElementById(id);
const NO_ANSWER = "This app did not answer in time. Try again?";
const place = { channel: null, tab: "messages", thread: null };
const unread = new Map();
let messages = null, replies = null;

function route() {
  const [, name, channel, tab] = decodeURIComponent(window.location.hash).split("/");
  const archive = window.location.pathname.match(/^\/archives\/(\w+)\/p(\d+)(\d{6})$/);
  return { name: name || "ana", channel: channel || (archive ? archive[1] : "dr-oncall"), tab: tab || "", focus: archive && !channel ? `${archive[2]}.${archive[3]}` : null };
}

function go(one, tab = "") {
  const name = one.is_im ? store.app.name : one.name;
  return `#/${me().name}/${encodeURIComponent(name)}${tab ? `/${tab}` : ""}`;
}

function find(name) {
  const all = [...store.channels.values()];
  return all.find((one) => one.id === name || one.name === name || (one.is_im && name === store.app.name)) || all.find((one) => one.name === "dr-oncall") || all.find((one) => one.is_member && !one.is_im) || all[0];
}

async function arrive() {
  const wanted = route();
  if (!store.me || me().name !== wanted.name) {
    unfollow();
    const loaded = await load(wanted.name);
    if (loaded === null) return;
    if (!loaded) {
      window.location.hash = "#/ana";
      return;
    }
    unread.clear();
    place.channel = null;
    follow(store.me);
    showViews();
  }
  const channel = find(wanted.channel);
  const tab = channel.is_im ? wanted.tab || "home" : "messages";
  if (place.channel !== channel.id || place.tab !== tab) show(channel, tab, wanted.focus);
  paintSide();
}

function show(channel, tab, focus) {
  closePopup();
  if (place.channel !== channel.id) closeThread();
  place.channel = channel.id;
  place.tab = tab;
  unread.delete(channel.id);
  document.title = `${channel.is_im ? store.app.name : `#${channel.name}`} · ${store.team}`;
  if (channel.is_im && tab !== "about") act("home", { tab });
  paintHeader(channel);
  paintContent(channel);
  paintComposer(channel);
  if (focus) requestAnimationFrame(() => { const one = document.querySelector(`[data-ts="${focus}"]`); if (one) { one.scrollIntoView({ block: "center" }); one.focus(); } });
}

function paintHeader(channel) {
  const tabs = ["home", "messages", "about"];
  fill(at("header"), h("div", { class: "head-row" },
    h("button", { type: "button", class: "icon-btn burger", "aria-label": "Channels", onclick: () => document.body.classList.toggle("nav-open") }, icon("menu")),
    h("h1", {}, channel.is_im ? null : icon(channel.is_private ? "lock" : "hash"), channel.is_im ? store.app.name : channel.name),
    h("span", { class: "topic" }, channel.is_im ? store.app.about.description || "" : channel.topic),
    h("span", { class: "grow" }),
    channel.is_im ? null : h("span", { class: "members" }, `${channel.members} members`, channel.has_bot ? "" : ` · ${store.app.name} is not here`)),
  channel.is_im ? h("div", { class: "tabs", role: "tablist" }, tabs.map((tab) => h("a", { role: "tab", href: go(channel, tab), class: "tab", "aria-selected": String(tab === place.tab) }, tab.charAt(0).toUpperCase() + tab.slice(1)))) : null);
}

function paintContent(channel) {
  messages = null;
  if (place.tab === "home") return paintHome(at("content"));
  if (place.tab === "about") return paintAbout(at("content"));
  messages = new MessageList({ channel: channel.id, keep: inChannel, openThread });
  const empty = !messages.items().length;
  if (empty) messages.scroller.prepend(welcome(channel));
  return fill(at("content"), messages.scroller);
}

function welcome(channel) {
  const command = store.commands[0];
  return h("div", { class: "empty" }, h("h2", {}, channel.is_im ? `This is between you and ${store.app.name}` : `Welcome to #${channel.name}`),
    h("p", {}, command ? ["Try ", h("code", {}, `${command.command} help`), " in the box below."] : "Say something below."));
}

function paintComposer(channel) {
  const box = at("composer");
  if (place.tab !== "messages") return fill(box);
  if (channel.is_archived) return fill(box, h("div", { class: "archived" }, "This channel is archived."));
  if (!channel.is_member) return fill(box, h("div", { class: "archived" }, `You are looking at #${channel.name} without being a member.`), composer({ channel, id: "composer-text", placeholder: `Message #${channel.name}` }));
  const name = channel.is_im ? store.app.name : `#${channel.name}`;
  fill(box, composer({ channel, id: "composer-text", placeholder: `Message ${name}` }));
  if (!document.querySelector("dialog[open]")) at("composer-text").focus({ preventScroll: true });
  return undefined;
}

function openThread(ts) {
  place.thread = ts;
  const channel = store.channels.get(place.channel);
  replies = new MessageList({ channel: channel.id, keep: (item) => inThread(item, ts), inThread: true });
  const aside = at("thread");
  aside.hidden = false;
  document.body.classList.add("thread-open");
  fill(aside, h("header", {}, h("h2", {}, "Thread"), h("span", { class: "topic" }, channel.is_im ? store.app.name : `#${channel.name}`), h("span", { class: "grow" }), closer(closeThread)),
    replies.scroller, channel.is_archived ? null : composer({ channel, threadTs: ts, id: "thread-text", placeholder: "Reply…" }));
  const box = at("thread-text");
  if (box) box.focus({ preventScroll: true });
}

function closeThread() {
  place.thread = null;
  replies = null;
  at("thread").hidden = true;
  document.body.classList.remove("thread-open");
  fill(at("thread"));
}

function paintSide() {
  paintSidebar(at("sidebar"), {
    open: place.channel, unread, go: (one) => go(one),
    actAs: (one) => { const channel = store.channels.get(place.channel); window.location.hash = `#/${one.name}/${channel.is_im ? store.app.name : channel.name}${channel.is_im ? `/${place.tab}` : ""}`; },
  });
}

function announce(item) {
  if (!item.fresh || item.body.user === store.me) return;
  const name = item.body.user === "USLACKBOT" ? "Slackbot" : (person(item.body.user) || { real_name: "Somebody" }).real_name;
  at("live").textContent = `${name}: ${(item.body.text || "new message").slice(0, 300)}`;
  const here = item.channel === place.channel && place.tab === "messages";
  if (!here) {
    unread.set(item.channel, (unread.get(item.channel) || 0) + 1);
    paintSide();
  }
}

function toast(text) {
  const one = h("div", { class: "toast" }, icon("info"), text);
  at("toasts").append(one);
  setTimeout(() => one.remove(), 6000);
}

listen((change) => {
  const channel = store.channels.get(place.channel);
  if (change.type === "all") {
    if (messages) messages.paint();
    if (replies) replies.paint();
    if (place.tab === "home") paintHome(at("content"));
    showViews();
    paintSide();
  }
  if (change.type === "all" || change.type === "back") document.body.classList.remove("lost");
  if (change.type === "lost") document.body.classList.add("lost");
  if (change.type === "message" || change.type === "message_deleted") {
    if (messages && change.channel === place.channel) {
      const empty = messages.scroller.querySelector(".empty");
      if (empty) empty.remove();
      messages.take(change);
    }
    if (replies && change.channel === place.channel) replies.take(change);
    // A private reply in a thread would go unseen with its thread closed.
    if (change.type === "message" && change.private && change.fresh && change.channel === place.channel && change.body.thread_ts && place.thread !== change.body.thread_ts) openThread(change.body.thread_ts);
    if (change.type === "message") announce(change);
  }
  if (change.type === "channel") {
    paintSide();
    if (channel && change.channel.id === place.channel) { paintHeader(store.channels.get(place.channel)); paintComposer(store.channels.get(place.channel)); }
  }
  if (change.type === "views") showViews();
  if (change.type === "home" && place.tab === "home") paintHome(at("content"));
  if (change.type === "errors") showErrors(change.view, change.errors);
  if (change.type === "violation") paintSide();
  if (change.type === "notice") toast(change.text);
  if (change.type === "trouble") {
    if (change.kind === "shortcut") toast(NO_ANSWER);
    else if (store.views.some((one) => one.id === change.where)) showTrouble(change.where);
    else if (store.home && store.home.id === change.where) toast(NO_ANSWER);
    else for (const one of [messages, replies]) if (one) one.trouble(change.where, NO_ANSWER);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && place.thread && !document.querySelector("dialog[open]")) {
    closeThread();
    const box = at("composer-text");
    if (box) box.focus();
  }
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const all = [...document.querySelectorAll("#sidebar [data-go]")];
    const spot = all.findIndex((one) => one.dataset.go === place.channel) + (event.key === "ArrowDown" ? 1 : -1);
    if (all[spot]) window.location.hash = all[spot].getAttribute("href");
  }
});
document.addEventListener("said", (event) => { const shown = event.target.closest("#thread") ? replies : messages; if (shown) shown.follow(); });
document.addEventListener("lastmessage", () => messages && messages.focusLast());
document.addEventListener("click", (event) => { if (event.target.closest("#sidebar a")) document.body.classList.remove("nav-open"); });
window.addEventListener("hashchange", arrive);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => store.me && paintSide());

themes();
arrive();
