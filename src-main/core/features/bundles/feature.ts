// Bundles as a feature: exporting in one call, or step by step. Reading the log and signing is sealing.ts, what waits meanwhile drafts.ts.
import type { bundlesOperations } from '../../../../src-shared/contract/bundles.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { utf8 } from '../../../base/bytes.ts';
import { StreamedDocument } from '../../dispatch/arrival.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { actorOf, type Principal } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { nextSeq, type Signer, type SubjectVault } from '../audit/index.ts';
import type { Catalogue } from '../frameworks/index.ts';
import { createDrafts, type NewDraft, type Owner, type Seal, summaryOf } from './drafts.ts';
import { bundlesMigrations } from './migrations.ts';
import type { BundleMachine } from './ports.ts';
import { measure } from './sealing.ts';
import { type Asked, askedOf } from './selection.ts';
import { verificationHandlers } from './verification.ts';

export type BundlesParts = {
  readonly host: Host;
  readonly catalogue: () => Catalogue;
  readonly machine: BundleMachine;
  readonly store: () => Store;
  readonly signer: () => Signer;
  /** Opens what entries keep sealed for the persons they are about. */
  readonly subjectVault: SubjectVault;
  readonly consoleName: () => string;
  /** `AUDIT_SIGNING_SECRET`, where set. */
  readonly hmacSecret: () => string | undefined;
  record(tx: WriteTx, entry: NewEntry): void;
};

/** Disposing stops what is being made and forgets what waits. */
export function createBundles(parts: BundlesParts): { readonly feature: Feature } & Disposable {
  const { host, store } = parts;
  const drafts = createDrafts(host, parts.machine);

  function sealingOf({ principal, workspace }: Call): NewDraft['sealing'] {
    const { id, kind, name } = actorOf(principal);
    const hmacSecret = parts.hmacSecret();
    return {
      store: store(),
      signer: parts.signer,
      subjectVault: parts.subjectVault,
      workspace,
      console: parts.consoleName(),
      exportedBy: { id: id ?? '', kind, name },
      hmac: hmacSecret === undefined ? undefined : { keyId: 'AUDIT_SIGNING_SECRET', secret: utf8(hmacSecret) },
      now: host.clock.now,
    };
  }

  const handlers: Handlers<typeof bundlesOperations> = {
    ...verificationHandlers({ host, signer: parts.signer, consoleName: parts.consoleName }),
    async 'audit.export'(call, input) {
      const asked = askedOf(input, parts.catalogue);
      const seal = await drafts.sealNow(asked, sealingOf(call));
      call.entry.resource = { type: 'bundle', id: null };
      call.entry.details = detailsOf(asked, seal);
      return new StreamedDocument(seal.file.size, seal.file.parts());
    },

    async 'bundles.count'({ workspace }, input) {
      const { selection } = askedOf(input, parts.catalogue);
      const open = store();
      const size = open.readAll((tx) => nextSeq(tx)) - 1;
      const { from, to, entries } = await measure({
        store: open,
        workspace,
        selection,
        size,
        pause: host.timers.breathe,
      });
      return { entries, from_seq: from, to_seq: to };
    },

    async 'bundles.start'(call, { include, ...input }) {
      const asked = askedOf(input, parts.catalogue);
      const { principal, workspace, origin, traceId } = call;
      return drafts.start({
        owner: ownerOf(call),
        asked,
        include: new Set(include),
        sealing: sealingOf(call),
        async record(seal) {
          await store().writable();
          store().write(workspace, (tx) =>
            parts.record(tx, {
              type: 'audit_export',
              action: 'bundles.seal',
              success: true,
              actor: actorOf(principal),
              resource: { type: 'bundle', id: null },
              origin,
              sessionId: principal.kind === 'user' ? principal.sessionId : null,
              traceId,
              details: detailsOf(asked, seal),
              dataAccessed: undefined,
              at: host.clock.now(),
            }),
          );
        },
      });
    },
    async 'bundles.attach'(call, { id, name, offset, data }) {
      return drafts.attach(ownerOf(call), id, name, offset, data);
    },
    async 'bundles.seal'(call, { id }) {
      return drafts.seal(ownerOf(call), id);
    },
    async 'bundles.state'(call, { id }) {
      return drafts.state(ownerOf(call), id);
    },
    async 'bundles.fetch'(call, { id }) {
      return drafts.fetch(ownerOf(call), id);
    },
    async 'bundles.discard'(call, { id }) {
      drafts.discard(ownerOf(call), id);
      return { ok: true };
    },
  };

  return {
    feature: { name: 'bundles', migrations: bundlesMigrations, scopedTables: ['pinned_signer'], handlers },
    [Symbol.dispose]: () => drafts[Symbol.dispose](),
  };
}

function detailsOf({ redaction, reason, filter }: Asked, seal: Seal): Record<string, unknown> {
  const { entries, from_seq, to_seq, whole_range, checkpoint_size, root_hash, content_digest, size_bytes } =
    summaryOf(seal);
  return {
    from_seq,
    to_seq,
    entries,
    whole_range,
    filter: whole_range ? null : filter,
    checkpoint_size,
    root_hash,
    content_digest,
    size_bytes,
    attachments: seal.file.manifest.attachments.map(({ name, sha256 }) => ({ name, sha256 })),
    redacted: redaction,
    reason,
  };
}

/** A key or a person; the same person in another session goes on where the first one was. */
function ownerOf({ principal, workspace }: Call): Owner {
  return { workspace, id: ownerId(principal) };
}

function ownerId(principal: Principal): string {
  if (principal.kind === 'user') return `user/${principal.userId}`;
  if (principal.kind === 'key') return `key/${principal.keyId}`;
  throw new ProblemError('access/forbidden', 'bundles are made by a signed-in user or an API key');
}
