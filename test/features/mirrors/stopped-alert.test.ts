// A mirror that has stopped is an alert: a real collector that refuses, and then takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createOtlpMirror } from '../../../src-main/adapters/telemetry/otlp-mirror.ts';
import type { Mirror } from '../../../src-main/core/features/mirrors/index.ts';
import { parseOtlpTarget } from '../../../src-main/core/mirror-targets.ts';
import { createTestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { createOtlpCollector, type OtlpCollector } from '../../support/otlp-collector.ts';
import { allWell, until } from './mirrored-console.ts';

const start = Date.UTC(2026, 10, 21, 14);

function mirrorTo({ address }: OtlpCollector): Mirror {
  return createOtlpMirror({
    name: `${address}/v1/logs`,
    target: parseOtlpTarget(`${address}/v1/logs`),
    trust: { ca: undefined, client: undefined },
    headers: () => ({}),
    version: '1.2.3',
    timeoutMs: 5_000,
  });
}

test('a collector that refuses for five minutes raises one alert; when it takes again the alert says so and stays open', async () => {
  await using collector = await createOtlpCollector();
  await using well = await createOtlpCollector();
  collector.fault({ kind: 'status', status: 401 }, 1_000);
  const mirrors = [mirrorTo(collector), mirrorTo(well)];
  await using console = await createTestConsole({ mirrors, host: createTestHost(start, 'refusing collector') });
  const { session } = await console.signIn();
  await until(console, session, ([one, two]) => one?.state === 'failing' && two?.state === 'well');
  const alerts = async () => (await console.call('alerts.list', {}, session)).items;
  const advance = async (minutes: number, done: () => Promise<boolean>) => {
    for (let step = 0; step < minutes * 3 && !(await done()); step++) {
      console.host.advance(20_000);
      await sleep(30);
    }
  };
  await advance(4, async () => (await alerts()).length > 0);
  expect(await alerts()).toEqual([]);
  await advance(10, async () => (await alerts()).length > 0);
  const [alert] = await alerts();
  const name = `${collector.address}/v1/logs`;
  expect(alert).toMatchObject({
    title: 'A mirror of the log has stopped',
    severity: 'medium',
    count: 1,
    entities: [{ kind: 'resource', value: name }],
  });
  // It goes on failing: that is the same stop.
  const requests = collector.taken.length;
  await advance(30, async () => collector.taken.length > requests + 5);
  expect(await alerts()).toMatchObject([{ id: alert?.id, count: 1, revision: alert?.revision }]);
  const told = async () => await console.call('alerts.get', { id: alert?.id ?? '' }, session);
  expect(await told()).toMatchObject({
    sentence: expect.stringMatching(/^http:.* has taken nothing since 2026-11-21T14:00/),
  });

  collector.mend();
  await console.call('mirrors.retry', {}, session);
  await until(console, session, allWell);
  const { activity, status } = await told();
  expect(activity).toMatchObject([
    { kind: 'raised' },
    { kind: 'noted', actor: 'system', note: expect.stringMatching(/^The mirror works again; it had failed since /) },
  ]);
  expect(status).toBe('open');
  const seqs = collector.logs.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

test('an alert that was closed meanwhile gets no note', async () => {
  await using collector = await createOtlpCollector();
  collector.fault({ kind: 'status', status: 401 }, 1_000);
  const host = createTestHost(start, 'refusing collector');
  await using console = await createTestConsole({ mirrors: [mirrorTo(collector)], host });
  const { session } = await console.signIn();
  const alerts = async () => (await console.call('alerts.list', {}, session)).items;
  for (let step = 0; step < 45 && (await alerts()).length === 0; step++) {
    host.advance(20_000);
    await sleep(30);
  }
  const id = (await alerts())[0]?.id ?? '';
  await console.call('alerts.close', { id, verdict: 'benign_positive', note: 'the collector is being moved' }, session);
  collector.mend();
  await console.call('mirrors.retry', {}, session);
  await until(console, session, allWell);
  const { activity } = await console.call('alerts.get', { id }, session);
  expect(activity.map(({ kind }) => kind)).toEqual(['raised', 'closed']);
  const { items } = await console.call('audit.entries', { event_type: 'mirror_resumed' }, session);
  expect(items).toMatchObject([{ details: { alerts: [] } }]);
});
