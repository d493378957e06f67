// The bot's own page: Home, Messages and About.

import { fill, h, icon } from "./dom.js";
import { blocks } from "./blocks.js";
import { Form } from "./contexts.js";
import { avatar } from "./faces.js";
import { mrkdwn } from "./mrkdwn.js";
import { closePopup } from "./popup.js";
import { person, store } from "./store.js";

let form = null;

export function paintHome(place) {
  closePopup();
  const view = store.home;
  if (!view) {
    form = null;
    fill(place, h("div", { class: "empty" }, avatar(person(store.bot), "big"), h("h2", {}, "This is the Home of ", store.app.name), h("p", {}, "The app has not drawn it yet.")));
    return;
  }
  if (!form || form.view.id !== view.id) form = new Form(view);
  form.update(view);
  const kept = document.activeElement && place.contains(document.activeElement) ? document.activeElement.dataset : null;
  const scroll = place.scrollTop;
  fill(place, h("div", { class: "home" }, blocks(form.context("home", null), view.blocks)));
  place.scrollTop = scroll;
  if (kept && kept.action) {
    const same = place.querySelector(`[data-block="${CSS.escape(kept.block)}"][data-action="${CSS.escape(kept.action)}"]`);
    if (same) same.focus({ preventScroll: true });
  }
}

export function paintAbout(place) {
  const about = store.app.about;
  fill(place, h("div", { class: "home about" },
    h("div", { class: "about-head" }, avatar(person(store.bot), "big"), h("div", {}, h("h2", {}, store.app.name), h("p", {}, about.description || ""))),
    about.long_description ? h("div", { class: "text" }, mrkdwn(about.long_description)) : null,
    h("h3", { class: "header level-2" }, "Commands"),
    store.commands.map((one) => h("p", {}, h("code", {}, `${one.command} ${one.usage_hint || ""}`), h("br"), one.description)),
    store.shortcuts.length ? [h("h3", { class: "header level-2" }, "Shortcuts"), store.shortcuts.map((one) => h("p", {}, icon("bolt"), " ", h("strong", {}, one.name), ` (${one.type}): `, one.description || ""))] : null));
}
