/*
 * The errors a wrong call throws. Integrations tell them apart by `name`, so the names are Klarna's.
 */

/** @param {string} name the name integrations look for */
function errorNamed(name) {
  return class extends Error {
    constructor(message) {
      super(message);
      this.name = name;
    }
  };
}

const InvalidClientTokenError = errorNamed("InvalidClientTokenError");
const ApplicationNotInitializedError = errorNamed("ApplicationNotInitializedError");
const ApplicationNotLoadedError = errorNamed("ApplicationNotLoadedError");
const InvalidContainerSelectorError = errorNamed("InvalidContainerSelectorError");
const PaymentMethodCategoryNotProvidedError = errorNamed("PaymentMethodCategoryNotProvidedError");
const PaymentMethodCategoryNotSupportedError = errorNamed("PaymentMethodCategoryNotSupportedError");
const PreferredPaymentMethodNotSupportedError = errorNamed("PreferredPaymentMethodNotSupportedError");
const OperationNotSupportedError = errorNamed("OperationNotSupportedError");
const EventNotSupportedError = errorNamed("EventNotSupportedError");
