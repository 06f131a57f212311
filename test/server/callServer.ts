/** Where to ask, and as whom. */
export interface Asking {
  readonly http: string | undefined;
  readonly token: string | null | undefined;
}

/** One request to a real server's API, answered or broken off within ten seconds. */
export async function callServer<T>(
  { http, token }: Asking,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: T }> {
  const response = await fetch(`${http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: (await response.json()) as T };
}
