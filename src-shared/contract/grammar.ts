// The grammar of the contract: what may be said about an operation. Routes, IPC, the renderer's client, CLI calls, OpenAPI, the
// permission matrix and the audit catalogue are derived from values of these types. No logic beyond typing lives here.
import type { z } from 'zod';
import type { AuditType } from '../audit-types.ts';
import type { Permission } from '../permissions.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call. `open` needs no identity; `pending` takes the temporary token of a half-finished login and nothing else. */
export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'setup' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'session' }
  | { readonly kind: 'permission'; readonly permission: Permission };

/** Why an operation leaves no audit entry; the reason is printed in the audit catalogue. */
export type NoAudit = { readonly none: string };

/**
 * How the request's bytes become the input.
 * `json`: one JSON object, merged with path parameters. `events`: one object, an array or NDJSON, put in the field `events`.
 * `bytes`: the raw body, put in the field `data`.
 */
export type BodyForm = 'none' | 'json' | 'events' | 'bytes';

export type Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  /** One sentence for the API document, the CLI and the permission matrix. */
  readonly summary: string;
  readonly method: HttpMethod;
  /** Under `/`; `{name}` segments are fields of the input. */
  readonly path: string;
  readonly access: Access;
  readonly input: I;
  readonly output: O;
  readonly audit: AuditType | NoAudit;
  /** `read` runs in a read transaction, `write` in one write transaction with its audit entry, `task` commits in slices of its own. */
  readonly effect: 'read' | 'write' | 'task';
  /** Rate class: `login` is the strict one (spec 02). */
  readonly rate: 'general' | 'login';
  /** May the desktop window call it over IPC. */
  readonly window: boolean;
  readonly body?: BodyForm;
  /** Status of a success; 200 unless said. */
  readonly success?: 200 | 201 | 204;
  /** The answer carries a secret: never logged, never cached, `reveals` in the documents. */
  readonly reveals?: true;
  /** A user session must have shown its second factor within the last five minutes; keys need the exact scope instead. */
  readonly stepUp?: true;
  /** A read whose answer depends on the store and the input alone, not on the moment or on who asks: kept until the next commit. */
  readonly steady?: true;
  /** The answer is a document of its own media type, not JSON made from `output`; `streamed`: made part by part while it is sent. */
  readonly document?: { readonly type: string; readonly extension: string; readonly streamed?: true };
};

export const open: Access = { kind: 'open' };
export const setupClaim: Access = { kind: 'setup' };
export const pendingLogin: Access = { kind: 'pending' };
export const anySession: Access = { kind: 'session' };

export function permission(name: Permission): Access {
  return { kind: 'permission', permission: name };
}

export function none(reason: string): NoAudit {
  return { none: reason };
}

/** Keeps the schemas' exact types while checking the declaration. */
export function operation<I extends z.ZodType, O extends z.ZodType, const T extends Operation<I, O>>(
  declared: T & Operation<I, O>,
): T {
  return declared;
}

export type InputOf<T extends Operation> = z.output<T['input']>;
export type OutputOf<T extends Operation> = z.input<T['output']>;
