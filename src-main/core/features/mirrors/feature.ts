// Mirrors: the audit log, alerts and events also go to files beside the store and to other systems, so that losing this computer does not
// lose them. Start here: the operations. mirroring.ts runs the lanes, mirror-lane.ts is one of them, streams.ts says what is sent.

import type { Topic } from '../../../../src-shared/contract/console.ts';
import type { MirrorStream, mirrorsOperations } from '../../../../src-shared/contract/mirrors.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { systemEntry } from '../../system-entries.ts';
import { mirrorsMigrations } from './migrations.ts';
import type { Mirror } from './mirror.ts';
import { createMirroring, type MirroringWork } from './mirroring.ts';
import { createSources } from './streams.ts';

export type MirrorsParts = {
  readonly host: Host;
  readonly mirrors: readonly Mirror[];
  readonly version: string;
  /** The console's name in its checkpoints. */
  readonly origin: () => string;
  record(tx: WriteTx, entry: NewEntry): void;
  /** On the alerts about a mirror. @returns their numbers */
  noteAlerts(tx: WriteTx, mirror: string, note: string, now: number): readonly number[];
};

export type Mirrors = {
  readonly feature: Feature;
  /** What is announced to everybody tells the mirrors too that there is something for them. */
  announced(topic: Topic): void;
  start(store: Store): MirroringWork;
};

const woken: Partial<Record<Topic, readonly MirrorStream[]>> = {
  'audit.grew': ['audit', 'activity'],
  'alerts.changed': ['alerts'],
  'events.taken': ['events'],
};

export function createMirrors({ host, mirrors, version, origin, record, noteAlerts }: MirrorsParts): Mirrors {
  const mirroring = createMirroring({
    host,
    mirrors,
    sources: createSources(version, origin),
    stopped(tx, mirror, details) {
      const entry = systemEntry('mirror_stopped', 'mirrors.stopped', host.clock.now(), { mirror, ...details });
      record(tx, { ...entry, success: false, resource: { type: 'mirror', id: mirror } });
    },
    resumed(tx, mirror, since) {
      const now = host.clock.now();
      const alerts = noteAlerts(tx, mirror, `The mirror works again; it had failed since ${since}.`, now);
      const entry = systemEntry('mirror_resumed', 'mirrors.resumed', now, { mirror, since, alerts });
      record(tx, { ...entry, resource: { type: 'mirror', id: mirror } });
    },
    unset(tx, names) {
      record(tx, systemEntry('config_change', 'mirrors.unset', host.clock.now(), { mirrors: names }));
    },
  });

  const handlers: Handlers<typeof mirrorsOperations> = {
    'mirrors.list': (tx) => ({ items: mirroring.status(tx.everywhere) }),
    'mirrors.retry': () => ({ failing: mirroring.retry() }),
  };

  return {
    feature: { name: 'mirrors', migrations: mirrorsMigrations, scopedTables: [], handlers },
    announced(topic) {
      const streams = woken[topic];
      if (streams !== undefined) mirroring.wake(streams);
    },
    start: mirroring.start,
  };
}
