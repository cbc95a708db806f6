// The audit log as a feature: reading it, its health, checkpoints. Appending is log.ts, called by dispatch.

import type { auditOperations } from '../../../../src-shared/contract/audit.ts';
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { toBase64 } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import { parseNumberCursor } from '../../dispatch/number-cursor.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace, type Feature } from '../../feature.ts';
import type { Host, StoreMarks } from '../../ports.ts';
import type { Witness } from '../../store/opening.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { systemEntry } from '../../system-entries.ts';
import { type Catalogue, chosenBy } from '../frameworks/index.ts';
import type { Anchor } from './anchor.ts';
import { createAnchoring } from './anchoring.ts';
import type { SubjectVault } from './apart.ts';
import { type EntryFilter, findEntries, lastCheckpoint, type StoredCheckpoint, treeSize } from './audit-table.ts';
import { createChecking } from './checking.ts';
import { type Signer, signCheckpoint } from './checkpoints.ts';
import type { CheckThread } from './log-check.ts';
import { auditMigrations } from './migrations.ts';
import { presentEntries } from './present.ts';
import type { CheckResult } from './self-check.ts';
import { presentKeys } from './signing-keys.ts';
import { rotateSigningKey, type SigningKeys, settleSigningKeys, verifierKeyOf } from './signing-rotation.ts';
import { contradictionOf } from './witness.ts';

const firstComparisonMs = 1_000;
const nightlyMs = 24 * 3_600_000;

/** Who acted, and by which call. */
type Cause = Pick<NewEntry, 'actor' | 'origin' | 'sessionId' | 'traceId' | 'action'>;

export type AuditParts = {
  readonly host: Host;
  readonly catalogue: () => Catalogue;
  readonly signing: SigningKeys;
  readonly instanceId: string;
  /** Keeps signed checkpoints outside the store. */
  readonly keepCheckpoint: StoreMarks['appendCheckpoint'];
  readonly checkpointIntervalMs: number;
  readonly anchors: readonly Anchor[];
  readonly checkThread: CheckThread;
  /** Keys of the persons that entries are about. */
  readonly subjectVault: SubjectVault;
  /** Writes an entry, and makes an event of it. */
  record(tx: WriteTx, entry: NewEntry): void;
  /** On the alerts about an anchor. @returns their numbers */
  noteAlerts(tx: WriteTx, anchor: string, note: string, now: number): readonly number[];
};

export type Audit = {
  readonly feature: Feature;
  /** Of the key that signs now: ask anew for each use. */
  readonly signer: Signer;
  /** Once the store is open, before anything is signed: which of the signing keys it is. @returns versions that nothing needs any more */
  settleKeys(store: Store): readonly number[];
  /** The key of the version `to`, which the key file holds already, signs once `tx` is committed. */
  rotateSigningKey(tx: WriteTx, versions: { from: number; to: number }, cause: Cause, now: number): void;
  /** Holds checkpoints that were kept outside against the store. */
  readonly witness: Witness;
  /** Before ready. The result also stands in `audit.status`. */
  checkTail(store: Store): CheckResult;
  /** Checkpoints, anchors and the full check, until disposed; disposing signs a last checkpoint. */
  start(store: Store): AuditWork;
};

export type AuditWork = Disposable & {
  /** The full check lets go of the store's file; it begins anew later. */
  stopCheck(): Promise<void>;
  /** Signs, and waits a moment for anchors that are quick. */
  finish(): Promise<void>;
};

