// Modals: the topmost view of the person's stack, in a dialog that keeps the focus.

import { fill, h } from "./dom.js";
import { blocks } from "./blocks.js";
import { Form } from "./contexts.js";
import { closer, textOf } from "./dialogs.js";
import { avatar } from "./faces.js";
import { closePopup, goOnPicking, picking } from "./popup.js";
import { act, person, store } from "./store.js";

const forms = new Map();
let dialog = null;
let shown = "";

export function showViews() {
  for (const id of [...forms.keys()]) if (!store.views.some((one) => one.id === id)) forms.delete(id);
  const view = store.views[store.views.length - 1];
  if (!view) {
    closePopup();
    if (dialog) { dialog.close(); dialog.remove(); }
    dialog = null;
    shown = "";
    return;
  }
  const form = forms.get(view.id) || new Form(view);
  form.update(view);
  forms.set(view.id, form);
  if (!dialog) {
    dialog = h("dialog", { class: "dialog modal", "aria-labelledby": "modal-title", oncancel: (event) => { event.preventDefault(); close(form.view.id, true); } });
    document.getElementById("layers").append(dialog);
    dialog.showModal();
  }
  paint(form, view);
}

function close(id, clear) { return act("close", { view: id, clear }); }

function paint(form, view) {
  const fresh = shown !== view.id;
  const going = fresh ? null : picking();
  closePopup();
  shown = view.id;
  dialog.dataset.hash = view.hash;
  const focus = dialog.contains(document.activeElement) ? document.activeElement : null;
  const kept = focus && focus.dataset.action ? { block: focus.dataset.block, action: focus.dataset.action, at: focus.selectionStart } : null;
  const old = dialog.querySelector(".dialog-body");
  const scroll = old && !fresh ? old.scrollTop : 0;
  const submit = () => send(form);
  const context = form.context("modal", view.submit ? submit : null);
  const nested = view.previous_view_id !== null;
  fill(dialog,
    h("div", { class: "dialog-head" }, avatar(person(store.bot), "small"), h("h2", { id: "modal-title" }, textOf(view.title)), closer(() => close(view.id, true))),
    h("div", { class: "banner", role: "alert", hidden: true }),
    h("div", { class: "dialog-body", tabindex: "-1" }, blocks(context, view.blocks)),
    h("div", { class: "dialog-foot" }, h("span", { class: "foot-note" }, nested ? `${store.views.length} of 3` : ""),
      h("button", { type: "button", class: "btn", onclick: () => close(view.id, false) }, view.close ? textOf(view.close) : nested ? "Back" : "Cancel"),
      view.submit ? h("button", { type: "button", class: "btn primary submit", disabled: view.submit_disabled, onclick: submit }, textOf(view.submit)) : null));
  dialog.querySelector(".dialog-body").scrollTop = scroll;
  refocus(view, kept);
  const picker = going && find(going.block, going.action);
  if (picker) goOnPicking(picker, going.query);
}

function find(block, action) {
  const node = dialog.querySelector(`.dialog-body [data-block="${CSS.escape(block)}"][data-action="${CSS.escape(action)}"]`);
  return node && (node.matches("input,textarea,button,a") ? node : node.querySelector("input,textarea,button"));
}

function refocus(view, kept) {
  const body = dialog.querySelector(".dialog-body");
  if (kept && find(kept.block, kept.action)) {
    const node = find(kept.block, kept.action);
    node.focus({ preventScroll: true });
    if (kept.at !== null && kept.at !== undefined && node.setSelectionRange && node.type !== "email") node.setSelectionRange(kept.at, kept.at);
    return;
  }
  const wished = view.blocks.find((block) => block.element && block.element.focus_on_load);
  const target = (wished && find(wished.block_id, wished.element.action_id)) || body.querySelector("input:not([type=checkbox]):not([type=radio]),textarea,.combo") || dialog.querySelector(".submit") || body;
  target.focus({ preventScroll: true });
}

async function send(form) {
  const button = dialog.querySelector(".submit");
  button.disabled = true;
  button.classList.add("busy");
  const answer = await act("submit", { view: form.view.id, values: form.values() });
  if (answer.errors) showErrors(form.view.id, answer.errors);
}

export function showErrors(id, errors) {
  const form = forms.get(id);
  if (!form || !dialog) return;
  form.errors = errors;
  paint(form, form.view);
  const wrong = dialog.querySelector(".wrong");
  if (!wrong) return;
  wrong.scrollIntoView({ block: "center" });
  const field = wrong.querySelector("input,textarea,button");
  if (field) field.focus({ preventScroll: true });
}

export function showTrouble(id) {
  if (!dialog || shown !== id) return;
  const banner = dialog.querySelector(".banner");
  fill(banner, "We had some trouble connecting. Try again?");
  banner.hidden = false;
  const button = dialog.querySelector(".submit");
  if (button) { button.disabled = false; button.classList.remove("busy"); }
}
