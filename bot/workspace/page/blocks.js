// The blocks of a message, a modal or the Home tab.

import { h, icon } from "./dom.js";
import { textOf } from "./dialogs.js";
import { element, imageSource } from "./elements.js";
import { markdown, richText } from "./richtext.js";
import { chart, dataTable, table } from "./tables.js";

export function blocks(ctx, list) {
  return (list || []).map((block) => {
    const make = MAKERS[block.type];
    const made = make ? make(ctx, block) : h("div", { class: "unknown" }, `[${block.type}]`);
    made.classList.add("block");
    return made;
  });
}

const LONG = 700;

function section(ctx, block) {
  const text = block.text ? h("div", { class: "text" }, textOf(block.text)) : null;
  const folded = text && !block.expand && ctx.kind === "message" && block.text.text.length > LONG;
  if (folded) {
    text.classList.add("folded");
    const more = h("button", { type: "button", class: "link-btn", "aria-expanded": "false", onclick: () => { const closed = text.classList.toggle("folded"); more.textContent = closed ? "See more" : "See less"; more.setAttribute("aria-expanded", String(!closed)); } }, "See more");
    return h("div", { class: "section" }, h("div", { class: "section-main" }, text, more, fields(block)), accessory(ctx, block));
  }
  return h("div", { class: "section" }, h("div", { class: "section-main" }, text, fields(block)), accessory(ctx, block));
}

function fields(block) {
  return block.fields ? h("div", { class: "fields" }, block.fields.map((one) => h("div", { class: "text" }, textOf(one)))) : null;
}

function accessory(ctx, block) {
  return block.accessory ? h("div", { class: "accessory" }, element(ctx, block, block.accessory)) : null;
}

function image(ctx, block) {
  const source = imageSource(block);
  return h("figure", { class: "image" }, block.title ? h("figcaption", {}, textOf(block.title)) : null,
    h("a", { href: source, target: "_blank", rel: "noreferrer noopener" }, h("img", { src: source, alt: block.alt_text })));
}

function input(ctx, block) {
  const error = ctx.error ? ctx.error(block) : null;
  const kind = block.element.type;
  const grouped = kind === "checkboxes" || kind === "radio_buttons";
  const made = element(ctx, block, block.element);
  const id = `error-${ctx.key}-${block.block_id}`;
  const field = made.matches("input,textarea,button") ? made : made.querySelector("input,textarea,button");
  if (error && field) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", id); }
  if (field && !grouped && !field.id) field.id = `field-${ctx.key}-${block.block_id}`;
  return h("div", { class: `input${error ? " wrong" : ""}` },
    h(grouped ? "div" : "label", { class: "input-label", for: field && !grouped ? field.id : undefined }, textOf(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    made,
    error ? h("div", { class: "error", id, role: "alert" }, icon("warn"), error) : null,
    block.hint ? h("div", { class: "hint" }, textOf(block.hint)) : null);
}

const LEVELS = { info: "info", warning: "warn", error: "error", success: "success", default: "info" };

function alert(ctx, block) {
  const level = block.level || "default";
  return h("div", { class: `alert alert-${level}`, role: level === "error" || level === "warning" ? "alert" : "note" }, icon(LEVELS[level]), h("div", { class: "text" }, textOf(block.text)));
}

function card(ctx, block) {
  return h("div", { class: "card" }, block.hero_image ? h("img", { class: "hero", src: imageSource(block.hero_image), alt: block.hero_image.alt_text }) : null,
    h("div", { class: "card-main" }, block.title ? h("strong", {}, textOf(block.title)) : null, block.subtitle ? h("small", {}, textOf(block.subtitle)) : null,
      block.body ? h("div", { class: "text" }, textOf(block.body)) : null, block.subtext ? h("small", {}, textOf(block.subtext)) : null,
      block.actions ? h("div", { class: "actions" }, block.actions.map((one) => element(ctx, block, one))) : null));
}

const STATUS = { pending: "Pending", in_progress: "In progress", complete: "Complete", error: "Failed" };

function task(ctx, block) {
  const status = block.status || "pending";
  return h("div", { class: `task task-${status}` }, h("strong", {}, block.title), h("span", { class: "badge" }, STATUS[status]),
    block.details ? richText(block.details) : null, block.output ? richText(block.output) : null);
}

function container(ctx, block) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : h("strong", {}, textOf(block.title));
  const head = [title, block.subtitle ? h("small", {}, textOf(block.subtitle)) : null];
  const inner = blocks(ctx, block.child_blocks);
  if (!block.is_collapsible) return h("div", { class: "container" }, h("div", { class: "container-head" }, head), inner);
  return h("details", { class: "container", open: !block.default_collapsed }, h("summary", { class: "container-head" }, head), inner);
}

const MAKERS = {
  section, image, input, alert, card, container,
  header: (ctx, block) => h(`h${(block.level || 1) + 2}`, { class: `header level-${block.level || 1}` }, textOf(block.text)),
  divider: () => h("hr", { class: "divider" }),
  context: (ctx, block) => h("div", { class: "context" }, block.elements.map((one) => (one.type === "image" ? h("img", { class: "context-image", src: imageSource(one), alt: one.alt_text }) : h("span", { class: "text" }, textOf(one))))),
  actions: (ctx, block) => h("div", { class: "actions" }, block.elements.map((one) => element(ctx, block, one))),
  context_actions: (ctx, block) => h("div", { class: "actions" }, block.elements.map((one) => element(ctx, block, one))),
  rich_text: (ctx, block) => richText(block),
  markdown: (ctx, block) => markdown(block.text),
  table: (ctx, block) => table(block),
  data_table: (ctx, block) => dataTable(block),
  data_visualization: (ctx, block) => chart(block),
  carousel: (ctx, block) => h("div", { class: "carousel", tabindex: "0" }, block.elements.map((one) => card(ctx, one))),
  task_card: task,
  plan: (ctx, block) => h("div", { class: "plan" }, h("strong", {}, block.title), (block.tasks || []).map((one) => task(ctx, one))),
  file: (ctx, block) => h("div", { class: "unknown" }, block.external_id),
  video: (ctx, block) => h("div", { class: "card" }, h("div", { class: "card-main" }, h("strong", {}, textOf(block.title)), h("small", {}, block.alt_text))),
};
