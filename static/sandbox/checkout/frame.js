/*
 * The checkout's frame: posts its form without leaving the page, and keeps the merchant's page informed.
 */
import { tellEvents, tellFirstTouch } from "./frame/events.js";
import { prepareForm } from "./frame/form.js";
import { middle, reportHeight, tell } from "./frame/page.js";

reportHeight();
tellFirstTouch();
prepareForm();
tellEvents();
if (middle().dataset.leadsTo) tell({ type: "kco:leave", location: middle().dataset.leadsTo });
tell({ type: "kco:ready" });
