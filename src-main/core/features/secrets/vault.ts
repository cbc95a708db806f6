// Use cases that change secrets: keeping, rotating, describing, limiting, deleting, bringing back, shredding.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SecretDetail, SecretGrant, SecretType } from '../../../../src-shared/contract/secrets.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import { type Call, type Refusal, refuse } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { WriteTx } from '../../store/store.ts';
import { type Content, compareFields, openFields, sealFields, subjectOf, takeContent } from './content.ts';
import { allows, isAdmin, notGranted } from './grants.ts';
import { findGrants, replaceGrants } from './grants-table.ts';
import { invalid, noSuchSecret, parseInstant, type SecretsParts } from './parts.ts';
import {
  findNamed,
  findSecret,
  insertSecret,
  type Secret,
  saveDeleted,
  saveMetadata,
  savePurged,
  saveVersion,
  touchSecret,
} from './secrets-table.ts';
import { showChanged } from './show.ts';
import { dropValues, endVersions, findSealed, insertVersion } from './versions-table.ts';

/** Values of versions older than this many are removed; the newer ones are there to go back to. */
const versionsKept = 20;
const hourMs = 3_600_000;

export type Vault = { readonly parts: SecretsParts; readonly tx: WriteTx; readonly call: Call };

export function create(vault: Vault, input: Input<'secrets.create'>): SecretDetail {
  const { parts, tx, call } = vault;
  call.entry.details = { name: input.name, type: input.type };
  requireFree(vault, input.name);
  const grants = takeGrants(vault, input.grants ?? []);
  const content = takeContent(input.type, input, parts.host.random);
  const id = keepNew(vault, {
    name: input.name,
    type: input.type,
    content,
    description: input.description ?? '',
    owner: input.owner ?? '',
    tags: uniqueTags(input.tags ?? []),
    expiresAt: input.expires_at === undefined ? undefined : parseInstant('expires_at', input.expires_at),
    rotationDays: input.rotation_days ?? null,
  });
  if (grants.length > 0) replaceGrants(tx, id, grants);
  call.entry.resource = { type: 'secret', id };
  call.entry.details = {
    name: input.name,
    type: input.type,
    generated: input.generate !== undefined,
    ...(grants.length > 0 ? { grants } : {}),
  };
  return showChanged(tx, id, call.now);
}

export type NewContent = {
  readonly name: string;
  readonly type: SecretType;
  readonly content: Content;
  readonly description: string;
  readonly owner: string;
  readonly tags: readonly string[];
  /** undefined leaves it to the value: a certificate knows its end. */
  readonly expiresAt: number | undefined;
  readonly rotationDays: number | null;
};

/** Version 1 of a secret whose name is known to be free. @returns its id */
export function keepNew({ parts, tx, call }: Vault, { content, expiresAt, ...secret }: NewContent): string {
  const id = uuidV7(call.now, parts.host.random.bytes(10));
  insertSecret(
    tx,
    {
      ...secret,
      id,
      fieldNames: [...content.fields.keys()],
      parsed: content.parsed,
      expiresAt: expiresAt ?? content.parsed?.notAfter ?? null,
    },
    call.now,
  );
  insertVersion(tx, id, {
    version: 1,
    createdAt: call.now,
    createdBy: actorOf(call.principal).name,
    sealed: sealFields(parts.keys, tx, id, 1, content.fields),
    changes: compareFields(new Map(), content.fields),
  });
  tx.announce('secrets.changed', id, 1);
  return id;
}

export function rotate(vault: Vault, input: Input<'secrets.rotate'>): SecretDetail | Refusal {
  const { parts, tx, call } = vault;
  const secret = begin(vault, input.id);
  if ('refused' in secret) return secret;
  requireLive(secret);
  const content = takeContent(secret.type, input, parts.host.random);
  const until = input.overlap_hours === 0 ? null : call.now + input.overlap_hours * hourMs;
  const expiresAt =
    input.expires_at === undefined || input.expires_at === null
      ? input.expires_at
      : parseInstant('expires_at', input.expires_at);
  const version = setVersion(vault, secret, content, { until, expiresAt });
  call.entry.details = {
    name: secret.name,
    version,
    generated: input.generate !== undefined,
    overlap_until: until === null ? null : instant(until),
  };
  return showChanged(tx, secret.id, call.now);
}

