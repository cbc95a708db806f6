// Events as a feature: taking them in from tools and files. Searching them is features/search.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { type eventsOperations, isUnread } from '../../../../src-shared/contract/events.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import { createPace } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { createDeclaredReader, type DeclaredItems, type DeclaredReader } from './declared.ts';
import { type EventItem, parseEvent } from './event-record.ts';
import { insertImport } from './events-table.ts';
import { createImports, ImportFailed } from './imports.ts';
import type { Intake, Taken } from './intake.ts';
import { eventsMigrations } from './migrations.ts';
import { previewImport } from './preview.ts';
import { keepRejections, listRejections, type Refused } from './rejections.ts';
import { replayedEvent } from './replayed.ts';
import {
  type CheckedEvent,
  checkSignatures,
  refuseTime,
  requireUnsignedAllowed,
  type SignatureSettings,
} from './signatures.ts';

export type EventsParts = {
  readonly host: Host;
  store(): Store;
  readonly intake: Intake;
  readonly signatures: SignatureSettings;
  /** Of log lines that name none (spec 05); UTC when absent. */
  readonly zone?: string | undefined;
  /** What the events of an API key are signed with, for the caller to zero. */
  findEventSecret(tx: ReadTx, keyId: string): Uint8Array | undefined;
};

export function createEvents({ host, store, intake, signatures, zone, findEventSecret }: EventsParts): Feature {
  const imports = createImports(host, intake, zone);

  function conclude(call: Call, state: Output<'imports.finish'>): void {
    store().write(call.workspace, (tx) => {
      tx.announce('imports.changed', state.id, 1);
      insertImport(tx, {
        id: state.id,
        name: state.name,
        startedAt: Date.parse(state.started_at),
        finishedAt: call.now,
        state: state.state,
        summary: JSON.stringify(state),
      });
      const texts = imports.refusedTexts(state);
      const bad: Refused[] = state.bad_lines.map(({ line, reason }, index) => ({
        place: line,
        reason,
        text: texts[index] ?? null,
      }));
      keepRejections(tx, { ...senderOf(call), file: state.name }, bad, state.rejected);
    });
    call.entry.resource = { type: 'import', id: state.id };
    call.entry.details = {
      name: state.name.toWellFormed(),
      format: state.format,
      state: state.state,
      bytes: state.bytes,
      records: state.records,
      accepted: state.accepted,
      duplicates: state.duplicates,
      rejected: state.rejected,
      alerts: state.alerts,
    };
  }

  /** A broken import leaves its row and its entry too: events of it may have been taken in. */
  async function kept<T>(call: Call, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ImportFailed)) throw error;
      call.entry.type = 'events_import';
      conclude(call, error.state);
      throw error.cause;
    }
  }

  /** Nearly always one; a record with a declared format may tell of several. */
  function itemsOf({ event, signedBy }: CheckedEvent, now: number, declared: DeclaredReader): DeclaredItems {
    const read = declared.read(event);
    if (signedBy === undefined) return read ?? [parseEvent(event)];
    const [first, ...others] = read ?? [parseEvent(event)];
    const signed = (item: EventItem): EventItem => {
      if (item.kind === 'rejected') return item;
      const late = refuseTime(item.event.timeMs, now, signatures);
      return { ...item, event: { ...item.event, signed_by: signedBy }, ...(late === undefined ? {} : { late }) };
    };
    return [signed(first), ...others.map(signed)];
  }

  async function parseAll(checked: readonly CheckedEvent[], now: number): Promise<DeclaredItems[]> {
    const pace = createPace(host);
    const declared = createDeclaredReader(now, zone);
    const parsed: DeclaredItems[] = [];
    for (const event of checked) {
      const turn = pace.step();
      if (turn !== undefined) await turn;
      parsed.push(itemsOf(event, now, declared));
    }
    return parsed;
  }

  const handlers: Handlers<typeof eventsOperations> = {
    async 'events.ingest'(call, input) {
      const secretOf = (keyId: string) => store().read(call.workspace, (tx) => findEventSecret(tx, keyId));
      const checked = await checkSignatures(input.events, call.principal, secretOf, host.timers);
      const parsed = await parseAll(checked, call.now);
      const items = parsed.flat();
      const { results } = await intake.take(call.workspace, items);
      const caller = { principal: call.principal, ip: call.origin.ip, now: call.now };
      const replayed = replayedEvent(host, items, results, caller);
      if (replayed !== undefined) await intake.take(call.workspace, [replayed]);
      const counts = { accepted: 0, duplicate: 0, rejected: 0 };
      const refused: Refused[] = [];
      let next = 0;
      const answers: Output<'events.ingest'>['results'] = parsed.map(([item, ...others], index) => {
        const sent = input.events[index];
        const own = results.slice(next, next + 1 + others.length);
        next += own.length;
        // What one record tells of several events is taken when one of them is.
        const outcome = own.find(({ status }) => status === 'accepted') ?? own[0] ?? notTaken;
        counts[outcome.status] += 1;
        const id = item.kind === 'event' && item.format !== 'api' ? item.event.id : idOf(sent);
        const reason = reasonOf(outcome);
        if (outcome.status === 'rejected') refused.push({ place: index, reason: outcome.reason, text: textOf(sent) });
        return { index, id, status: outcome.status, ...(reason === undefined ? {} : { reason }) };
      });
      if (refused.length > 0) {
        // Counts only: reasons quote field names, which are the caller's text.
        host.log.warn('events rejected', { count: refused.length });
        await store().writable();
        store().write(call.workspace, (tx) => keepRejections(tx, { ...senderOf(call), file: null }, refused));
      }
      return { accepted: counts.accepted, duplicates: counts.duplicate, rejected: counts.rejected, results: answers };
    },

    'rejections.list': (tx, _call, input) => listRejections(tx, input),
    'imports.preview': (call, input) => previewImport(call.now, input, zone),
    async 'imports.start'(call, input) {
      requireUnsignedAllowed(call.principal);
      return imports.start(call.workspace, input);
    },
    async 'imports.append'(call, input) {
      requireUnsignedAllowed(call.principal);
      return kept(call, imports.append(call.workspace, input.id, input.offset, input.data));
    },
    async 'imports.finish'(call, input) {
      const state = await kept(call, imports.finish(call.workspace, input.id));
      conclude(call, state);
      return state;
    },
    async 'imports.cancel'(call, input) {
      conclude(call, await imports.cancel(call.workspace, input.id));
      return { ok: true };
    },
  };

  return { name: 'events', migrations: eventsMigrations, scopedTables, handlers };
}

/** Intake answers each item. */
const notTaken: Taken = { status: 'rejected', reason: 'not taken' };

const scopedTables = ['event', 'import', 'event_rejection', 'event_rejection_total'];

function senderOf({ principal, now }: Call): { at: number; sentBy: string } {
  return { at: now, sentBy: actorOf(principal).name };
}

function textOf(value: unknown): string | null {
  if (isUnread(value)) return value[1];
  return typeof value === 'string' ? null : JSON.stringify(value);
}

function reasonOf(outcome: Taken): string | undefined {
  if (outcome.status === 'rejected') return outcome.reason;
  const differs = outcome.status === 'duplicate' && outcome.differs === true;
  return differs
    ? 'the event stored before with this id and time is another, or signed otherwise; it stays'
    : undefined;
}

function idOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id.slice(0, 64)
    : null;
}
