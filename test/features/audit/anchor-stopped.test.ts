// An anchor that has stopped is an alert: a real witness that doesn't know this log, and then does.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Anchor } from '../../../src-main/core/features/audit/index.ts';
import type { TestConsole } from '../../support/console.ts';
import { createWitnessServer } from '../../support/witness-server.ts';
import { allAnchored, fileAnchor, folders, openWith, until, witnessAnchor } from './anchored-console.ts';

/** When the next console is started. */
function after({ host }: TestConsole): number {
  return host.clock.now() - Date.UTC(2026, 10, 21, 14) + 60_000;
}

async function entries(console: TestConsole, session: Credential, event_type: string) {
  return (await console.call('audit.entries', { event_type }, session)).items;
}

async function alertsOf(console: TestConsole, session: Credential) {
  return (await console.call('alerts.list', {}, session)).items;
}

/** In steps that a real answer is faster than, as seen by the console's clock. */
async function pass(console: TestConsole, minutes: number, done: () => Promise<boolean>): Promise<void> {
  for (let step = 0; step < minutes * 2 && !(await done()); step++) {
    console.host.advance(30_000);
    await sleep(30);
  }
}

test('half an hour without a cosignature raises one alert, also over a restart; the next one is noted on it', {
  timeout: 60_000,
}, async () => {
  const where = folders();
  await using server = await createWitnessServer();
  const anchors = (): Anchor[] => [fileAnchor(where), witnessAnchor(server)];
  const first = await openWith(where.profile, anchors());
  const { session } = await first.signIn();
  const { verifier_key } = await first.call('audit.public_key', {}, session);
  await first.call('audit.checkpoint', {}, session);
  await until(first, session, (status) => status.anchors[1]?.state === 'failing');
  await pass(first, 28, async () => (await alertsOf(first, session)).length > 0);
  expect(await alertsOf(first, session)).toEqual([]);
  await pass(first, 30, async () => (await alertsOf(first, session)).length > 0);
  const [alert] = await alertsOf(first, session);
  expect(await alertsOf(first, session)).toMatchObject([
    {
      title: 'An anchor of the log has stopped',
      severity: 'medium',
      count: 1,
      entities: [{ kind: 'resource', value: 'witness.example/w1' }],
    },
  ]);
  const id = alert?.id ?? '';
  const { sentence } = await first.call('alerts.get', { id }, session);
  expect(sentence).toMatch(
    /^witness\.example\/w1 has taken no checkpoint since 2026-11-21T14:0\d:.* answered with status 40/,
  );
  expect(await entries(first, session, 'anchor_stopped')).toMatchObject([
    {
      action: 'audit.anchor_stopped',
      actor: { kind: 'system' },
      success: false,
      resource: { type: 'anchor', id: 'witness.example/w1' },
      details: { anchor: 'witness.example/w1' },
    },
  ]);
  await pass(first, 40, async () => (await entries(first, session, 'anchor_stopped')).length > 1);
  expect(await entries(first, session, 'anchor_stopped')).toHaveLength(1);
  await first[Symbol.asyncDispose]();

  // The outage goes on after the restart: it was said already.
  await using second = await openWith(where.profile, anchors(), after(first));
  await second.call('audit.checkpoint', {}, session);
  await until(second, session, (status) => status.anchors[1]?.state === 'failing');
  await pass(second, 45, async () => (await entries(second, session, 'anchor_stopped')).length > 1);
  expect(await entries(second, session, 'anchor_stopped')).toHaveLength(1);
  expect(await entries(second, session, 'anchor_resumed')).toEqual([]);

  server.know(verifier_key);
  await second.call('audit.checkpoint', {}, session);
  await until(second, session, allAnchored);
  await pass(second, 5, async () => (await entries(second, session, 'anchor_resumed')).length > 0);
  expect(await entries(second, session, 'anchor_resumed')).toMatchObject([
    { details: { anchor: 'witness.example/w1', alerts: [alert?.number] } },
  ]);
  const { activity, status, count } = await second.call('alerts.get', { id }, session);
  expect({ status, count }).toEqual({ status: 'open', count: 1 });
  expect(activity).toMatchObject([
    { kind: 'raised' },
    {
      kind: 'noted',
      note: expect.stringMatching(/^The anchor takes checkpoints again; it had failed since 2026-11-21/),
    },
  ]);
});

test('an anchor that was taken out of the settings while it had stopped is forgotten with it', {
  timeout: 60_000,
}, async () => {
  const where = folders();
  await using server = await createWitnessServer();
  const first = await openWith(where.profile, [witnessAnchor(server)]);
  const { session } = await first.signIn();
  const { verifier_key } = await first.call('audit.public_key', {}, session);
  await first.call('audit.checkpoint', {}, session);
  await pass(first, 60, async () => (await entries(first, session, 'anchor_stopped')).length > 0);
  await first[Symbol.asyncDispose]();
  const without = await openWith(where.profile, [], after(first));
  await without[Symbol.asyncDispose]();
  server.know(verifier_key);
  await using again = await openWith(where.profile, [witnessAnchor(server)], after(first) + 60_000);
  again.host.advance(1_000);
  await until(again, session, allAnchored);
  expect(await entries(again, session, 'anchor_stopped')).toHaveLength(1);
  expect(await entries(again, session, 'anchor_resumed')).toEqual([]);
});
