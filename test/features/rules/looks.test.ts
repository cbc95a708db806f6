// Looks back over many events: how far they are, ending them, and how many may run at once.
import { expect, it } from 'vitest';
import { Refusal } from '../../support/console.ts';
import { createRulesConsole, manyOrders, type RulesConsole } from './rules-console.ts';

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : String(error)),
  );
}

const task = '0d6f3c0e-5f0b-4a35-9d40-2c9a9f0a7a11';

/** The first progress that says how many events were looked at. */
async function underWay({ console, admin }: RulesConsole): Promise<{ done: number; total: number }> {
  for (;;) {
    const look = await console.call('detections.look', { task }, admin).catch(() => undefined);
    if (look?.phase === 'running' && look.done > 0) return look;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('tells how far a dry run is, and ends it when asked to', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await rules.send(2_000, { ip_address: '192.0.2.1', details: {} });
  const running = refusal(console.call('detections.dry_run', { source: manyOrders, task }, admin));
  const { done, total } = await underWay(rules);
  expect(done).toBeLessThan(total);
  expect(total).toBeGreaterThanOrEqual(2_000);
  expect(await refusal(console.call('detections.dry_run', { source: manyOrders, task }, admin))).toBe(
    'request/invalid',
  );
  await console.call('detections.cancel_look', { task }, admin);
  expect(await running).toBe('detections/cancelled');
  expect(await refusal(console.call('detections.look', { task }, admin))).toBe('detections/look-not-found');
  expect(await refusal(console.call('detections.cancel_look', { task }, admin))).toBe('detections/look-not-found');
  // Ended means ended: the same id may be used again, and the answer is whole.
  const dry = await console.call('detections.dry_run', { source: manyOrders, task }, admin);
  expect(dry).toMatchObject({ truncated: false, alerts: 1, matched: 2_000 });
});

it('counts the newest events exactly, however many are asked for', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await rules.send(50, { ip_address: '192.0.2.1', details: {} });
  const all = await console.call('detections.dry_run', { source: manyOrders }, admin);
  for (const most_events of [1, 49, all.events - 1]) {
    const part = await console.call('detections.dry_run', { source: manyOrders, most_events }, admin);
    expect(part).toMatchObject({ events: most_events, truncated: true });
  }
  const exactly = await console.call('detections.dry_run', { source: manyOrders, most_events: all.events }, admin);
  expect(exactly).toMatchObject({ events: all.events, truncated: false });
});

it('lets four run at once and refuses a fifth', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await rules.send(500, { ip_address: '192.0.2.1', details: {} });
  const five = await Promise.all(
    Array.from({ length: 5 }, () => refusal(console.call('detections.dry_run', { source: manyOrders }, admin))),
  );
  expect(five.filter((one) => one === 'detections/busy')).toHaveLength(1);
  expect(five.filter((one) => one === 'was not refused')).toHaveLength(4);
});
