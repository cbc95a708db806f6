// Audit entries that nobody asked for: the service started or stopped, and what was noticed when its store was opened.
import type { AuditType } from '../../src-shared/audit-types.ts';
import type { NewEntry } from './dispatch/performing.ts';
import { defaultWorkspace } from './feature.ts';
import { findFact, setFact } from './features/setup/index.ts';
import type { Host } from './ports.ts';
import type { Remark } from './store/opening.ts';
import type { Store, WriteTx } from './store/store.ts';

export function systemEntry(type: AuditType, action: string, now: number, details: Record<string, unknown>): NewEntry {
  return {
    type,
    action,
    success: true,
    actor: { kind: 'system', id: null, name: 'system' },
    resource: undefined,
    origin: { ip: null, userAgent: null },
    sessionId: null,
    traceId: null,
    details,
    dataAccessed: undefined,
    at: now,
  };
}

export function remarkEntry(remark: Remark, now: number): NewEntry {
  if (remark.kind === 'mark-lost') {
    const { state, commit } = remark;
    return systemEntry('store_mark_lost', 'store.open', now, { state, commit });
  }
  return systemEntry('store_rollback_accepted', 'store.accept_older', now, {
    reasons: [...remark.reasons],
    commit: remark.commit,
    acknowledged_commit: remark.acknowledged,
    log_size: remark.contradiction?.logSize ?? null,
    checkpoint_size: remark.contradiction?.checkpointSize ?? null,
    set_aside: remark.setAside.map((path) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)),
  });
}

/** The same in a sentence, for the log. */
function remarkLine(remark: Remark): string {
  if (remark.kind === 'mark-lost') {
    return `store.mark is ${remark.state}: whether commits after ${remark.commit} were lost can not be told by it`;
  }
  return `accepted as it is: ${remark.reasons.join('; ')}`;
}

export function recordStart(
  store: Store,
  record: (tx: WriteTx, entry: NewEntry) => void,
  remarks: readonly Remark[],
  host: Host,
): void {
  const now = host.clock.now();
  store.write(defaultWorkspace, (tx) => {
    const clean = findFact(tx, 'stopped_cleanly');
    setFact(tx, 'stopped_cleanly', '0', now);
    for (const remark of remarks) record(tx, remarkEntry(remark, now));
    const details = clean === undefined ? { first: true } : { after_clean_stop: clean === '1' };
    record(tx, systemEntry('service_start', 'console.start', now, details));
  });
  for (const remark of remarks) host.log.warn('store opened', { detail: remarkLine(remark) });
}