export function createAudit(parts: AuditParts): Audit {
  const { host } = parts;
  const origin = `gatehouse/${parts.instanceId}`;
  const anchoring = createAnchoring(host, parts.anchors);
  const signerOf = (version: number): Signer => ({
    origin,
    verifierKey: verifierKeyOf(parts.signing, origin, version),
    sign: parts.signing.key(version).sign,
    keep: parts.keepCheckpoint,
    anchors: anchoring.names,
    wakeAnchors: anchoring.wake,
  });
  // The newest until the store is open and says which it is.
  let signer = signerOf(Math.max(...parts.signing.versions()));
  const checking = createChecking({
    host,
    thread: parts.checkThread,
    vault: parts.subjectVault,
    today: () => signer,
    record: parts.record,
  });

  /** A log that agrees with itself, but not with what an anchor holds, is another one than it was. */
  function withAnchors(): Output<'audit.status'>['check'] {
    const check = checking.check();
    const finding = anchoring.finding();
    if (finding === undefined || check.state === 'broken') return check;
    return { ...check, state: 'broken', first_bad_seq: finding.firstBadSeq, detail: finding.detail };
  }

  const handlers: Handlers<typeof auditOperations> = {
    'audit.entries'(tx, _call, input) {
      const limit = input.limit ?? defaultLimit;
      const found = findEntries(tx, filterOf(input, chosenBy(parts.catalogue, input)?.event_types), {
        order: 'newest',
        limit: limit + 1,
        beyond: parseNumberCursor(input.cursor),
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items: presentEntries(tx, parts.subjectVault, items),
        next_cursor: found.length > limit && last !== undefined ? String(last.seq) : null,
      };
    },
    'audit.status'(tx) {
      const size = treeSize(tx);
      checking.catchUp(tx.everywhere);
      const last = lastCheckpoint(tx);
      return {
        size,
        checkpoint: last === undefined ? null : presentCheckpoint(last),
        check: withAnchors(),
        anchors: anchoring.status(tx.everywhere),
        origin,
        verifier_key: signer.verifierKey.text,
      };
    },
    'audit.checkpoint'(tx, call) {
      const signed = signCheckpoint(tx, signer, call.now);
      if (signed === undefined) throw new ProblemError('audit/range', 'the log is empty; there is nothing to sign yet');
      // Whoever asks waits for it, also where nothing new was signed.
      tx.afterCommit(anchoring.retry);
      return presentCheckpoint(signed);
    },
    'audit.public_key': (tx) => presentKeys(tx.everywhere, signer),
  };

  return {
    feature: {
      name: 'audit',
      migrations: auditMigrations,
      scopedTables: ['audit_body', 'audit_apart', 'audit_hold', 'audit_share'],
      handlers,
    },
    get signer() {
      return signer;
    },
    settleKeys(store) {
      const { version, surplus } = store.write(defaultWorkspace, (tx) =>
        settleSigningKeys(tx, parts.signing, origin, parts.record, host.clock.now()),
      );
      signer = signerOf(version);
      return surplus;
    },
    rotateSigningKey(tx, versions, cause, now) {
      const record = (details: Record<string, unknown>): void =>
        parts.record(tx, {
          ...cause,
          type: 'key_rotation',
          success: true,
          resource: { type: 'key', id: null },
          details,
          dataAccessed: undefined,
          at: now,
        });
      rotateSigningKey(tx, parts.signing, versions, signer, record, now);
      tx.afterCommit(() => {
        signer = signerOf(versions.to);
      });
    },
    witness: (tx, notes) => contradictionOf(tx, notes, signer),
    checkTail: checking.checkTail,
    start(store) {
      const work = new DisposableStack();
      const checks = work.use(checking.start(store));
      // Called by a timer and while stopping: a full disk or a damaged log must end neither the process nor the stopping.
      function sign(): void {
        if (store.writesPaused()) return;
        try {
          store.write(defaultWorkspace, (tx) => signCheckpoint(tx, signer, host.clock.now()));
        } catch (error) {
          host.log.error('checkpoint could not be signed', { error: String(error) });
        }
      }
      const anchors = work.use(
        anchoring.start(store, () => signer, {
          found(anchor, finding) {
            host.log.error('an anchor contradicts the audit log', { anchor, detail: finding.detail });
            checks.tell(finding.detail, finding.firstBadSeq, anchor);
          },
          unset(tx, names) {
            parts.record(tx, systemEntry('config_change', 'audit.anchors_unset', host.clock.now(), { anchors: names }));
          },
          stopped(tx, anchor, details) {
            const entry = systemEntry('anchor_stopped', 'audit.anchor_stopped', host.clock.now(), {
              anchor,
              ...details,
            });
            parts.record(tx, { ...entry, success: false, resource: { type: 'anchor', id: anchor } });
          },
          resumed(tx, anchor, since) {
            const now = host.clock.now();
            const note = `The anchor takes checkpoints again; it had failed since ${since}.`;
            const alerts = parts.noteAlerts(tx, anchor, note, now);
            const entry = systemEntry('anchor_resumed', 'audit.anchor_resumed', now, { anchor, since, alerts });
            parts.record(tx, { ...entry, resource: { type: 'anchor', id: anchor } });
          },
        }),
      );
      work.use(host.timers.every(parts.checkpointIntervalMs, sign));
      work.use(host.timers.after(firstComparisonMs, () => anchors.compare('newest')));
      work.use(host.timers.every(nightlyMs, () => anchors.compare('all')));
      work.defer(sign);
      return {
        stopCheck: checks.stop,
        async finish() {
          await checks.stop();
          sign();
          await anchors.drain();
        },
        [Symbol.dispose]: () => work.dispose(),
      };
    },
  };
}

function filterOf(input: Input<'audit.entries'>, eventTypes: EntryFilter['event_types']): EntryFilter {
  return {
    event_type: input.event_type,
    event_types: eventTypes,
    actor: input.actor,
    session_id: input.session_id,
    success: input.success,
    since: input.since === undefined ? undefined : Date.parse(input.since),
    until: input.until === undefined ? undefined : Date.parse(input.until),
    from_seq: input.from_seq,
    to_seq: input.to_seq,
  };
}

function presentCheckpoint(checkpoint: StoredCheckpoint): Output<'audit.checkpoint'> {
  return {
    size: checkpoint.size,
    root: toBase64(checkpoint.root),
    note: checkpoint.note,
    signed_at: instant(checkpoint.signed_at),
  };
}