/** @returns the number of the new version. */
export function setVersion(
  { parts, tx, call }: Vault,
  secret: Secret,
  content: Content,
  { until, expiresAt }: { readonly until: number | null; readonly expiresAt: number | null | undefined },
): number {
  const version = secret.version + 1;
  const sealed = findSealed(tx, secret.id, secret.version)?.sealed;
  if (sealed == null) throw new Error(`secret ${secret.id} has no current value`);
  const before = openFields(parts.keys, tx, secret.id, secret.version, sealed);
  insertVersion(tx, secret.id, {
    version,
    createdAt: call.now,
    createdBy: actorOf(call.principal).name,
    sealed: sealFields(parts.keys, tx, secret.id, version, content.fields),
    changes: compareFields(before, content.fields),
  });
  endVersions(tx, secret.id, secret.version, until, call.now);
  dropValues(tx, secret.id, version - versionsKept);
  // An end that has passed was the old value's, and so was a certificate's; any other may be a contract's.
  const stays = secret.parsed?.notAfter != null || (secret.expiresAt ?? 0) <= call.now ? null : secret.expiresAt;
  saveVersion(
    tx,
    {
      id: secret.id,
      version,
      fieldNames: [...content.fields.keys()],
      parsed: content.parsed,
      expiresAt: expiresAt === undefined ? (content.parsed?.notAfter ?? stays) : expiresAt,
    },
    call.now,
  );
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  return version;
}

export function update(vault: Vault, input: Input<'secrets.update'>): SecretDetail | Refusal {
  const { tx, call } = vault;
  const secret = begin(vault, input.id);
  if ('refused' in secret) return secret;
  requireLive(secret);
  const { expires_at: end } = input;
  const changed = {
    ...secret,
    description: input.description ?? secret.description,
    owner: input.owner ?? secret.owner,
    tags: input.tags === undefined ? secret.tags : uniqueTags(input.tags),
    expiresAt: end === undefined ? secret.expiresAt : end === null ? null : parseInstant('expires_at', end),
    rotationDays: input.rotation_days === undefined ? secret.rotationDays : input.rotation_days,
  };
  saveMetadata(tx, changed);
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  const { id: _, ...given } = input;
  call.entry.details = { name: secret.name, changed: Object.keys(given) };
  return showChanged(tx, secret.id, call.now);
}

export function setGrants(vault: Vault, input: Input<'secrets.set_grants'>): SecretDetail | Refusal {
  const { tx, call } = vault;
  const secret = begin(vault, input.id, 'grants');
  if ('refused' in secret) return secret;
  // Of a deleted one too: an admin could otherwise neither restore nor shred what nobody is named for any more.
  if (secret.state === 'purged') throw shredded(secret);
  const before = findGrants(tx, secret.id);
  const after = takeGrants(vault, input.grants);
  replaceGrants(tx, secret.id, after);
  touchSecret(tx, secret.id);
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  call.entry.details = {
    name: secret.name,
    before,
    after,
    // Said by itself, so that nobody must compare the lists to see it.
    ...(gains(before, after, call) ? { to_oneself: true } : {}),
  };
  return showChanged(tx, secret.id, call.now);
}

function gains(before: readonly SecretGrant[], after: readonly SecretGrant[], call: Call): boolean {
  const actions = ['read', 'reveal', 'manage'] as const;
  return actions.some((action) => allows(after, call.principal, action) && !allows(before, call.principal, action));
}

export function remove(vault: Vault, input: Input<'secrets.delete'>): Output<'secrets.delete'> | Refusal {
  const { tx, call } = vault;
  const secret = begin(vault, input.id);
  if ('refused' in secret) return secret;
  requireLive(secret);
  saveDeleted(tx, secret.id, call.now);
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  return { ok: true };
}

