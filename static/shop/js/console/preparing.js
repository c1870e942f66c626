/**
 * Nothing to decide here: the form is sent as soon as it is there. Without scripts its button does it, and so it does
 * where a page that belongs into a frame stands alone: then somebody else's link led here.
 */
const form = document.querySelector("form[data-prepare]");
if (form.dataset.prepare !== "framed" || window.parent !== window) form.submit();
