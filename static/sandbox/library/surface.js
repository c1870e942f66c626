/*
 * The two places the purchase window can open in: a popup, and where popups are blocked a frame that covers
 * the merchant's page. Both offer the same four things: `window()`, `isClosed()`, `focus()` and `close()`.
 */

const POPUP = { width: 480, height: 720 };

/** The page that waits for the purchase. It is told which origin it may listen and speak to. */
const windowAddress = () => `${KLARNA_ORIGIN}/kp/window?origin=${encodeURIComponent(window.location.origin)}`;

/**
 * Must run inside the click: a browser blocks a popup that opens later.
 *
 * @param {function(): void} cancel what to do when the shopper gives up on the merchant's page
 * @returns {Object|null} null when the browser blocked it
 */
function openPopup(cancel) {
  const left = Math.round(window.screenX + Math.max(0, (window.outerWidth - POPUP.width) / 2));
  const top = Math.round(window.screenY + Math.max(0, (window.outerHeight - POPUP.height) / 2));
  const size = `popup=yes,width=${POPUP.width},height=${POPUP.height},left=${left},top=${top}`;
  const popup = window.open(windowAddress(), "_blank", size);
  if (!popup || popup.closed) return null;
  const curtain = openCurtain(() => popup.focus(), cancel);
  return {
    window: () => popup,
    isClosed: () => popup.closed,
    focus: () => popup.focus(),
    close: () => {
      curtain.close();
      popup.close();
    },
  };
}

/** @param {function(): void} cancel what to do when the shopper presses Escape */
function openOverlay(cancel) {
  const frame = document.createElement("iframe");
  frame.title = "Klarna";
  Object.assign(frame.style, {
    display: "block", width: "100%", maxWidth: "480px", height: "100%", maxHeight: "760px",
    margin: "auto", border: "0", borderRadius: "16px", background: "#fff",
  });
  const dialog = openDialog([frame], cancel);
  dialog.setAttribute("aria-label", "Klarna");
  frame.src = windowAddress();
  emit("fullscreenOverlayShown");
  return {
    window: () => frame.contentWindow,
    isClosed: () => !dialog.isConnected,
    focus: () => frame.focus(),
    close: () => {
      if (!dialog.isConnected) return;
      takeAway(dialog);
      emit("fullscreenOverlayHidden");
    },
  };
}

/** Covers the merchant's page while the popup is open, and leads back to a popup that got lost. */
function openCurtain(bringBack, cancel) {
  const title = document.createElement("p");
  title.id = "klarna-curtain-title";
  title.textContent = "Continue in Klarna’s window";
  Object.assign(title.style, { margin: "0 0 8px", font: "700 22px/1.3 system-ui, sans-serif", color: "#fff" });
  const note = document.createElement("p");
  note.textContent = "Your purchase goes on there. This page waits for you.";
  Object.assign(note.style, { margin: "0 0 24px", font: "400 16px/1.5 system-ui, sans-serif", color: "#fff" });
  const show = curtainButton("Show the window", "#ffa8cd", "#0b051d", bringBack);
  const stop = curtainButton("Stop and stay in the shop", "transparent", "#fff", cancel);
  const dialog = openDialog([title, note, show, stop], cancel);
  dialog.style.alignContent = "center";
  dialog.style.padding = "24px";
  dialog.style.textAlign = "center";
  dialog.setAttribute("aria-labelledby", title.id);
  return { close: () => takeAway(dialog) };
}

/** A modal dialog over the whole page; the browser itself keeps the rest of the page out of reach. */
function openDialog(children, cancel) {
  const dialog = document.createElement("dialog");
  dialog.dataset.klarna = "overlay";
  Object.assign(dialog.style, {
    position: "fixed", inset: "0", boxSizing: "border-box", width: "100vw", maxWidth: "none", height: "100dvh",
    maxHeight: "none", margin: "0", padding: "0", border: "0", background: "rgb(11 5 29 / 96%)",
    display: "grid", overflow: "auto",
  });
  dialog.append(...children);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault(); // the page decides when it goes, after it has dealt with the window
    cancel();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Closing first gives the keyboard's focus back to where it was before the dialog. */
function takeAway(dialog) {
  dialog.close();
  dialog.remove();
}

function curtainButton(text, background, color, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  Object.assign(button.style, {
    justifySelf: "center", minHeight: "48px", margin: "0 0 12px", padding: "12px 28px", cursor: "pointer",
    border: `2px solid ${background === "transparent" ? "#fff" : background}`, borderRadius: "999px",
    font: "600 16px/1.2 system-ui, sans-serif", background, color,
  });
  button.addEventListener("click", action);
  return button;
}
