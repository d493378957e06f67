// Block elements. `ctx` says where they stand and tells the workspace what is done with them:
// press(block, element, value), options(block, element, query), get(block, element), set(...).

import { h, icon } from "./dom.js";
import { confirmed, textOf } from "./dialogs.js";
import { emojiText } from "./emoji.js";
import { fileUrl, store } from "./store.js";
import { avatar } from "./faces.js";
import { combo, menu } from "./popup.js";

export function label(object) { return object ? emojiText(object.text) : ""; }

export function imageSource(one) {
  const file = one.slack_file;
  if (!file) return one.image_url;
  return fileUrl({ id: file.id || file.url.split("/").pop().split("?")[0] });
}

export function element(ctx, block, one) {
  const make = MAKERS[one.type.replace(/^multi_/, "")];
  const made = make ? make(ctx, block, one) : h("span", { class: "unknown" }, `[${one.type}]`);
  made.dataset.block = block.block_id;
  made.dataset.action = one.action_id || "";
  return made;
}

async function act(ctx, block, one, value) {
  if (await confirmed(one.confirm)) return ctx.press(block, one, value);
  return undefined;
}

function button(ctx, block, one) {
  const style = one.style ? ` ${one.style}` : "";
  if (one.url) {
    return h("a", { class: `btn${style}`, role: "button", href: /^https?:/i.test(one.url) ? one.url : undefined, target: "_blank", rel: "noreferrer noopener", "aria-label": one.accessibility_label, onclick: () => act(ctx, block, one) }, textOf(one.text));
  }
  return h("button", { type: "button", class: `btn${style}`, "aria-label": one.accessibility_label, onclick: () => act(ctx, block, one) }, textOf(one.text));
}

function overflow(ctx, block, one) {
  const made = h("button", { type: "button", class: "icon-btn overflow", "aria-label": "More options", "aria-haspopup": "menu", "aria-expanded": "false" }, icon("more"));
  made.addEventListener("click", () => menu(made, one.options.map((option) => ({
    label: label(option.text), detail: label(option.description),
    run: () => { if (option.url && /^https?:/i.test(option.url)) window.open(option.url, "_blank", "noopener"); act(ctx, block, one, option.value); },
  })), "More options"));
  return made;
}

function asOption(option) { return { value: option.value, text: label(option.text), detail: label(option.description) }; }

function groupsOf(given, query) {
  const wanted = query.trim().toLowerCase();
  const groups = given.option_groups ? given.option_groups.map((group) => ({ label: label(group.label), options: group.options })) : [{ label: "", options: given.options || [] }];
  return groups.map((group) => ({ label: group.label, options: group.options.map(asOption).filter((one) => !wanted || one.text.toLowerCase().includes(wanted)) }))
    .filter((group) => group.options.length);
}

const SOURCES = {
  static_select: (ctx, block, one) => ({ source: (query) => groupsOf(one, query), search: countOptions(one) > 6 }),
  external_select: (ctx, block, one) => ({
    hint: undefined,
    source: async (query) => {
      const least = one.min_query_length ?? 3;
      if (query.length < least) return { groups: [], note: `Type at least ${least} character${least === 1 ? "" : "s"} to search` };
      const answer = await ctx.options(block, one, query);
      return { groups: groupsOf(answer, ""), note: answer.refusal || "No results" };
    },
  }),
  users_select: () => ({ source: (query) => people(query) }),
  conversations_select: (ctx, block, one) => ({ source: (query) => channels(query, one.filter) }),
  channels_select: () => ({ source: (query) => channels(query, { include: ["public"] }) }),
};

function countOptions(one) { return (one.options || []).length + (one.option_groups || []).flatMap((group) => group.options).length; }

function people(query) {
  const wanted = query.replace(/^@/, "").toLowerCase();
  const found = [...store.people.values()].filter((one) => `${one.name} ${one.real_name}`.toLowerCase().includes(wanted));
  found.sort((a, b) => Number(a.is_bot) - Number(b.is_bot));
  return [{ label: "", options: found.map((one) => ({ value: one.id, text: one.real_name, detail: one.title, lead: avatar(one, "small") })) }];
}

