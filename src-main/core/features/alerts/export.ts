// Alerts as lines for other tools: the queue's filters, page after page. The events that an alert rests on are named, not written out.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { type AlertToWrite, createAlertOutput } from '../../../engine/outputs/alert-output.ts';
import type { Call } from '../../dispatch/handler.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { type AlertRecord, wireRow } from './alert-record.ts';
import { getStory } from './alerts-table.ts';
import { findEventReferences } from './evidence-table.ts';
import { parseCursor, parseFilter, writeCursor } from './filter.ts';
import { findNamed } from './groups.ts';
import { findPage } from './queue-table.ts';
import type { DetectorSnapshot } from './raise.ts';

const exportLimit = 500;
const eventsNamed = 100;
/** Alerts read and written at once: what else waits is let in between. */
const atOnce = 50;

export type ExportParts = {
  readonly host: Pick<Host, 'timers'>;
  readonly store: () => Store;
  readonly version: string;
};

export async function exportAlerts(
  { host, store, version }: ExportParts,
  call: Call,
  { cursor, limit = exportLimit, sort = 'newest', format, ...filters }: Input<'alerts.export'>,
): Promise<Output<'alerts.export'>> {
  const after = cursor === undefined ? undefined : parseCursor(cursor, sort);
  const found = store().read(call.workspace, (tx) =>
    findPage(tx, parseFilter(filters, call.principal, findNamed(tx)), sort, after, limit + 1),
  );
  const page = found.slice(0, limit);
  const output = createAlertOutput(format, { version });
  const lines: string[] = [];
  for (let at = 0; at < page.length; at += atOnce) {
    if (at > 0) await host.timers.breathe();
    const some = page.slice(at, at + atOnce);
    lines.push(...store().read(call.workspace, (tx) => some.map((alert) => output.line(toWrite(tx, alert)))));
  }
  // One export is one entry, however many pages it is fetched in.
  if (after === undefined) call.entry.details = { format, filters };
  else call.entry.type = null;
  const last = page.at(-1);
  return {
    format,
    header: output.header,
    lines,
    next_cursor: found.length > limit && last !== undefined ? writeCursor(sort, last) : null,
  };
}

function toWrite(tx: ReadTx, alert: AlertRecord): AlertToWrite {
  const story = getStory(tx, alert.key);
  const { title, description, references, parameters } = JSON.parse(story.detector) as DetectorSnapshot;
  return {
    ...wireRow(alert),
    sentence: story.sentence,
    risk_derivation: [...story.riskDerivation],
    detector: {
      id: alert.detectorId,
      title,
      version: story.detectorVersion,
      description,
      references: [...references],
      parameters: { ...parameters },
    },
    events: findEventReferences(tx, alert.key, eventsNamed).map(({ eventId, sha256 }) => ({ id: eventId, sha256 })),
  };
}
