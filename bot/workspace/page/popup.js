// Menus and searchable pickers: one popup at a time, placed next to its button.

import { add, fill, h, icon, uid } from "./dom.js";

let open = null;

export function closePopup(refocus = false) {
  if (!open) return;
  const { node, anchor, done } = open;
  open = null;
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (done) done();
  if (refocus) anchor.focus();
}

// The picker that is open, if one is: where it belongs and what was typed into it.
export function picking() {
  const held = open && open.anchor.closest("[data-block][data-action]");
  const input = held && open.node.querySelector(".combo-search");
  return input ? { block: held.dataset.block, action: held.dataset.action, query: input.value } : null;
}

// Open a picker again that was drawn anew under somebody's hands.
export function goOnPicking(button, query) {
  button.click();
  const input = open && open.anchor === button && open.node.querySelector(".combo-search");
  if (!input || !query) return;
  input.value = query;
  input.dispatchEvent(new Event("input"));
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.node.contains(event.target) && !open.anchor.contains(event.target)) closePopup();
}, true);
window.addEventListener("resize", () => closePopup());
document.addEventListener("scroll", (event) => {
  if (open && event.target instanceof Node && !open.node.contains(event.target) && open.anchor.getBoundingClientRect().top !== open.top) closePopup();
}, true);

export function showPopup(anchor, node, { done, width } = {}) {
  closePopup();
  const layer = anchor.closest("dialog") || document.getElementById("layers");
  node.classList.add("popup");
  layer.append(node);
  anchor.setAttribute("aria-expanded", "true");
  const box = anchor.getBoundingClientRect();
  open = { node, anchor, done, top: box.top };
  if (width) node.style.width = `${Math.max(width, box.width)}px`;
  const size = node.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - 12;
  const up = below < Math.min(size.height, 220) && box.top > below;
  const room = Math.max(140, up ? box.top - 16 : below);
  node.style.maxHeight = `${Math.min(420, room)}px`;
  const height = Math.min(size.height, Math.min(420, room));
  node.style.top = `${up ? box.top - height - 4 : box.bottom + 4}px`;
  node.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
}

// A menu of items {label, detail, lead, checked, danger, run}.
export function menu(anchor, items, label) {
  if (open && open.anchor === anchor) return closePopup(true);
  const buttons = items.map((item) => item === null ? h("hr", { role: "separator" }) : h("button", {
    type: "button", class: `menu-item${item.danger ? " danger" : ""}`, tabindex: "-1",
    role: item.checked === undefined ? "menuitem" : "menuitemradio",
    "aria-checked": item.checked === undefined ? undefined : String(item.checked),
    onclick: () => { closePopup(true); item.run(); },
  }, item.lead || null, h("span", { class: "menu-text" }, h("span", {}, item.label), item.detail ? h("small", {}, item.detail) : null), item.checked ? icon("check") : null));
  const node = h("div", { role: "menu", "aria-label": label, class: "menu", onkeydown: (event) => walk(event, node, '[role^="menuitem"]') }, buttons);
  showPopup(anchor, node);
  const first = node.querySelector('[aria-checked="true"]') || node.querySelector('[role^="menuitem"]');
  if (first) first.focus();
  return node;
}

function walk(event, node, selector) {
  const all = [...node.querySelectorAll(selector)];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    closePopup(true);
  } else if (event.key === "Tab") closePopup();
}

