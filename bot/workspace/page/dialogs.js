// Confirm dialogs and the dialog frame that modals share.

import { h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

export function textOf(object) {
  if (!object) return "";
  return object.type === "mrkdwn" ? mrkdwn(object.text) : object.text.split("\n").flatMap((line, at) => (at ? [h("br"), ...emoji(line)] : emoji(line)));
}

// Ask before an element acts; resolves to true where there is nothing to ask.
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const style = confirm.style === "danger" ? "danger" : "primary";
    const dialog = h("dialog", { class: "dialog confirm", "aria-labelledby": "confirm-title", oncancel: (event) => { event.preventDefault(); done(false); } },
      h("div", { class: "dialog-head" }, h("h2", { id: "confirm-title" }, textOf(confirm.title)), closer(() => done(false))),
      h("div", { class: "dialog-body" }, textOf(confirm.text)),
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", class: "btn", onclick: () => done(false) }, textOf(confirm.deny)),
        h("button", { type: "button", class: `btn ${style}`, onclick: () => done(true) }, textOf(confirm.confirm))));
    document.getElementById("layers").append(dialog);
    dialog.showModal();
    dialog.querySelector(".dialog-foot .btn:last-child").focus();
  });
}

export function closer(run) {
  return h("button", { type: "button", class: "icon-btn", "aria-label": "Close", onclick: run }, icon("close"));
}
