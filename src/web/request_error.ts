/**
 * A request that cannot be done, thrown from wherever that is found out. The router answers with
 * what `getResponse` gives: the one form in which this API says what was wrong.
 */

/** The message says what was wrong, and what would be right. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.#headers = headers;
  }

  getResponse(): Response {
    const { status, message } = this;
    return Response.json({ error: message }, { status, headers: this.#headers });
  }
}

/** Nobody of that name has ever beaten, and the configuration does not name it. */
export function unknownHost(name: string): RequestError {
  return new RequestError(404, `No host is called ${JSON.stringify(name)}`);
}

/** There is nothing under that path. */
export function unknownPath(path: string): RequestError {
  return new RequestError(404, `Nothing is at ${path}: see docs/API.md`);
}
