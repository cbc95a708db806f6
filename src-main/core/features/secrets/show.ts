// What readers of secrets are told: lists and details of metadata, never a value.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import type { SecretDetail, SecretSummary } from '../../../../src-shared/contract/secrets.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { instant } from '../../../base/instants.ts';
import type { Call } from '../../dispatch/handler.ts';
import type { ReadTx } from '../../store/store.ts';
import { allows, isAdmin, namesOf, notGranted } from './grants.ts';
import { findGrants } from './grants-table.ts';
import { invalid, noSuchSecret } from './parts.ts';
import { findConsumers, findReadings } from './reads-table.ts';
import { findSecret, listSecrets, type Secret } from './secrets-table.ts';
import { findVersions, type Version } from './versions-table.ts';

const readingsShown = 50;
const consumersShown = 100;
const versionsShown = 100;

export function list(tx: ReadTx, call: Call, input: Input<'secrets.list'>): Output<'secrets.list'> {
  const limit = input.limit ?? defaultLimit;
  const rows = listSecrets(
    tx,
    {
      text: input.text,
      name: input.name,
      path: input.path === undefined || input.path.endsWith('/') ? input.path : `${input.path}/`,
      type: input.type,
      tag: input.tag,
      state: input.state,
      as: namesOf(call.principal),
      after: input.cursor === undefined ? undefined : positionOf(tx, input.cursor, call.now),
      // One more than asked for tells whether there is a next page.
      limit: limit + 1,
    },
    call.now,
  );
  const items = rows.slice(0, limit);
  return { items: items.map(summaryOf), next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** The cursor is the id of the last secret shown: rows stay, also those of purged ones. */
function positionOf(tx: ReadTx, cursor: string, now: number): { name: string; id: string } {
  const row = findSecret(tx, cursor, now);
  if (row === undefined) throw invalid('cursor', 'expected the next_cursor of the page before');
  return { name: row.name, id: row.id };
}

/** @throws ProblemError secrets/not-found, secrets/granted, access/cross-workspace */
export function show(tx: ReadTx, call: Call, input: Input<'secrets.get'>): SecretDetail {
  const secret = findSecret(tx, input.id, call.now);
  if (secret === undefined) throw noSuchSecret(tx, input.id);
  if (!isAdmin(call.principal) && !allows(findGrants(tx, secret.id), call.principal, 'read'))
    throw notGranted(secret.name, 'read', call.principal);
  return detailOf(tx, secret, call.now);
}

/** What a call that changed the secret answers. @throws Error when it is not there */
export function showChanged(tx: ReadTx, id: string, now: number): SecretDetail {
  const secret = findSecret(tx, id, now);
  if (secret === undefined) throw new Error(`secret ${id} was just written and is not there`);
  return detailOf(tx, secret, now);
}

function summaryOf(secret: Secret): SecretSummary {
  return {
    id: secret.id,
    name: secret.name,
    type: secret.type,
    description: secret.description,
    owner: secret.owner,
    tags: [...secret.tags],
    version: secret.version,
    created_at: instant(secret.createdAt),
    changed_at: instant(secret.changedAt),
    expires_at: orNull(secret.expiresAt),
    rotation_days: secret.rotationDays,
    rotation_due_at: orNull(secret.rotationDueAt),
    state: secret.state,
    limited: secret.limited,
    last_read_at: orNull(secret.lastReadAt),
    last_read_by: secret.lastReadBy,
    reads: secret.reads,
  };
}

function detailOf(tx: ReadTx, secret: Secret, now: number): SecretDetail {
  const { parsed } = secret;
  return {
    ...summaryOf(secret),
    parsed:
      parsed === null
        ? null
        : {
            kind: parsed.kind,
            subject: parsed.subject,
            issuer: parsed.issuer,
            algorithm: parsed.algorithm,
            fingerprint: parsed.fingerprint,
            not_after: orNull(parsed.notAfter),
          },
    field_names: [...secret.fieldNames],
    versions: findVersions(tx, secret.id, versionsShown).map((version) => ({
      version: version.version,
      created_at: instant(version.createdAt),
      created_by: version.createdBy,
      state: versionState(version, secret, now),
      usable_until: orNull(version.usableUntil),
      fields: [...version.changes],
    })),
    recent_reads: findReadings(tx, secret.id, readingsShown).map((reading) => ({
      at: instant(reading.at),
      by: reading.by.name,
      kind: reading.by.kind,
      version: reading.version,
      ip_address: reading.ipAddress,
      user_agent: reading.userAgent,
      via: reading.via,
    })),
    consumers: findConsumers(tx, secret.id, consumersShown).map(({ kind, name, lastAt, reads }) => ({
      by: name,
      kind,
      last_at: instant(lastAt),
      reads,
    })),
    grants: findGrants(tx, secret.id),
  };
}

function versionState(version: Version, secret: Secret, now: number): SecretDetail['versions'][number]['state'] {
  if (!version.kept) return 'purged';
  if (version.version === secret.version) return 'current';
  return version.usableUntil !== null && version.usableUntil > now ? 'overlapping' : 'old';
}

function orNull(at: number | null): string | null {
  return at === null ? null : instant(at);
}