function channels(query, filter) {
  const wanted = query.replace(/^#/, "").toLowerCase();
  const kinds = (filter && filter.include) || ["public", "private", "im"];
  const kind = (one) => (one.is_im ? "im" : one.is_private ? "private" : "public");
  const found = [...store.channels.values()].filter((one) => kinds.includes(kind(one)) && !one.is_archived && !(one.is_im && filter && filter.exclude_bot_users) && !(one.is_ext_shared && filter && filter.exclude_external_shared_channels))
    .map((one) => ({ value: one.id, text: one.is_im ? store.app.name : one.name, lead: icon(one.is_private ? "lock" : "hash") }))
    .filter((one) => one.text.toLowerCase().includes(wanted));
  return [{ label: "", options: found }];
}

function named(one, value) {
  if (value && typeof value === "object") return asOption(value);
  const kind = one.type.replace(/^multi_/, "");
  if (kind === "users_select") return { value, text: (store.people.get(value) || { real_name: value }).real_name };
  const channel = store.channels.get(value);
  return { value, text: channel ? (channel.is_im ? store.app.name : channel.name) : value };
}

function select(ctx, block, one) {
  const many = one.type.startsWith("multi_");
  const kind = one.type.replace(/^multi_/, "");
  const value = ctx.get(block, one);
  const chosen = (many ? value || [] : value ? [value] : []).map((item) => named(one, item));
  const rich = kind === "static_select" || kind === "external_select";
  return combo({
    name: label(block.label) || label(one.placeholder) || "Choose", placeholder: label(one.placeholder) || (many ? "Select options" : "Choose an option"),
    chosen, many, limit: one.max_selected_items, ...SOURCES[kind](ctx, block, one),
    onpick: (picked) => {
      const kept = picked.map((item) => (rich ? { value: item.value, text: { type: "plain_text", text: item.text } } : item.value));
      changed(ctx, block, one, many ? kept : kept[0]);
    },
  });
}

// Keep a choice, and tell the app at once where it asked to be told.
function changed(ctx, block, one, value) {
  ctx.set(block, one, value);
  if (block.type === "input" && !block.dispatch_action) return;
  const ask = one.confirm ? confirmed(one.confirm) : Promise.resolve(true);
  ask.then((yes) => yes && ctx.press(block, one, raw(value)));
}

// What goes to the workspace: option values, ids, texts.
export function raw(value) {
  if (Array.isArray(value)) return value.map(raw);
  return value && typeof value === "object" ? value.value : value;
}

function choices(ctx, block, one) {
  const many = one.type === "checkboxes";
  const now = () => [].concat(ctx.get(block, one) || []).map((item) => item.value);
  const name = `${block.block_id}-${one.action_id}-${ctx.key}`;
  return h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-label": label(block.label) || undefined }, one.options.map((option) => h("label", { class: "choice" },
    h("input", {
      type: many ? "checkbox" : "radio", name, checked: now().includes(option.value),
      onchange: (event) => {
        const others = one.options.filter((other) => other.value !== option.value && now().includes(other.value));
        changed(ctx, block, one, many ? (event.target.checked ? one.options.filter((other) => other === option || others.includes(other)) : others) : option);
      },
    }),
    h("span", {}, h("span", {}, textOf(option.text)), option.description ? h("small", {}, textOf(option.description)) : null))));
}

function picker(type) {
  return (ctx, block, one) => {
    const value = ctx.get(block, one);
    return h("input", {
      type, class: "field narrow", "aria-label": label(block.label) || label(one.placeholder) || type,
      value: type === "datetime-local" ? localTime(value) : value || "",
      onchange: (event) => changed(ctx, block, one, type === "datetime-local" ? Math.floor(new Date(event.target.value).getTime() / 1000) : event.target.value),
    });
  };
}

function localTime(epoch) {
  if (!epoch) return "";
  const at = new Date(epoch * 1000 - new Date().getTimezoneOffset() * 60000);
  return at.toISOString().slice(0, 16);
}

function textInput(ctx, block, one) {
  const type = { number_input: "text", email_text_input: "email", url_text_input: "url" }[one.type] || "text";
  const triggers = (one.dispatch_action_config || {}).trigger_actions_on || ["on_enter_pressed"];
  let timer = 0;
  const tell = (event) => { if (block.dispatch_action) ctx.press(block, one, event.target.value); };
  const props = {
    class: "field", placeholder: label(one.placeholder), maxlength: one.max_length, autocomplete: "off",
    "aria-label": label(block.label), value: ctx.get(block, one) || "", inputmode: one.type === "number_input" ? "decimal" : undefined,
    oninput: (event) => {
      ctx.set(block, one, event.target.value);
      if (triggers.includes("on_character_entered")) { clearTimeout(timer); timer = setTimeout(() => tell(event), 300); }
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || (one.multiline && !event.ctrlKey && !event.metaKey)) return;
      if (block.dispatch_action && triggers.includes("on_enter_pressed")) { event.preventDefault(); tell(event); }
      else if (ctx.submit) { event.preventDefault(); ctx.submit(); }
    },
  };
  return one.multiline ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type });
}

function feedback(ctx, block, one) {
  const side = (which) => h("button", { type: "button", class: "btn", onclick: () => ctx.press(block, one, one[which].value) }, textOf(one[which].text));
  return h("span", { class: "row" }, side("positive_button"), side("negative_button"));
}

const MAKERS = {
  button, overflow, workflow_button: button, feedback_buttons: feedback,
  icon_button: (ctx, block, one) => h("button", { type: "button", class: "icon-btn", "aria-label": label(one.text), onclick: () => act(ctx, block, one) }, icon("trash")),
  image: (ctx, block, one) => h("img", { class: "accessory-image", src: imageSource(one), alt: one.alt_text }),
  static_select: select, external_select: select, users_select: select, conversations_select: select, channels_select: select,
  checkboxes: choices, radio_buttons: choices,
  datepicker: picker("date"), timepicker: picker("time"), datetimepicker: picker("datetime-local"),
  plain_text_input: textInput, number_input: textInput, email_text_input: textInput, url_text_input: textInput, rich_text_input: textInput,
};
