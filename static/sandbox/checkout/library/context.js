/*
 * Where Klarna is, and which checkout this is about: as the snippet says.
 */
const KLARNA_ORIGIN = new URL(document.currentScript.src).origin;
const queue = window._klarnaCheckout;
const config = queue.config;
