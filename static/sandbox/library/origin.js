/*
 * Where this library came from is where Klarna is: every frame, window, request and message of the library
 * goes there and nowhere else. `document.currentScript` is only set while the script runs for the first time.
 */
const KLARNA_ORIGIN = new URL(document.currentScript.src).origin;