// A searchable picker. `source(query)` gives [{label, options: [{value, text, detail, lead}]}] or a
// promise of it; `limit` is how many may be chosen (0: one, and the popup closes).
export function combo({ name, placeholder, chosen, many, source, onpick, search = true, hint, limit }) {
  const listId = uid("list");
  let picked = chosen;
  const shown = h("span", { class: "combo-shown" });
  const button = h("button", {
    type: "button", class: "combo", "aria-haspopup": "listbox", "aria-expanded": "false", onclick: () => toggle(),
    onkeydown: (event) => { if (event.key === "ArrowDown") { event.preventDefault(); if (!open || open.anchor !== button) toggle(); } },
  }, shown, icon("down"));
  paint();

  function paint() {
    const texts = picked.map((one) => one.text);
    button.setAttribute("aria-label", `${name}: ${texts.join(", ") || placeholder}`);
    if (!picked.length) fill(shown, h("span", { class: "placeholder" }, placeholder));
    else if (many) fill(shown, picked.map((one) => h("span", { class: "chip" }, one.text)));
    else fill(shown, picked[0].text);
  }

  function toggle() {
    if (open && open.anchor === button) return closePopup(true);
    let active = -1, options = [], ticket = 0, timer = 0;
    const box = h("div", { role: "listbox", id: listId, class: "combo-list", "aria-label": name, "aria-multiselectable": many ? "true" : undefined });
    const input = h("input", {
      type: "text", role: "combobox", class: "combo-search", "aria-label": `Search ${name}`, "aria-controls": listId,
      "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", readonly: !search,
      placeholder: search ? "Search" : placeholder, oninput: () => { clearTimeout(timer); timer = setTimeout(refresh, 120); }, onkeydown: keys,
    });
    const node = h("div", { class: "combo-popup" }, h("div", { class: `combo-top${search ? "" : " quiet"}` }, icon("search"), input), box, hint ? h("div", { class: "combo-hint" }, hint) : null);

    async function refresh() {
      const mine = (ticket += 1);
      box.setAttribute("aria-busy", "true");
      if (!box.childNodes.length) fill(box, h("div", { class: "combo-none" }, "Loading…"));
      const answer = await source(input.value);
      if (mine !== ticket) return;
      box.removeAttribute("aria-busy");
      const groups = answer.groups || answer;
      options = groups.flatMap((group) => group.options);
      fill(box, groups.map((group) => [
        group.label ? h("div", { class: "combo-group", role: "presentation" }, group.label) : null,
        group.options.map((one) => option(one)),
      ]));
      if (!options.length) add(box, [h("div", { class: "combo-none" }, answer.note || "No results")]);
      move(options.findIndex((one) => picked.some((other) => other.value === one.value)), true);
      if (active < 0 && options.length) move(0, true);
    }

    function option(one) {
      const on = picked.some((other) => other.value === one.value);
      return h("div", {
        role: "option", id: uid("option"), class: "combo-option", "aria-selected": String(on), "data-value": one.value,
        onpointermove: () => move(options.indexOf(one)), onclick: () => pick(one),
      }, one.lead || null, h("span", { class: "menu-text" }, h("span", {}, one.text), one.detail ? h("small", {}, one.detail) : null), on ? icon("check") : null);
    }

    function move(to, scroll = false) {
      active = to;
      box.querySelectorAll('[role="option"]').forEach((node, index) => {
        node.classList.toggle("active", index === to);
        if (index === to) {
          input.setAttribute("aria-activedescendant", node.id);
          if (scroll) node.scrollIntoView({ block: "nearest" });
        }
      });
    }

    function pick(one) {
      if (!many) {
        picked = [one];
        closePopup(true);
      } else if (picked.some((other) => other.value === one.value)) picked = picked.filter((other) => other.value !== one.value);
      else if (!limit || picked.length < limit) picked = [...picked, one];
      paint();
      onpick(picked);
      if (many) refresh();
    }

    function keys(event) {
      const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
      if (to !== undefined) { event.preventDefault(); if (options.length) move((to + options.length) % options.length, true); }
      else if (event.key === "Enter") { event.preventDefault(); if (options[active]) pick(options[active]); }
      else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); closePopup(true); }
      else if (event.key === "Tab") closePopup();
    }

    showPopup(button, node, { width: 260, done: () => clearTimeout(timer) });
    input.focus();
    refresh();
  }

  return button;
}
