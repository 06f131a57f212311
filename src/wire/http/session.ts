import { z } from 'zod';
import { callerBody } from './caller.ts';
import { operation } from './operation.ts';
import { instant, named } from './schema.ts';

/** Goes with every request of a session that is not a GET: what another page cannot know, however it makes the browser send the cookie. */
export const CSRF_HEADER = 'x-ringfence-csrf';

/** Who a browser is signed in as. The secret of the session itself is in a cookie that no script can read. */
export const sessionBody = named(
  'Session',
  z.object({
    person: callerBody.shape.person,
    role: callerBody.shape.role,
    token: z.string().describe('id of the token that was exchanged: when it is revoked, the session ends'),
    csrf: z.string().describe(`to be sent as \`${CSRF_HEADER}\` with every request that is not a GET`),
    expires: instant,
  }),
);
export type SessionBody = z.infer<typeof sessionBody>;

export const sessionState = named(
  'SessionState',
  z.object({
    session: sessionBody.nullable().describe('null: the caller is not signed in'),
    anonymousViewer: z.boolean().describe('whether one may read without being signed in'),
  }),
);
export type SessionStateBody = z.infer<typeof sessionState>;

const signInRequest = named('SignInRequest', z.strictObject({ token: z.string().trim().min(1).max(512) }));

export const getSession = operation({
  id: 'getSession',
  method: 'GET',
  path: '/v1/session',
  tag: 'session',
  summary: "Who this browser is signed in as, by the session's cookie",
  access: 'anyone',
  answers: { 200: { says: 'The session, if there is one.', schema: sessionState } },
  problems: [],
});

export const signIn = operation({
  id: 'signIn',
  method: 'POST',
  path: '/v1/session',
  tag: 'session',
  summary: 'Exchange a token for a session of a browser: a cookie that no script can read, for twelve hours at most',
  access: 'anyone',
  body: signInRequest,
  answers: { 201: { says: 'Signed in. The cookie comes with it.', schema: sessionBody } },
  problems: ['unauthenticated', 'forbidden'],
});

export const signOut = operation({
  id: 'signOut',
  method: 'DELETE',
  path: '/v1/session',
  tag: 'session',
  summary: "End the session of this browser's cookie, and its live streams",
  access: 'anyone',
  answers: { 204: { says: 'There is none any more.', schema: null } },
  problems: ['forbidden'],
});
