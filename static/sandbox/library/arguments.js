/*
 * Every call is `method(options, data, callback)`. In the wild `data` is left out, is null, or stands in the
 * place of `options`, so the arguments are told apart by what they hold, not by where they stand.
 */

const OPTION_NAMES = [
  "container", "payment_method_category", "payment_method_categories", "instance_id",
  "preferred_payment_method", "auto_finalize", "client_token",
];

const isObject = (value) => typeof value === "object" && value !== null;
const holdsOptions = (value) => isObject(value) && OPTION_NAMES.some((name) => name in value);
const isEmpty = (value) => !isObject(value) || Object.keys(value).length === 0;

/**
 * @param {unknown[]} given the arguments as the page passed them
 * @returns {{options: Object, data: Object, callback: (function(Object): void)|null}}
 */
function readArguments(given) {
  const callback = given.find((value) => typeof value === "function") || null;
  const objects = given.filter((value) => typeof value !== "function");
  let [options, data] = objects;
  const swapped = !holdsOptions(options) && (holdsOptions(data) || (!isEmpty(options) && isEmpty(data)));
  if (swapped) [options, data] = [data, options];
  return { options: isObject(options) ? options : {}, data: isObject(data) ? data : {}, callback };
}

/**
 * The part of the options that says which widget a call is about. Two calls that say the same are about the
 * same widget: `authorize` must therefore repeat what `load` was given.
 *
 * @param {Object} options
 * @returns {string} the same text for the same choice
 */
function widgetKey(options) {
  if (options.instance_id) return `instance ${options.instance_id}`;
  if (options.payment_method_category) return `category ${options.payment_method_category}`;
  if (options.payment_method_categories) return `categories ${options.payment_method_categories.join(" ")}`;
  return "all categories";
}

/**
 * @param {Object} options
 * @returns {string[]|null} the categories asked for; null when none were, which means all of the session
 * @throws when a category was announced but is not one
 */
function readCategories(options) {
  const { payment_method_category: one, payment_method_categories: several } = options;
  const given = several ?? one;
  if (given === undefined || given === null) return null;
  const categories = Array.isArray(given) ? given : [given];
  const usable = categories.length > 0 && categories.every((name) => typeof name === "string" && name !== "");
  if (!usable) throw new PaymentMethodCategoryNotProvidedError("payment_method_category is empty");
  return categories;
}

/**
 * @param {unknown} container an element or a CSS selector
 * @returns {Element}
 * @throws when there is no such element on the page
 */
function findContainer(container) {
  if (container instanceof Element) return container;
  let element = null;
  try {
    element = typeof container === "string" ? document.querySelector(container) : null;
  } catch {
    element = null; // not a selector at all: the same mistake as one that finds nothing
  }
  if (!element) throw new InvalidContainerSelectorError(`No element for container: ${String(container)}`);
  return element;
}

/**
 * @param {unknown} token
 * @returns {boolean} whether it has the form of a JSON Web Token
 */
function looksLikeClientToken(token) {
  if (typeof token !== "string") return false;
  const parts = token.split(".");
  const filled = parts.length === 3 && parts.every((part) => /^[\w-]+$/.test(part));
  if (!filled) return false;
  try {
    return parts.slice(0, 2).every((part) => isObject(JSON.parse(decodeBase64Url(part))));
  } catch {
    return false;
  }
}

function decodeBase64Url(text) {
  return atob(text.replace(/-/g, "+").replace(/_/g, "/"));
}
