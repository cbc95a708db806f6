// Durable ingest over HTTPS in batches of 500 with all indicators on, against the same rows put straight into the same encrypted
// SQLite in transactions of 500 (spec 02).
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { recordOf } from '../../src-main/core/features/events/event-record.ts';
import { eventsMigrations } from '../../src-main/core/features/events/migrations.ts';
import { admin, clientOf, createProfile, enrolAdmin, startNode } from '../support/node.ts';
import { inPairs, median, report } from './measure.ts';

const batchSize = 500;
const batches = 40;

function makeEvents(count: number) {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    time: new Date(now - 60_000 + index).toISOString(),
    source: `host-${index % 20}`,
    event_type: index % 7 === 0 ? 'login' : 'api_call',
    actor: `user-${index % 500}`,
    success: index % 50 !== 0,
    ip_address: `198.51.100.${index % 250}`,
    resource_type: 'api',
    resource_id: `/orders/${index % 5000}?page=2&sort=name`,
    action: 'GET',
    bytes: 2_000 + (index % 900),
    details: { status: 200, method: 'GET', path: `/orders/${index % 5000}`, request_id: randomUUID() },
  }));
}

export async function benchIngest(): Promise<void> {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  });
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using session = clientOf(node, token);
  const { key } = await session.call('keys.create', { name: 'bench', scopes: ['events.write'] });
  using client = clientOf(node, key);
  const database = openSqlite(join(profile.home, 'direct.db'), new Uint8Array(32).fill(1));
  for (const { sql } of eventsMigrations) database.script(sql);

  const pairs = await inPairs(
    5,
    async () => {
      const events = makeEvents(batchSize * batches);
      const started = performance.now();
      for (let from = 0; from < events.length; from += batchSize) {
        await client.call('events.ingest', { events: events.slice(from, from + batchSize) });
      }
      return (events.length / (performance.now() - started)) * 1000;
    },
    async () => {
      const rows = makeEvents(batchSize * batches).map(({ time, ...rest }) => {
        const event = { ...rest, timeMs: Date.parse(time) };
        return { event, ...recordOf(event) };
      });
      const started = performance.now();
      for (let from = 0; from < rows.length; from += batchSize) {
        database.run('BEGIN IMMEDIATE');
        for (const { event, record, sha256 } of rows.slice(from, from + batchSize)) {
          database.run(
            `INSERT OR IGNORE INTO event (workspace, id, at, received_at, source, event_type, actor, success, ip_address, record, sha256, format)
             VALUES ('default', :id, :at, :at, :source, :event_type, :actor, :success, :ip_address, :record, :sha256, 'api')`,
            {
              id: event.id,
              at: event.timeMs,
              source: event.source,
              event_type: event.event_type,
              actor: event.actor,
              success: Number(event.success),
              ip_address: event.ip_address,
              record,
              sha256,
            },
          );
        }
        database.run('COMMIT');
      }
      return (rows.length / (performance.now() - started)) * 1000;
    },
  );
  const ratio = median(pairs.map(({ ours, theirs }) => ours / theirs));
  const ours = median(pairs.map((pair) => pair.ours));
  const theirs = median(pairs.map((pair) => pair.theirs));
  report(
    'Ingest: events/s, batches of 500',
    ratio,
    '≥ 0.50',
    `${ours.toFixed(0)}/s over HTTPS of ${theirs.toFixed(0)} rows/s direct`,
  );
  report('Ingest: against 5 000 events/s', ours / 5000, '≥ 1.00', 'client and server share the machine');
  database.close();
  await node.kill('SIGTERM');
}
