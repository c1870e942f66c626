/** Nothing to decide here: the form is sent as soon as it is there. Without scripts its button does it. */
document.querySelector("form[data-prepare]").submit();
