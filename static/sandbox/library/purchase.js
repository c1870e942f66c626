/*
 * One purchase: opens the window, hands it its ticket, and waits for how it ended.
 *
 * The window asks for a ticket when it is ready; the ticket (short-lived, good for this one window) is what it
 * works with, the client token stays here. The window then reports an outcome. Only messages that come from
 * that very window and from Klarna's origin count.
 */

const CLOSED_BY_SHOPPER = { approved: false, show_form: true };
const CLOSED_CHECK_MS = 300;

/** The purchase that is open now, if any: there is never more than one. */
let openPurchase = null;

/**
 * @param {string} clientToken
 * @param {function(): Promise<{ticket?: string, result?: Object}>} begin asks Klarna for the ticket; a result
 *   instead of one ends the purchase before it was seen
 * @returns {Promise<Object>} the result for the page's callback
 */
function purchase(clientToken, begin) {
  if (openPurchase) {
    openPurchase.surface.focus();
    return openPurchase.result;
  }
  const conversation = new Conversation(clientToken);
  openPurchase = conversation;
  conversation.begin(begin);
  return conversation.result;
}

class Conversation {
  constructor(clientToken) {
    this.clientToken = clientToken;
    this.reported = null; // what the window said last
    this.over = new AbortController();
    this.result = new Promise((resolve) => { this.resolve = resolve; });
    const leave = () => this.leave();
    this.surface = openPopup(leave) || openOverlay(leave);
    this.listen = (event) => this.hear(event);
    window.addEventListener("message", this.listen);
    this.watch = setInterval(() => this.surface.isClosed() && this.leave(), CLOSED_CHECK_MS);
  }

  begin(begin) {
    this.ticket = begin().then((answer) => {
      if (answer.ticket) return answer.ticket;
      this.finish(answer.result);
      return null;
    });
    this.ticket.catch((error) => this.finish({ ...CLOSED_BY_SHOPPER, error: describeFailure(error) }));
  }

  hear(event) {
    if (event.origin !== KLARNA_ORIGIN || event.source !== this.surface.window()) return;
    const { type, result, last } = event.data || {};
    if (type === "klarna:window-ready") this.handOver();
    if (type === "klarna:outcome") {
      this.reported = result;
      if (last) this.finish(result);
    }
  }

  async handOver() {
    const ticket = await this.ticket.catch(() => null);
    if (ticket) this.surface.window()?.postMessage({ type: "klarna:ticket", ticket }, KLARNA_ORIGIN);
  }

  /**
   * A window that went away without a word may have been confirmed a moment before: Klarna knows. Its last word may
   * also be on its way still; when it comes first, the question is called off, as the session may be over by then.
   */
  async leave() {
    clearInterval(this.watch);
    this.surface.close();
    const ticket = await this.ticket.catch(() => null);
    if (this.reported || !ticket) return this.finish(this.reported || CLOSED_BY_SHOPPER);
    const asked = ask("outcome", this.clientToken, { ticket }, this.over.signal);
    const result = await asked.then((answer) => answer.result, () => CLOSED_BY_SHOPPER);
    return this.finish(this.reported || result); // a refusal that was told meanwhile is known to the window only
  }

  finish(result) {
    if (openPurchase !== this) return;
    openPurchase = null;
    clearInterval(this.watch);
    window.removeEventListener("message", this.listen);
    this.over.abort();
    this.surface.close();
    this.resolve(result);
  }
}