export function restore(vault: Vault, input: Input<'secrets.restore'>): SecretDetail | Refusal {
  const { tx, call } = vault;
  const secret = begin(vault, input.id);
  if ('refused' in secret) return secret;
  if (secret.state === 'purged') throw shredded(secret);
  if (secret.state !== 'deleted') throw new ProblemError('secrets/state', `${secret.name} is not deleted`);
  requireFree(vault, secret.name);
  saveDeleted(tx, secret.id, null);
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  return showChanged(tx, secret.id, call.now);
}

export function purge(vault: Vault, input: Input<'secrets.purge'>): Output<'secrets.purge'> | Refusal {
  const { parts, tx, call } = vault;
  const secret = begin(vault, input.id);
  if ('refused' in secret) return secret;
  if (input.name !== secret.name) throw invalid('name', 'expected the name of the secret that is to be shredded');
  if (secret.state === 'purged') throw shredded(secret);
  // SECURITY: the key goes first and the sealed values with it; what stays names the secret and opens nothing.
  parts.keys.destroy(tx, subjectOf(secret.id), call.now);
  dropValues(tx, secret.id, secret.version);
  savePurged(tx, secret.id, call.now);
  tx.afterCommit(() => parts.checkpoint());
  tx.announce('secrets.changed', secret.id, secret.revision + 1);
  call.entry.details = { name: secret.name, versions: secret.version };
  return { ok: true };
}

/**
 * The secret that the call changes; a caller who may not gets a refusal, which leaves its entry. `grants` alone may also be changed by
 * admins who are not named in them. @throws ProblemError secrets/not-found
 */
function begin({ tx, call }: Vault, id: string, what: 'secret' | 'grants' = 'secret'): Secret | Refusal {
  call.entry.resource = { type: 'secret', id };
  const secret = findSecret(tx, id, call.now);
  if (secret === undefined) {
    const problem = noSuchSecret(tx, id);
    if (problem.code === 'access/cross-workspace') return refuse(problem);
    throw problem;
  }
  call.entry.details = { name: secret.name };
  if (allows(findGrants(tx, id), call.principal, 'manage')) return secret;
  if (what === 'grants' && isAdmin(call.principal)) return secret;
  return refuse(notGranted(secret.name, 'manage', call.principal));
}

function requireLive(secret: Secret): void {
  if (secret.state === 'purged') throw shredded(secret);
  if (secret.state === 'deleted') {
    throw new ProblemError('secrets/state', `${secret.name} is deleted; restore it first`);
  }
}

function requireFree({ tx, call }: Vault, name: string): void {
  if (findNamed(tx, name, call.now) !== undefined)
    throw new ProblemError('secrets/exists', `there is a secret ${name} already; rotate it to give it another value`);
}

function shredded(secret: Secret): ProblemError {
  return new ProblemError('secrets/state', `${secret.name} was shredded; nothing brings it back`);
}

/** @throws ProblemError request/invalid naming each grant that is to nobody or given twice. */
function takeGrants({ parts, tx }: Vault, grants: readonly SecretGrant[]): SecretGrant[] {
  const faults: { path: string; message: string }[] = [];
  const seen = new Set<string>();
  const taken = grants.map(({ kind, subject: given, actions }, at) => {
    const subject = parts.findGrantee(tx, kind, given);
    const path = `grants.${at}.subject`;
    if (subject === undefined) faults.push({ path, message: `there is no such ${kind}` });
    else if (seen.has(`${kind}/${subject}`)) faults.push({ path, message: `this ${kind} stands in the list twice` });
    seen.add(`${kind}/${subject}`);
    return { kind, subject: subject ?? given, actions: [...new Set(actions)] };
  });
  const first = faults[0];
  if (first !== undefined)
    throw new ProblemError('request/invalid', `${first.path}: ${first.message}`, { fields: faults });
  return taken;
}

export function uniqueTags(tags: readonly string[]): string[] {
  return [...new Set(tags)];
}
