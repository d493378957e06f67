// Messages: one article each, kept in place when others come or change.

import { add, fill, h, icon } from "./dom.js";
import { blocks } from "./blocks.js";
import { messageContext } from "./contexts.js";
import { avatar } from "./faces.js";
import { emoji } from "./emoji.js";
import { mrkdwn, unescape } from "./mrkdwn.js";
import { menu } from "./popup.js";
import { act, fileUrl, list, person, store } from "./store.js";
import { ago, clock, day, dayKey, full } from "./time.js";

const TOGETHER_S = 300;

export function inChannel(item) {
  const ts = item.body.thread_ts;
  return !ts || ts === item.body.ts || item.body.subtype === "thread_broadcast";
}

export function inThread(item, ts) { return item.body.thread_ts === ts || item.body.ts === ts; }

export class MessageList {
  constructor({ channel, keep, inThread: threaded = false, openThread }) {
    Object.assign(this, { channel, keep, threaded, openThread });
    this.nodes = new Map();
    this.stuck = true;
    this.rest = -1;
    this.node = h("div", { class: "messages", role: "list", "aria-label": "Messages", onkeydown: (event) => this.walk(event) });
    this.scroller = h("div", { class: "scroller", tabindex: "-1", onscroll: () => { this.stuck = this.atEnd() || Math.abs(this.scroller.scrollTop - this.rest) < 2; } }, h("div", { class: "spacer" }), this.node);
    // Pictures arrive after their message; who reads the end keeps reading the end.
    new ResizeObserver(() => { if (this.stuck) this.toNewest(); }).observe(this.node);
    this.paint();
  }

  paint() {
    this.nodes.clear();
    for (const item of this.items()) this.nodes.set(keyOf(item), this.article(item));
    this.arrange();
    this.follow();
  }

  items() { return list(this.channel).filter(this.keep); }

  atEnd() { return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 80; }

  // To the end, but not past the beginning of the newest message: its first line is the answer.
  toNewest() {
    const { scroller } = this, newest = this.node.lastElementChild;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const top = newest ? newest.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop : end;
    scroller.scrollTop = Math.max(0, Math.min(end, top));
    this.rest = scroller.scrollTop;
  }

  follow() {
    this.stuck = true;
    requestAnimationFrame(() => this.toNewest());
  }

  take(change) {
    const near = this.stuck;
    if (change.type === "message_deleted") this.nodes.delete(keyOf(change));
    else if (this.keep(change)) {
      const known = this.nodes.get(keyOf(change));
      const made = this.article(change);
      this.nodes.set(keyOf(change), made);
      if (known && known.contains(document.activeElement)) {
        const { action, block } = document.activeElement.dataset;
        known.replaceWith(made);
        const same = action && made.querySelector(`[data-action="${CSS.escape(action)}"][data-block="${CSS.escape(block)}"]`);
        (same || made).focus({ preventScroll: true });
      } else if (known) known.replaceWith(made);
    } else return;
    this.arrange();
    if (near || change.body.user === store.me) this.follow();
  }

  // Put articles in order, with a line for each new day, and join those of one author.
  arrange() {
    const wanted = [];
    let before = null;
    for (const item of this.items()) {
      const node = this.nodes.get(keyOf(item)) || this.article(item);
      this.nodes.set(keyOf(item), node);
      const at = Number(item.body.ts);
      if (!before || dayKey(Number(before.body.ts)) !== dayKey(at)) {
        if (!this.threaded) wanted.push(h("div", { class: "day", role: "separator" }, h("span", {}, day(at))));
        before = null;
      }
      const joined = before && before.body.user === item.body.user && !before.private && !item.private && at - Number(before.body.ts) < TOGETHER_S && !item.body.files;
      node.classList.toggle("joined", Boolean(joined));
      wanted.push(node);
      before = item;
    }
    let spot = this.node.firstChild;
    for (const node of wanted) {
      if (spot === node) spot = spot.nextSibling;
      else this.node.insertBefore(node, spot);
    }
    while (spot) { const next = spot.nextSibling; spot.remove(); spot = next; }
  }

