// What Vault answers, read strictly: types, bounds and the fields we rely on. Other fields are Vault's business and are left alone.
import { z } from 'zod';
import type { VaultResponse } from './vault-request.ts';

/** What answers isn't Vault, or not as it documents itself. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** Longest value that a setting may have; larger things are files. */
const mostValue = 65_536;
/** A token is a header line; anything longer than this is none. */
const mostToken = 8_192;

const seconds = z
  .number()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 1000);

// RFC 9110 field values: a token with line breaks in it would be a header of somebody else's making.
const clientToken = z
  .string()
  .min(1)
  .max(mostToken)
  .regex(/^[\x21-\x7e]+$/);

const signedIn = z.object({
  auth: z.object({ client_token: clientToken, lease_duration: seconds, renewable: z.boolean() }),
});

const lookedUp = z.object({ data: z.object({ ttl: seconds, renewable: z.boolean().optional() }) });

const reading = z.object({
  data: z.object({
    data: z.record(z.string(), z.unknown()).nullable(),
    metadata: z.object({ version: z.number(), deletion_time: z.string(), destroyed: z.boolean() }),
  }),
});

const errors = z.object({ errors: z.array(z.string()) });

const health = z.object({ initialized: z.boolean(), sealed: z.boolean(), standby: z.boolean() });

export type Lease = { readonly token: string; readonly leaseMs: number; readonly renewable: boolean };

/** Of `auth/…/login` and `auth/token/renew-self`. @throws UnexpectedAnswer */
export function parseLease(response: VaultResponse): Lease {
  const { auth } = parse(signedIn, response);
  return { token: auth.client_token, leaseMs: auth.lease_duration * 1000, renewable: auth.renewable };
}

/** Of `auth/token/lookup-self`. @throws UnexpectedAnswer */
export function parseLookup(response: VaultResponse): { leaseMs: number; renewable: boolean } {
  const { data } = parse(lookedUp, response);
  return { leaseMs: data.ttl * 1000, renewable: data.renewable ?? false };
}

/**
 * The field `value` of the newest version (KV version 2); undefined where the path is empty or its newest version was deleted or destroyed.
 * @param response of status 200 or 404
 * @throws UnexpectedAnswer
 */
export function parseValue(response: VaultResponse): string | undefined {
  if (response.status === 404) {
    // Nothing was ever there: no errors. A deleted version: the metadata without data. An unknown mount: an error that says so.
    const json = parseJson(response);
    const failed = errors.safeParse(json);
    if (failed.success && failed.data.errors.length === 0) return undefined;
    if (failed.success) throw new UnexpectedAnswer(quoted(failed.data.errors));
    const found = reading.safeParse(json);
    if (found.success && found.data.data.data === null) return undefined;
    throw new UnexpectedAnswer('its answer to a path that is empty is not what Vault documents');
  }
  const { data } = parse(reading, response).data;
  if (data === null) return undefined;
  const value = Object.hasOwn(data, 'value') ? data.value : undefined;
  if (value === undefined) throw new UnexpectedAnswer('the secret has no field named value');
  if (typeof value !== 'string' || value === '')
    throw new UnexpectedAnswer('its field value is not a text, or an empty one');
  if (value.length > mostValue) throw new UnexpectedAnswer(`its field value is longer than ${mostValue} characters`);
  return value;
}

/** What Vault says is wrong, in one line; empty when it says nothing. */
export function errorWords(response: VaultResponse): string {
  try {
    const outcome = errors.safeParse(parseJson(response));
    return outcome.success ? quoted(outcome.data.errors) : '';
  } catch {
    // A proxy's page: its status has to do.
    return '';
  }
}

/** Of `sys/health`, whose status codes say more than its body. @throws UnexpectedAnswer when no Vault gave it */
export function parseHealth(response: VaultResponse): { sealed: boolean; initialized: boolean } {
  return parse(health, response);
}

function quoted(lines: readonly string[]): string {
  const text = lines
    .join('; ')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return text.length > 300 ? `${text.slice(0, 299).toWellFormed()}…` : text;
}

function parse<T extends z.ZodType>(schema: T, response: VaultResponse): z.output<T> {
  const outcome = schema.safeParse(parseJson(response));
  if (outcome.success) return outcome.data;
  // Paths of the fields only: a message of the schema may quote what it found, and that may be the secret.
  const place = outcome.error.issues[0]?.path.join('.') ?? '';
  throw new UnexpectedAnswer(`its answer is not what Vault documents${place === '' ? '' : ` (at ${place})`}`);
}

function parseJson({ contentType, body }: VaultResponse): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType))
    throw new UnexpectedAnswer(`its answer is not JSON (${printableType(contentType)}); is it Vault?`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // SECURITY: the cause would quote the text, which may hold the secret.
    throw new UnexpectedAnswer('its answer is not JSON; is it Vault?');
  }
}

function printableType(contentType: string): string {
  return contentType === '' ? 'no content type' : contentType.slice(0, 60).replace(/[^\x20-\x7e]/g, '?');
}
