/**
 * A request that cannot be done, thrown from wherever that is found out, and the one form in which
 * this API says what was wrong:
 *
 *   {"error":{"code":"invalid","message":"for: must be a number of seconds …","field":"for"}}
 *
 * The code is for programs, the message for people; `field` names what of the query or the body
 * was wrong, and is null where that is not it.
 */

const CODES: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "too_large",
  415: "unsupported_type",
  422: "invalid",
  429: "limited",
  500: "internal",
  502: "unavailable",
  503: "unavailable",
};

/** All codes that an error can have. */
export const ERROR_CODES: readonly string[] = [...new Set(Object.values(CODES))];

interface More {
  readonly headers?: Readonly<Record<string, string>>;
  /** The parameter of the query, or the path in the body. */
  readonly field?: string;
}

/** The message says what was wrong, and what would be right. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly field: string | null;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, { headers = {}, field }: More = {}) {
    super(message);
    this.status = status;
    this.field = field ?? null;
    this.#headers = headers;
  }

  /** The answer that says so. */
  getResponse(): Response {
    const { status, message, field } = this;
    const code = CODES[status] ?? "internal";
    return Response.json({ error: { code, message, field } }, {
      status,
      headers: {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        ...this.#headers,
      },
    });
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

/** The path is there, but not with that method; `allow` names those it has. */
export function wrongMethod(method: string, allow: string): RequestError {
  const message = `Method ${method} is not allowed here: use ${allow}`;
  return new RequestError(405, message, { headers: { allow } });
}
