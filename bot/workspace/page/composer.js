// The message box: commands complete from the manifest, names and channels from the workspace.

import { fill, h, icon, uid } from "./dom.js";
import { avatar } from "./faces.js";
import { menu } from "./popup.js";
import { act, store, upload } from "./store.js";

export function composer({ channel, threadTs, id, placeholder }) {
  const listId = uid("complete");
  let file = null, choices = [], active = 0;
  const box = h("div", { class: "complete", role: "listbox", id: listId, hidden: true, "aria-label": "Suggestions" });
  const hint = h("div", { class: "usage", hidden: true });
  const chip = h("div", { class: "file-chip", hidden: true });
  const picker = h("input", { type: "file", hidden: true, "aria-hidden": "true", tabindex: "-1", onchange: () => take(picker.files[0]) });
  const text = h("textarea", {
    id, rows: "1", placeholder, "aria-label": placeholder, role: "combobox", "aria-controls": listId, "aria-expanded": "false", "aria-autocomplete": "list",
    oninput: () => { grow(); suggest(); }, onkeydown: keys, onblur: () => setTimeout(() => show([]), 120),
  });
  const sendButton = h("button", { type: "button", class: "icon-btn send", "aria-label": "Send", onclick: send }, icon("send"));
  const bolt = h("button", { type: "button", class: "icon-btn", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", onclick: shortcuts }, icon("bolt"));
  const attach = h("button", { type: "button", class: "icon-btn", "aria-label": "Attach a file", onclick: () => picker.click() }, icon("plus"));
  const frame = h("div", {
    class: "composer", ondragover: (event) => { event.preventDefault(); frame.classList.add("drop"); }, ondragleave: () => frame.classList.remove("drop"),
    ondrop: (event) => { event.preventDefault(); frame.classList.remove("drop"); take(event.dataTransfer.files[0]); },
  }, box, hint, chip, text, h("div", { class: "composer-tools" }, attach, bolt, picker, h("span", { class: "grow" }), h("span", { class: "keys" }, "Enter to send · Shift+Enter for a new line"), sendButton));

  function take(chosen) {
    file = chosen || null;
    chip.hidden = !file;
    if (file) fill(chip, icon("file"), file.name, h("button", { type: "button", class: "icon-btn", "aria-label": "Remove file", onclick: () => { picker.value = ""; take(null); } }, icon("close")));
    text.focus();
  }

  function shortcuts() {
    const there = store.shortcuts.filter((one) => one.type === "global");
    const items = there.map((one) => ({ label: one.name, detail: one.description, lead: avatar(store.people.get(store.bot), "tiny"), run: () => act("shortcut", { callback_id: one.callback_id }) }));
    menu(bolt, items.length ? items : [{ label: "No shortcuts", detail: "The app has none", run: () => {} }], "Shortcuts");
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
    sendButton.classList.toggle("ready", Boolean(text.value.trim() || file));
  }

  function suggest() {
    const head = text.value.slice(0, text.selectionStart);
    const command = store.commands.find((one) => text.value.startsWith(`${one.command} `));
    hint.hidden = !command;
    if (command) fill(hint, h("strong", {}, command.command), " ", command.usage_hint || "", h("span", { class: "grow" }), command.description);
    const slash = head.match(/^\/\S*$/);
    const name = head.match(/(?:^|\s)@([\w.-]*)$/);
    const place = head.match(/(?:^|\s)#([\w-]*)$/);
    if (slash) show(store.commands.filter((one) => one.command.startsWith(slash[0])).map((one) => ({ put: `${one.command} `, cut: head.length, label: one.command, detail: `${one.usage_hint || ""}`, side: one.description, lead: avatar(store.people.get(store.bot), "tiny") })));
    else if (name) show([...store.people.values()].filter((one) => one.id !== store.me && one.name.startsWith(name[1].toLowerCase())).slice(0, 8).map((one) => ({ put: `@${one.name} `, cut: name[1].length + 1, label: one.name, detail: one.real_name, lead: avatar(one, "tiny") })));
    else if (place) show([...store.channels.values()].filter((one) => !one.is_im && one.name.startsWith(place[1])).map((one) => ({ put: `#${one.name} `, cut: place[1].length + 1, label: `#${one.name}`, detail: one.topic })));
    else show([]);
  }

  function show(items) {
    choices = items;
    active = 0;
    box.hidden = !items.length;
    text.setAttribute("aria-expanded", String(Boolean(items.length)));
    fill(box, items.map((one, at) => h("div", { role: "option", id: `${listId}-${at}`, class: "combo-option", onpointerdown: (event) => { event.preventDefault(); choose(at); } },
      one.lead || null, h("span", { class: "menu-text inline" }, h("strong", {}, one.label), h("small", {}, one.detail)), one.side ? h("small", { class: "side" }, one.side) : null)));
    mark();
  }

  function mark() {
    box.querySelectorAll('[role="option"]').forEach((node, at) => { node.classList.toggle("active", at === active); node.setAttribute("aria-selected", String(at === active)); });
    if (choices.length) text.setAttribute("aria-activedescendant", `${listId}-${active}`);
    else text.removeAttribute("aria-activedescendant");
  }

  function choose(at) {
    const one = choices[at], spot = text.selectionStart;
    const start = spot - one.cut;
    text.value = text.value.slice(0, start) + one.put + text.value.slice(spot);
    text.selectionStart = text.selectionEnd = start + one.put.length;
    show([]);
    grow();
    suggest();
  }

  function keys(event) {
    if (choices.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + choices.length) % choices.length;
      mark();
    } else if (choices.length && event.key === "Tab") { event.preventDefault(); choose(active); }
    else if (choices.length && event.key === "Enter" && text.value !== choices[active].put.trim()) { event.preventDefault(); choose(active); }
    else if (event.key === "Escape" && choices.length) { event.stopPropagation(); show([]); }
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    else if (event.key === "ArrowUp" && !text.value) { event.preventDefault(); frame.dispatchEvent(new CustomEvent("lastmessage", { bubbles: true })); }
  }

  async function send() {
    const line = text.value.trim();
    if (!line && !file) return;
    const sent = file;
    text.value = "";
    picker.value = "";
    take(null);
    show([]);
    hint.hidden = true;
    grow();
    frame.dispatchEvent(new CustomEvent("said", { bubbles: true }));
    if (sent) await upload(channel.id, sent, line, threadTs);
    else await act(line.startsWith("/") ? "slash" : "say", { channel: channel.id, text: line, thread_ts: threadTs });
  }

  return frame;
}
