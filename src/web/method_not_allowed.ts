/** The answer to a method that a path does not know. */
export function methodNotAllowed(method: string, allow: string): Response {
  return Response.json({ error: `Method ${method} is not allowed here: use ${allow}` }, {
    status: 405,
    headers: { allow },
  });
}
