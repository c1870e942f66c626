/*
 * The library's requests to Klarna. The client token travels in a header only, never in an address.
 */

/** An answer that is not a success, with Klarna's words for it. */
class ServiceError extends Error {
  constructor(body) {
    super((body.error_messages || []).join("; ") || "Klarna did not answer");
    this.body = body;
  }
}

/**
 * @param {string} operation the last part of the path: load, authorize, reauthorize, finalize, outcome, review
 * @param {string} clientToken
 * @param {Object} body
 * @param {AbortSignal} [signal] calls the question off
 * @returns {Promise<Object>}
 */
async function ask(operation, clientToken, body, signal) {
  const response = await fetch(`${KLARNA_ORIGIN}/kp/v1/${operation}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${clientToken}` },
    body: JSON.stringify(body),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ServiceError(answer);
  return answer;
}

/**
 * What a page is told when Klarna could not be asked. The form stays: trying again may well work.
 *
 * @param {Error} error
 * @returns {Object} the `error` member of a result
 */
function describeFailure(error) {
  console.error(`Klarna: ${error.message}`);
  const body = error instanceof ServiceError ? error.body : {};
  return {
    error_code: body.error_code || "TEMPORARILY_UNAVAILABLE",
    error_messages: body.error_messages || [error.message],
    correlation_id: body.correlation_id,
  };
}
