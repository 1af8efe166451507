/**
 * The way to the API. What goes wrong comes back as an `ApiError` whose message can be shown as it
 * is. Whoever is not logged in any more is led to the login, and back.
 */

/** The server said no, or could not be reached (status 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The field that is wrong; null: none in particular. */
  readonly field: string | null;

  constructor(status: number, message: string, field: string | null) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Asks for `path` below `/api/0/`. Rejects with an ApiError. */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", path, undefined, signal);
}

/** Has something done. Rejects with an ApiError. */
export function send<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<T> {
  return request<T>(method, path, body);
}

/** A host's name, or any other, as a part of a path. */
export function part(name: string): string {
  return encodeURIComponent(name);
}

/** To the login, and from there back to this page. */
export function toLogin(): void {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function request<T>(
  method: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/0/${path}`, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached", null);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  if (response.status === 401 && location.pathname !== "/login") toLogin();
  const { message, field } = answer?.error ?? {};
  throw new ApiError(
    response.status,
    typeof message === "string" ? message : `The server answered ${response.status}`,
    typeof field === "string" ? field : null,
  );
}
