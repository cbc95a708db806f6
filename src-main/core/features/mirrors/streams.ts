// The streams that a mirror may carry: the audit log, the part of it that people do from day to day, alerts, events. Each is read in the
// order of its own table, and each of its records can be written in every format.
import { activityTypes, type MirrorFormat, type MirrorStream } from '../../../../src-shared/contract/mirrors.ts';
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import { toHex } from '../../../base/bytes.ts';
import type { Event } from '../../../engine/event.ts';
import { createAlertOutput } from '../../../engine/outputs/alert-output.ts';
import { createOutput } from '../../../engine/outputs/output.ts';
import type { OutputEvent } from '../../../engine/outputs/output-event.ts';
import { jsonLine } from '../../../engine/outputs/wire.ts';
import type { ReadTx } from '../../store/store.ts';
import { changesAfter, lastChange } from '../alerts/index.ts';
import { entriesAfter, isEntry, type MirroredEntry, nextSeq } from '../audit/index.ts';
import { eventOf, eventsAfter, lastNumber } from '../events/index.ts';
import type { MirrorLevel, MirrorRecord } from './mirror.ts';

/** A record that is written once it is known in which format. */
export type StreamItem = Omit<MirrorRecord, 'line' | 'stream'> & { readonly line: (format: MirrorFormat) => string };

export type MirrorSource = {
  /** What comes after a position, and the position up to which that is all there is. */
  read(tx: ReadTx, after: number, limit: number): { items: StreamItem[]; through: number };
  /** The position of the last. */
  end(tx: ReadTx): number;
  /** Where a mirror begins that has nothing yet. */
  start(tx: ReadTx): number;
  /** Is this the record with that number? */
  holds(tx: ReadTx, record: Pick<MirrorRecord, 'seq' | 'id'>): boolean;
};

export type MirrorSources = Readonly<Record<MirrorStream, MirrorSource>>;

/** @param origin the console's name in its checkpoints */
export function createSources(version: string, origin: () => string): MirrorSources {
  const source = { version };
  const auditEnd = (tx: ReadTx): number => nextSeq(tx) - 1;
  const entries = (stream: 'audit' | 'activity', types?: readonly string[]): MirrorSource => ({
    read(tx, after, limit) {
      const found = entriesAfter(tx, after, limit, types);
      return { items: found.entries.map((entry) => entryItem(entry, stream)), through: found.through };
    },
    end: auditEnd,
    start: () => 0,
    holds: isEntry,
  });

  function entryItem(entry: MirroredEntry, stream: 'audit' | 'activity'): StreamItem {
    const { body } = entry;
    return {
      seq: body.seq,
      id: body.id,
      timeMs: entry.at,
      kind: body.event_type,
      level: body.success ? 'notice' : 'warning',
      line: (format) =>
        format === 'json'
          ? jsonLine(wireEntry(entry, stream))
          : createOutput(outputFormat(format), source).line(entryEvent(entry, origin())),
    };
  }

  return {
    audit: entries('audit'),
    activity: entries('activity', activityTypes),
    alerts: {
      read(tx, after, limit) {
        const changes = changesAfter(tx, after, limit);
        // An alert is written as it is now: of what happened to it within one batch the last says all.
        const last = new Map(changes.map((change) => [change.alert.id, change.seq]));
        return {
          items: changes
            .filter(({ alert, seq }) => last.get(alert.id) === seq)
            .map(({ seq, id, at, kind, alert }) => ({
              seq,
              id,
              timeMs: at,
              kind: `alert_${kind}`,
              level: alertLevels[alert.severity],
              line: (format) => createAlertOutput(outputFormat(format), source).line(alert),
            })),
          through: changes.at(-1)?.seq ?? after,
        };
      },
      end: lastChange,
      start: () => 0,
      holds: () => false,
    },
    events: {
      read(tx, after, limit) {
        const events = eventsAfter(tx, after, limit);
        return {
          items: events.map((stored) => ({
            seq: stored.seq,
            id: stored.id,
            timeMs: stored.at,
            kind: stored.format,
            level: 'info',
            line: (format) =>
              createOutput(outputFormat(format), source).line({
                event: eventOf(stored),
                format: stored.format,
                receivedAtMs: stored.received_at,
                sha256: stored.sha256,
              }),
          })),
          through: events.at(-1)?.seq ?? after,
        };
      },
      end: lastNumber,
      // A console that has taken in events for years does not send all of them to a receiver that was just set up.
      start: lastNumber,
      holds: () => false,
    },
  };
}

const alertLevels = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'info',
} as const satisfies Record<string, MirrorLevel>;

function outputFormat(format: MirrorFormat): Parameters<typeof createOutput>[0] {
  return format === 'json' ? 'jsonl' : format;
}

/** All that the log itself shows without anybody's key. With the hashes of all entries the tree can be built again, and with it its root. */
function wireEntry({ body, leafHash, sealed }: MirroredEntry, stream: 'audit' | 'activity'): Record<string, unknown> {
  return { stream, ...body, ...(sealed.length === 0 ? {} : { sealed }), leaf_hash: toHex(leafHash) };
}

/** The entry as an event, for the formats that know events. */
function entryEvent({ at, body, leafHash, sealed }: MirroredEntry, origin: string): OutputEvent {
  return { event: eventOfEntry(body, at, sealed, origin), format: 'audit', receivedAtMs: at, sha256: leafHash };
}

function eventOfEntry(body: EntryBody, at: number, sealed: readonly string[], origin: string): Event {
  const { seq, workspace, actor, resource, details } = body;
  return {
    id: body.id,
    timeMs: at,
    source: origin,
    event_type: body.event_type,
    action: body.action,
    success: body.success,
    ...(actor === undefined ? {} : { actor: actor.name }),
    ...(resource === undefined ? {} : { resource_type: resource.type, resource_id: resource.id }),
    ...(body.ip_address === undefined ? {} : { ip_address: body.ip_address }),
    ...(body.user_agent === undefined ? {} : { user_agent: body.user_agent }),
    ...(body.session_id === undefined ? {} : { session_id: body.session_id }),
    ...(body.trace_id === undefined ? {} : { trace_id: body.trace_id }),
    details: {
      ...details,
      audit: { seq, workspace, ...(actor === undefined ? {} : { actor_kind: actor.kind, actor_id: actor.id }), sealed },
    },
  };
}
