/** Calls of the shop's server. */

export const NO_LINE = "We cannot reach the shop right now. Nothing was charged; please try again.";

const csrf = document.querySelector("#checkout-form [name=csrf_token]").value;

/**
 * POST a form to the shop; `{ok, status, body}` whatever happens, also when the line is dead.
 * Who signed in or out in another tab has another session here: the shop says what became of this checkout.
 */
export async function post(url, data) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": csrf, Accept: "application/json" },
      body: data,
      credentials: "same-origin",
    });
    const body = await response.json().catch(() => ({}));
    if (body.error === "session_changed") leave(data.get("attempt"));
    return { ok: response.ok, status: response.status, body };
  } catch {
    return { ok: false, status: 0, body: {} };
  }
}

function leave(attempt) {
  const address = document.getElementById("payment").dataset.interruptedUrl;
  location.assign(attempt ? address.replace(/-$/, encodeURIComponent(attempt)) : address.replace(/\/interrupted\/-$/, ""));
}

/** Post until there is an answer that means something: what the shop does with these calls it does once. */
export async function postUntilAnswered(url, makeData, tries = 3) {
  const reply = await post(url, makeData());
  const answered = reply.ok || reply.body.error || reply.body.fields;
  if (answered || tries === 1) return reply;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return postUntilAnswered(url, makeData, tries - 1);
}
