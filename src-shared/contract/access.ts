// Access: signing in and out, the second factor, the window's lock, sessions and API keys.
import { z } from 'zod';
import { isPermissionPattern, roleNames } from '../permissions.ts';
import { anySession, none, open, operation, pendingLogin, permission } from './grammar.ts';
import { done, instant, instantIn, nothing, page, pageInput, uuid } from './values.ts';

const user = z.strictObject({
  id: uuid,
  username: z.string(),
  role: z.enum(roleNames as [string, ...string[]]),
  mfa_enabled: z.boolean(),
});

/** How a login answers (spec 01): a session, or a temporary token that opens one next step only. */
const loginAnswer = z.union([
  z.strictObject({ token: z.string().optional(), user, recovery_codes: z.array(z.string()).optional() }),
  z.strictObject({
    mfa_required: z.literal(true),
    token: z.string(),
    methods: z.array(z.enum(['totp', 'recovery_code'])),
  }),
  z.strictObject({ mfa_enrollment_required: z.literal(true), token: z.string() }),
]);
export type LoginAnswer = z.output<typeof loginAnswer>;

/** What the command line calls itself in `User-Agent`, before its version: its sessions are listed as such. */
export const commandLineAgent = 'gatehouse';

const session = z.strictObject({
  id: uuid,
  username: z.string(),
  kind: z.enum(['console', 'api', 'cli', 'window']),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  created_at: instant,
  last_active_at: instant,
  expires_at: instant,
  current: z.boolean(),
});

const scope = z.string().max(64).refine(isPermissionPattern, {
  error: 'expected a permission pattern such as events.write, *.read or *',
});

/** Whether the key's events may, or must, carry a signature. */
export const eventSigning = z.enum(['none', 'optional', 'required']);
export type EventSigning = z.infer<typeof eventSigning>;

const apiKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: instant,
  created_by: z.string(),
  event_signing: eventSigning,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  last_used_ip: z.string().nullable(),
  revoked_at: instant.nullable(),
  state: z.enum(['active', 'expired', 'revoked']),
});
export type ApiKey = z.output<typeof apiKey>;

/** Asking for a cookie is what the browser console does; a token then never reaches the page. */
const cookie = z.literal(true).optional().describe('same-origin browser console only: set the session as a cookie');

export const accessOperations = {
  'auth.login': operation({
    summary: 'Sign in with user name and password',
    method: 'POST',
    path: '/api/v1/auth/login',
    access: open,
    input: z.strictObject({ username: z.string().max(256), password: z.string().max(1024), cookie }),
    output: loginAnswer,
    audit: 'login',
    effect: 'write',
    rate: 'login',
    window: true,
    reveals: true,
  }),
  'auth.mfa_enable': operation({
    summary: 'Start TOTP enrolment; it becomes active with the first right code',
    method: 'POST',
    path: '/api/v1/auth/mfa/enable',
    access: pendingLogin,
    input: z.strictObject({ token: z.string().max(200).optional() }),
    output: z.strictObject({ secret: z.string(), uri: z.string(), issuer: z.string(), account: z.string() }),
    audit: 'mfa_enable',
    effect: 'write',
    rate: 'login',
    window: true,
    reveals: true,
  }),
  'auth.mfa_verify': operation({
    summary: 'Finish a login or an enrolment with a code',
    method: 'POST',
    path: '/api/v1/auth/mfa/verify',
    access: pendingLogin,
    input: z.strictObject({ token: z.string().max(200).optional(), code: z.string().max(40), cookie }),
    output: loginAnswer,
    audit: 'mfa_verify',
    effect: 'write',
    rate: 'login',
    window: true,
    reveals: true,
  }),
  'auth.step_up': operation({
    summary: 'Show the second factor again, for what needs it fresh',
    method: 'POST',
    path: '/api/v1/auth/step-up',
    access: anySession,
    input: z.strictObject({ code: z.string().max(40) }),
    output: done,
    audit: 'mfa_verify',
    effect: 'write',
    rate: 'login',
    window: true,
  }),
  'auth.logout': operation({
    summary: 'End this session',
    method: 'POST',
    path: '/api/v1/auth/logout',
    access: anySession,
    input: nothing,
    output: done,
    audit: 'logout',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'auth.session': operation({
    summary: 'Who this session is and what it may do',
    method: 'GET',
    path: '/api/v1/auth/session',
    access: anySession,
    input: nothing,
    output: z.strictObject({
      user,
      permissions: z.array(z.string()),
      workspace: z.string(),
      session_id: uuid.nullable(),
      locked: z.boolean(),
      idle_lock_minutes: z.number(),
      created_at: instant.nullable(),
      stepped_up_until: instant.nullable(),
      csrf_token: z.string().nullable(),
    }),
    audit: none('an ordinary read of oneself'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'auth.lock': operation({
    summary: 'Lock the console: the session keeps no right but to be unlocked',
    method: 'POST',
    path: '/api/v1/auth/lock',
    access: anySession,
    input: nothing,
    output: done,
    audit: 'console_lock',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'auth.unlock': operation({
    summary: 'Unlock the console with password and second factor',
    method: 'POST',
    path: '/api/v1/auth/unlock',
    access: anySession,
    input: z.strictObject({ password: z.string().max(1024), code: z.string().max(40).optional() }),
    output: done,
    audit: 'console_unlock',
    effect: 'write',
    rate: 'login',
    window: true,
  }),
  'sessions.list': operation({
    summary: "One's own sessions; everybody's for those who may see them",
    method: 'GET',
    path: '/api/v1/auth/sessions',
    access: anySession,
    input: z.strictObject(pageInput),
    output: page(session),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'sessions.end': operation({
    summary: "End a session: one's own, or anybody's for those who may",
    method: 'DELETE',
    path: '/api/v1/auth/sessions/{id}',
    access: anySession,
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'session_end',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'keys.list': operation({
    summary: 'API keys of the workspace, newest first; never the key itself',
    method: 'GET',
    path: '/api/v1/admin/keys',
    access: permission('keys.read'),
    input: z.strictObject({ ...pageInput, state: z.enum(['active', 'expired', 'revoked']).optional() }),
    output: page(apiKey),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'keys.create': operation({
    summary: 'Make an API key; it is shown once',
    method: 'POST',
    path: '/api/v1/admin/keys',
    access: permission('keys.manage'),
    input: z.strictObject({
      name: z.string().trim().min(1).max(80),
      scopes: z.array(scope).min(1).max(40),
      expires_at: instantIn.optional(),
      event_signing: eventSigning.optional().describe('whether its events may or must be signed; none unless said'),
    }),
    output: apiKey.extend({
      key: z.string(),
      hmac_secret: z.string().optional().describe('what its events are signed with; shown once too'),
    }),
    audit: 'key_create',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
    reveals: true,
  }),
  'keys.revoke': operation({
    summary: 'Revoke an API key; the very next request with it is refused',
    method: 'DELETE',
    path: '/api/v1/admin/keys/{id}',
    access: permission('keys.manage'),
    input: z.strictObject({
      id: z.string().regex(/^[0-9A-Za-z]{8,24}$/, {
        error: 'expected the id of a key, 8 to 24 letters and digits; the list of keys has it',
      }),
    }),
    output: done,
    audit: 'key_revoke',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};
