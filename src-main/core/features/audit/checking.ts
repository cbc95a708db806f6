// The log's health over time: the tail before ready, all of it in a thread soon after the start and each night, and the entry (with it the
// alert) that says so when something is wrong.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { instant } from '../../../base/instants.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { systemEntry } from '../../system-entries.ts';
import { checkApart, type SubjectVault } from './apart.ts';
import { treeSize } from './audit-table.ts';
import type { CheckThread } from './log-check.ts';
import { type CheckResult, checkOn, checkTail } from './self-check.ts';
import type { Today } from './signing-keys.ts';
import type { RecordEntry } from './signing-rotation.ts';

type Check = Output<'audit.status'>['check'];

/** Checked while a status is asked for: 33 µs each. */
const entriesAtOnce = 300;
const apartAtOnce = 100;
/** After the start. */
const firstMs = 1_000;
const nightlyMs = 24 * 3_600_000;
/** When the check was in somebody's way. */
const againMs = 60_000;

export type Checking = {
  check(): Check;
  checkTail(store: Store): CheckResult;
  /** Whoever asks for the chain's health gets it to the last entry; a page of entries costs a few milliseconds. */
  catchUp(tx: ReadTx): void;
  start(store: Store): CheckingWork;
};

export type CheckingWork = Disposable & {
  /** Says of a damaged log what is wrong with it, in an entry; once a start. */
  tell(detail: string, firstBadSeq: number | null, anchor: string | null): void;
  /** Ends a check that is under way, and waits until its thread has let go of the store; it begins anew later. */
  stop(): Promise<void>;
};

export type CheckingParts = {
  readonly host: Host;
  readonly thread: CheckThread;
  readonly vault: SubjectVault;
  today(): Today;
  record: RecordEntry;
};

export function createChecking({ host, thread, vault, today, record }: CheckingParts): Checking {
  let check: Check = { state: 'checking', checked_to: 0, at: null, first_bad_seq: null, detail: 'not checked yet' };

  function conclude(result: CheckResult): CheckResult {
    // The first finding stands until a check finds the log intact: entries appended since only cover its place.
    if (check.state === 'broken' && result.state === 'broken') return result;
    check = {
      state: result.state,
      checked_to: result.checkedTo,
      at: instant(host.clock.now()),
      first_bad_seq: result.firstBadSeq,
      detail: result.detail,
    };
    if (result.state === 'broken') host.log.error('audit log damaged', { detail: result.detail });
    return result;
  }

  return {
    check: () => check,
    checkTail: (store) => conclude(store.readAll((tx) => checkTail(tx, today()))),
    catchUp(tx) {
      if (check.state === 'intact' && check.checked_to < treeSize(tx))
        conclude(checkOn(tx, check.checked_to, entriesAtOnce));
    },
    start(store) {
      const work = new DisposableStack();
      const told = new Set<string>();
      let running: { readonly abort: AbortController; readonly over: Promise<void> } | undefined;

      function tell(detail: string, firstBadSeq: number | null, anchor: string | null): void {
        if (told.has(detail)) return;
        told.add(detail);
        try {
          store.write(defaultWorkspace, (tx) => record(tx, damageEntry(detail, firstBadSeq, anchor, host.clock.now())));
        } catch (error) {
          // A log that can't be appended to any more is worse than one without this entry; both are said in the log.
          host.log.error('damage of the audit log could not be recorded', { error: String(error), detail });
        }
      }

      function tellBroken(): void {
        if (check.state === 'broken') tell(check.detail, check.first_bad_seq, null);
      }

      async function checkEverything(signal: AbortSignal): Promise<void> {
        const before = check;
        // A tail found broken at the start stays broken until the whole log says otherwise.
        if (check.state === 'intact') check = { ...check, state: 'checking', detail: 'checking the whole log' };
        try {
          const result = await thread(
            today(),
            (checkedTo) => {
              check = { ...check, checked_to: checkedTo };
            },
            signal,
          );
          conclude(result.state === 'broken' ? result : await withApart(result, signal));
          tellBroken();
        } catch (error) {
          check = before;
          if (signal.aborted) return;
          host.log.error('audit self-check failed', { error: String(error) });
          later();
        }
      }

      /** The keys of persons stay on this thread: what is sealed under them is opened here, a little at a time. */
      async function withApart(result: CheckResult, signal: AbortSignal): Promise<CheckResult> {
        for (let next: number | undefined = 0; next !== undefined; ) {
          const after: number = next;
          const page = store.readAll((tx) => checkApart(tx, vault, after, apartAtOnce));
          if (page.fault !== undefined) {
            return { ...result, state: 'broken', firstBadSeq: page.fault.seq, detail: page.fault.detail };
          }
          next = page.next;
          await host.timers.breathe();
          signal.throwIfAborted();
        }
        return result;
      }

      function run(): void {
        if (running !== undefined) return;
        // The store's file is about to be exchanged.
        if (store.writesPaused()) {
          later();
          return;
        }
        const abort = new AbortController();
        const over = checkEverything(abort.signal).finally(() => {
          running = undefined;
        });
        running = { abort, over };
      }

      let timer: Disposable | undefined;
      function later(): void {
        timer?.[Symbol.dispose]();
        timer = host.timers.after(againMs, run);
      }
      work.defer(() => timer?.[Symbol.dispose]());
      work.defer(() => running?.abort.abort());
      work.use(
        host.timers.after(firstMs, () => {
          tellBroken();
          run();
        }),
      );
      work.use(host.timers.every(nightlyMs, run));
      return {
        tell,
        async stop() {
          if (running === undefined) return;
          const { abort, over } = running;
          abort.abort();
          await over;
          later();
        },
        [Symbol.dispose]: () => work.dispose(),
      };
    },
  };
}

function damageEntry(detail: string, firstBadSeq: number | null, anchor: string | null, at: number): NewEntry {
  const entry = systemEntry('audit_damaged', 'audit.check', at, { detail, first_bad_seq: firstBadSeq, anchor });
  return { ...entry, success: false };
}
