// Reading a value. Each reading leaves an audit entry, a row and an event in the one transaction that hands the value out; a refused one
// leaves its entry too.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { instant } from '../../../base/instants.ts';
import { type Call, type Refusal, refuse } from '../../dispatch/handler.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { WriteTx } from '../../store/store.ts';
import { type Fields, onlyField, openFields } from './content.ts';
import { allows, notGranted } from './grants.ts';
import { findGrants } from './grants-table.ts';
import { invalid, type SecretsParts } from './parts.ts';
import { keepReading, type Reading } from './reads-table.ts';
import { countReading, findNamed, type Secret } from './secrets-table.ts';
import { findSealed } from './versions-table.ts';

const longestUserAgent = 300;

export function reveal(
  parts: SecretsParts,
  tx: WriteTx,
  call: Call,
  input: Input<'secrets.reveal'>,
): Output<'secrets.reveal'> | Refusal {
  const { name, field } = input;
  const reader = readerOf(call.principal);
  const secret = findNamed(tx, name, call.now);
  const version = input.version ?? secret?.version;
  call.entry.resource = { type: 'secret', id: secret?.id ?? null };
  call.entry.details = {
    name,
    ...(version === undefined ? {} : { version }),
    ...(field === undefined ? {} : { field }),
  };
  if (secret === undefined || version === undefined)
    return refuse(new ProblemError('secrets/not-found', `there is no secret ${name}`));
  const grants = findGrants(tx, secret.id);
  if (!allows(grants, call.principal, 'reveal')) return refuse(notGranted(name, 'reveal', call.principal));
  const manages =
    'permissions' in call.principal &&
    call.principal.permissions.has('secrets.manage') &&
    allows(grants, call.principal, 'manage');
  const fields = openVersion(parts, tx, secret, version, { manages, now: call.now });
  if (fields instanceof ProblemError) return refuse(fields);
  const answer = pick(secret, fields, field);
  if (answer instanceof ProblemError) return refuse(answer);
  keepReading(tx, secret.id, {
    at: call.now,
    by: reader,
    version,
    ipAddress: call.origin.ip,
    userAgent: call.origin.userAgent?.slice(0, longestUserAgent).toWellFormed() ?? null,
    via: call.via,
  });
  countReading(tx, secret.id, reader.name, call.now);
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  call.entry.dataAccessed = `value of secret ${name}, version ${version}`;
  return {
    id: secret.id,
    name,
    type: secret.type,
    version,
    ...answer,
    expires_at: secret.expiresAt === null ? null : instant(secret.expiresAt),
  };
}

/** The current version, one whose overlap lasts, or, for who manages the secret, any whose value is still kept. */
function openVersion(
  { keys }: SecretsParts,
  tx: WriteTx,
  secret: Secret,
  version: number,
  { manages, now }: { manages: boolean; now: number },
): Fields | ProblemError {
  const found = findSealed(tx, secret.id, version);
  if (found === undefined) return new ProblemError('secrets/not-found', `${secret.name} has no version ${version}`);
  if (found.sealed === null)
    return new ProblemError('secrets/state', `version ${version} of ${secret.name} is not kept any more`);
  const usable = version === secret.version || (found.usableUntil !== null && found.usableUntil > now);
  if (!usable && !manages) {
    const detail = `version ${version} of ${secret.name} was replaced; read the current one, ${secret.version}`;
    return new ProblemError('secrets/state', detail);
  }
  return openFields(keys, tx, secret.id, version, found.sealed);
}

function pick(
  secret: Secret,
  fields: Fields,
  field: string | undefined,
): { value: string | null; fields: Record<string, string> | null } | ProblemError {
  if (secret.type !== 'key_value') {
    if (field === undefined || field === onlyField) return { value: fields.get(onlyField) ?? null, fields: null };
    return invalid('field', `${secret.name} is a ${secret.type}, which has no fields`);
  }
  if (field === undefined) return { value: null, fields: Object.fromEntries(fields) };
  const value = fields.get(field);
  if (value === undefined) return new ProblemError('secrets/not-found', `${secret.name} has no such field`);
  return { value, fields: null };
}

/** @throws ProblemError access/forbidden: values are handed to somebody, not to the console itself. */
function readerOf(principal: Principal): Reading['by'] {
  if (principal.kind === 'user') return { kind: 'user', id: principal.userId, name: principal.username };
  if (principal.kind === 'key') return { kind: 'key', id: principal.keyId, name: principal.name };
  throw new ProblemError('access/forbidden', 'values are revealed to users and API keys only');
}