  article(item) {
    const { body } = item;
    const at = Number(body.ts);
    const author = body.user === "USLACKBOT" ? { id: "USLACKBOT", name: "Slackbot", real_name: "Slackbot" } : person(body.user);
    const name = author ? author.real_name : body.user;
    const note = h("div", { class: "trouble", role: "alert", hidden: true });
    const context = messageContext(item, () => { note.hidden = true; });
    const made = h("article", {
      class: `message${item.private ? " private" : ""}`, role: "listitem", tabindex: "-1", "aria-label": `${name}, ${clock(at)}${item.private ? ", only visible to you" : ""}`, data: { ts: body.ts },
    },
    h("div", { class: "gutter" }, avatar(author), h("time", { class: "side-time", title: full(at) }, clock(at))),
    h("div", { class: "body" },
      item.private ? h("div", { class: "only" }, icon("eye"), "Only visible to you") : null,
      body.subtype === "thread_broadcast" && !this.threaded ? h("div", { class: "only" }, icon("reply"), "replied to a thread") : null,
      h("div", { class: "who" }, h("strong", {}, name), author && author.is_bot ? h("span", { class: "badge" }, "APP") : null, h("time", { title: full(at) }, clock(at))),
      contents(context, body), note, this.replies(item)),
    this.tools(item));
    made.trouble = (text) => { note.hidden = false; fill(note, icon("warn"), text); };
    return made;
  }

  replies(item) {
    const { body } = item;
    if (this.threaded || !body.reply_count || body.thread_ts !== body.ts) return null;
    const faces = (body.reply_users || []).slice(0, 3).map((id) => avatar(person(id), "tiny"));
    const count = `${body.reply_count} ${body.reply_count === 1 ? "reply" : "replies"}`;
    return h("button", { type: "button", class: "replies", onclick: () => this.openThread(body.ts) }, faces, h("span", { class: "replies-count" }, count), h("span", { class: "replies-last" }, `Last reply ${ago(Number(body.latest_reply))}`));
  }

  tools(item) {
    if (item.private) return null;
    const shortcuts = store.shortcuts.filter((one) => one.type === "message");
    const { ts } = item.body;
    const more = h("button", { type: "button", class: "icon-btn", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => menu(more, [
      ...shortcuts.map((one) => ({ label: one.name, detail: `${store.app.name} · ${one.description || ""}`, run: () => act("shortcut", { callback_id: one.callback_id, channel: item.channel, ts }) })),
      ...(shortcuts.length ? [null] : []),
      { label: "Copy text", run: () => navigator.clipboard.writeText(unescape(item.body.text || "")) },
    ], "More actions") }, icon("more"));
    return h("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" },
      this.threaded ? null : h("button", { type: "button", class: "icon-btn", "aria-label": "Reply in thread", onclick: () => this.openThread(item.body.thread_ts || ts) }, icon("reply")), more);
  }

  walk(event) {
    const at = event.target.closest("article");
    if (!at || event.target !== at || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const all = [...this.node.querySelectorAll("article")];
    const to = all[all.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)];
    if (to) to.focus();
  }

  focusLast() {
    const all = this.node.querySelectorAll("article");
    if (all.length) all[all.length - 1].focus();
  }

  trouble(ts, text) {
    for (const node of this.nodes.values()) if (node.dataset.ts === ts) node.trouble(text);
  }
}

function keyOf(item) { return `${item.private ? "p" : "m"}${item.body.ts}`; }

function contents(context, body) {
  const found = h("div", { class: "contents" });
  const typed = body.client_msg_id || body.subtype === "slash_command";
  if (body.subtype === "slash_command") add(found, [h("div", { class: "text typed-command" }, body.text)]);
  else if (body.blocks && !typed) add(found, blocks(context, body.blocks));
  else if (body.text) add(found, [h("div", { class: "text" }, mrkdwn(body.text))]);
  for (const one of body.attachments || []) {
    add(found, [h("div", { class: "attachment" }, one.blocks ? blocks(context, one.blocks) : [one.title ? h("strong", {}, emoji(one.title)) : null, h("div", { class: "text" }, mrkdwn(one.text || one.fallback || ""))])]);
  }
  for (const file of body.files || []) add(found, [fileNode(file)]);
  if (body.edited) add(found, [h("small", { class: "edited" }, "(edited)")]);
  return found;
}

function fileNode(file) {
  if (/^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(file.mimetype)) {
    return h("figure", { class: "image" }, h("figcaption", {}, file.title), h("a", { href: fileUrl(file), target: "_blank", rel: "noopener" }, h("img", { src: fileUrl(file), alt: file.alt_txt || file.title })));
  }
  const size = file.size < 1024 ? `${file.size} B` : `${Math.round(file.size / 1024)} KB`;
  return h("a", { class: "file", href: fileUrl(file, true), download: file.name }, icon("file"), h("span", { class: "menu-text" }, h("strong", {}, file.title), h("small", {}, `${file.filetype.toUpperCase()} · ${size}`)));
}
