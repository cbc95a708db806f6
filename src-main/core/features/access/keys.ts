// API keys: making, listing, revoking. A key can never grant more than its maker has (spec 01).
import type { ApiKey, accessOperations, EventSigning } from '../../../../src-shared/contract/access.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { namedOnly, type Permission, resolveScopes } from '../../../../src-shared/permissions.ts';
import { instant } from '../../../base/instants.ts';
import { type Call, type Handlers, prepared, type Refusal, refuse } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { ReadTx } from '../../store/store.ts';
import { createApiKey } from './api-key.ts';
import { pageOf, readCursor } from './cursor.ts';
import { issueEventSecret } from './event-secrets.ts';
import { findKey, insertKey, listKeys, revokeKey, type StoredKey, workspaceOfKey } from './keys-table.ts';
import type { AccessParts } from './parts.ts';

type Operations = typeof accessOperations;
type Keys = Pick<Handlers<Operations>, 'keys.list' | 'keys.create' | 'keys.revoke'>;
type Wanted = {
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAt: number | null;
  readonly signing: EventSigning;
};

export function createKeys(parts: AccessParts): Keys {
  return {
    'keys.list'(tx, call, input) {
      const limit = input.limit ?? defaultLimit;
      const rows = listKeys(tx, input.state ?? null, call.now, readCursor(input.cursor), limit + 1);
      const { items, nextCursor } = pageOf(rows, limit, (row) => ({ at: row.created_at, id: row.id }));
      return { items: items.map((row) => present(row, call.now)), next_cursor: nextCursor };
    },

    'keys.create'(tx, call, input) {
      const expiresAt = input.expires_at === undefined ? null : Date.parse(input.expires_at);
      if (expiresAt !== null && expiresAt <= call.now) throw invalid('expires_at', 'expected an instant in the future');
      const scopes = [...new Set(input.scopes)];
      call.entry.resource = { type: 'key', id: null };
      const signing = input.event_signing ?? 'none';
      call.entry.details = {
        name: input.name,
        scopes,
        event_signing: signing,
        expires_at: expiresAt === null ? null : instant(expiresAt),
      };
      requireScopesThatGive(input.scopes);
      const refusal = refuseBeyondMaker(tx, call, { permissions: resolveScopes(scopes), expiresAt, signing });
      if (refusal !== undefined) return refusal;
      const { id, key, hash } = createApiKey(parts.host.random);
      const stored: StoredKey = {
        id,
        workspace: call.workspace,
        name: input.name,
        scopes,
        event_signing: signing,
        created_at: call.now,
        created_by: actorOf(call.principal).name,
        expires_at: expiresAt,
        revoked_at: null,
        last_used_at: null,
        last_used_ip: null,
      };
      const secret = issueEventSecret(parts, id, signing);
      insertKey(tx, stored, hash, secret?.sealed ?? null);
      call.entry.resource = { type: 'key', id };
      return { ...present(stored, call.now), key, ...(secret === undefined ? {} : { hmac_secret: secret.text }) };
    },

    'keys.revoke': prepared<Operations['keys.revoke'], string | undefined>({
      before: async (_call, input) => parts.read((tx) => workspaceOfKey(tx, input.id)),
      run(tx, call, input, workspace) {
        call.entry.resource = { type: 'key', id: input.id };
        if (workspace !== undefined && workspace !== call.workspace) {
          return refuse(new ProblemError('access/cross-workspace', 'this key belongs to another workspace'));
        }
        const key = findKey(tx, input.id);
        if (key === undefined) throw new ProblemError('access/key-not-found', 'there is no API key with this id');
        call.entry.details = { name: key.name };
        // Revoking twice is no mistake of the caller's, but it changes nothing and so leaves no entry.
        if (!revokeKey(tx, key.id, call.now)) call.entry.type = null;
        return { ok: true };
      },
    }),
  };

  function refuseBeyondMaker(tx: ReadTx, call: Call, key: Wanted): Refusal | undefined {
    const { principal } = call;
    const { permissions: wanted, expiresAt } = key;
    const held = 'permissions' in principal ? principal.permissions : new Set<Permission>();
    const beyond = [...wanted].filter((name) => !held.has(name));
    if (beyond.length > 0) {
      const names = beyond.slice(0, 5).join(', ') + (beyond.length > 5 ? ` and ${beyond.length - 5} more` : '');
      return refuse(
        new ProblemError('access/key-scope', `you do not hold ${names}; leave out the scopes that give it`),
      );
    }
    // SECURITY: what asks a user for a fresh second factor must not be had without one by way of a key that is never asked.
    if (principal.kind === 'user' && [...wanted].some((name) => namedOnly.has(name))) {
      const shownAt = principal.steppedUpAt;
      if (shownAt === null || call.now - shownAt > parts.settings.stepUpMs) {
        const detail = 'show your second factor again before making a key with these scopes';
        return refuse(new ProblemError('access/step-up', detail));
      }
    }
    // Whoever may send signed events only may not hand on the right to send unsigned ones.
    const bound = principal.kind === 'key' && principal.eventSigning === 'required';
    if (bound && key.signing !== 'required' && wanted.has('events.write')) {
      return refuse(
        new ProblemError(
          'access/key-scope',
          'the key that asks sends signed events only; set event_signing to required, or leave out events.write',
        ),
      );
    }
    // A key that outlives its maker would grant more than the maker has.
    const end = principal.kind === 'key' ? (findKey(tx, principal.keyId)?.expires_at ?? null) : null;
    if (end !== null && (expiresAt === null || expiresAt > end)) {
      return refuse(
        new ProblemError(
          'access/key-scope',
          `the key that asks ends at ${instant(end)}; set expires_at to that or earlier`,
        ),
      );
    }
    return undefined;
  }
}

/** Each scope must give something by itself: `secrets.*` would look like a grant of `secrets.reveal`, and `*.export` gives nothing. */
function requireScopesThatGive(scopes: readonly string[]): void {
  const fields = scopes.flatMap((scope, at) =>
    resolveScopes([scope]).size > 0
      ? []
      : [{ path: `scopes.${at}`, message: `${scope} gives nothing by itself; name the permission exactly` }],
  );
  const first = fields[0];
  if (first !== undefined) throw new ProblemError('request/invalid', `${first.path}: ${first.message}`, { fields });
}

function invalid(path: string, message: string): ProblemError {
  return new ProblemError('request/invalid', `${path}: ${message}`, { fields: [{ path, message }] });
}

function present(key: StoredKey, now: number): ApiKey {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    created_at: instant(key.created_at),
    created_by: key.created_by,
    event_signing: key.event_signing,
    expires_at: orNull(key.expires_at),
    last_used_at: orNull(key.last_used_at),
    last_used_ip: key.last_used_ip,
    revoked_at: orNull(key.revoked_at),
    state: stateOf(key, now),
  };
}

function stateOf(key: StoredKey, now: number): ApiKey['state'] {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && key.expires_at <= now ? 'expired' : 'active';
}

function orNull(at: number | null): string | null {
  return at === null ? null : instant(at);
}
