// What mirrors write in OCSF, held against its schema where that lies beside the checkout: entries of every kind, and alerts as they change.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';
import { createOcsfValidator, ocsfFolder } from '../../unit/outputs/ocsf-schema.ts';
import { allWell, breakableMirror, profileFolder, until } from './mirrored-console.ts';

const start = Date.UTC(2026, 10, 21, 14);

test.each(['1.1.0', '1.8.0'] as const)('OCSF %s', async (version) => {
  const folder = ocsfFolder(version);
  if (folder === undefined)
    process.stderr.write(`OCSF ${version}: its schema is not on this machine, so its classes alone are looked at\n`);
  const validate = folder === undefined ? undefined : createOcsfValidator(folder);
  const mirror = breakableMirror('siem', ['audit', 'alerts', 'events'], `ocsf-${version}`);
  await using console = await createTestConsole({ folder: profileFolder(), mirrors: [mirror] });
  const { session } = await console.signIn();
  const key = await console.createKey(['events.write'], session);
  await console.call(
    'events.ingest',
    {
      events: Array.from({ length: 12 }, () => ({
        id: randomUUID(),
        time: new Date(start).toISOString(),
        source: 'vpn',
        event_type: 'login',
        actor: 'alice',
        success: false,
        ip_address: '203.0.113.9',
      })),
    },
    key,
  );
  const reason = 'letter of 3 March';
  await console.call('subjects.access', { subject_id: 'greta@example.test', reason }, session);
  const [alert] = (await console.call('alerts.list', {}, session)).items;
  const id = alert?.id ?? '';
  await console.call('alerts.acknowledge', { id }, session);
  await until(console, session, allWell);
  await console.call('alerts.close', { id, verdict: 'true_positive', note: 'it was one' }, session);
  const alerts = () =>
    mirror.taken
      .filter(({ stream }) => stream === 'alerts')
      .map(({ line }) => JSON.parse(line) as Record<string, unknown>);
  await until(console, session, (items) => allWell(items) && alerts().at(-1)?.activity_id === 3);

  const written = mirror.taken.map(({ stream, kind, line }) => ({ stream, kind, event: JSON.parse(line) }));
  if (validate !== undefined) {
    expect(
      written.flatMap(({ stream, kind, event }) => validate(event).map((fault) => `${stream} ${kind}: ${fault}`)),
    ).toEqual([]);
  }
  const classes = new Set(written.map(({ stream, event }) => `${stream} ${event.class_uid}`));
  expect([...classes].sort()).toEqual(expect.arrayContaining(['alerts 2004', 'audit 0', 'audit 3002', 'events 3002']));
  for (const { event } of written) expect(event.metadata.version).toBe(version);
  expect(JSON.stringify(written)).not.toContain('greta');
});
