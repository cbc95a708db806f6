// The console about itself: alive, ready, what its frame shows, and the document of its API.
import type { consoleOperations } from '../../../../src-shared/contract/console.ts';
import { stream } from '../../../../src-shared/contract/console.ts';
import type { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { openApiDocument } from '../../../../src-shared/openapi.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import { countEvents } from '../events/index.ts';
import { eventsDeleted } from '../retention/index.ts';
import { findFact } from '../setup/index.ts';

export type ConsoleParts = {
  readonly version: string;
  readonly startedAt: number;
  instanceId(): string;
  keyProtection(): string;
  /** Why it isn't open with its tail checked; undefined when it is. */
  unready(): ProblemError | undefined;
  streamCount(): number;
  detectorCounts(): { on: number; total: number };
  apiAddress(): string;
};

export function createConsoleFeature(parts: ConsoleParts): Feature {
  const handlers: Handlers<typeof consoleOperations> = {
    'console.health': async () => ({ status: 'ok' }),
    async 'console.ready'() {
      const unready = parts.unready();
      if (unready !== undefined) throw unready;
      return { status: 'ready' };
    },
    'console.status'(tx, call) {
      const events = countEvents(tx);
      const detectors = parts.detectorCounts();
      return {
        version: parts.version,
        console_name: findFact(tx, 'console_name') ?? 'Gatehouse',
        instance_id: parts.instanceId(),
        workspace: call.workspace,
        api_address: parts.apiAddress(),
        streams: parts.streamCount(),
        streams_max: stream.maxConnections,
        started_at: instant(parts.startedAt),
        now: instant(call.now),
        detectors_on: detectors.on,
        detectors_total: detectors.total,
        events_total: events.total - eventsDeleted(tx),
        last_event_at: events.lastReceivedAt === null ? null : instant(events.lastReceivedAt),
        key_protection: parts.keyProtection(),
      };
    },
    'console.openapi': async () => openApiDocument({ version: parts.version, serverUrl: parts.apiAddress() }),
  };
  return { name: 'console', migrations: [], scopedTables: [], handlers };
}
