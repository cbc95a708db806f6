// Looking back: dry runs, what-ifs against judged alerts, and alerts computed anew from their evidence.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Database } from '../../../src-main/core/ports.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { Refusal } from '../../support/console.ts';
import { bigOrder, createRulesConsole, manyOrders, manyOrdersId } from './rules-console.ts';

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : String(error)),
  );
}

it('runs a rule that is not there yet over stored events, and raises nothing', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const ids = await rules.send(5, { ip_address: '192.0.2.1', details: {} });
  await rules.send(2, { ip_address: '192.0.2.2', details: {} });
  const dry = await console.call('detections.dry_run', { source: manyOrders }, admin);
  expect(dry).toMatchObject({
    events: expect.any(Number),
    truncated: false,
    alerts: 1,
    matched: 5,
    shown: [{ title: '5 orders from 192.0.2.1', severity: 'high', count: 5, events: ids }],
  });
  const lower = await console.call('detections.dry_run', { source: manyOrders, parameters: { limit: 1 } }, admin);
  expect(lower.alerts).toBe(2);
  const newest = await console.call('detections.dry_run', { source: manyOrders, most_events: 3 }, admin);
  expect(newest).toMatchObject({ events: 3, truncated: true, alerts: 0 });
  expect(await rules.alertsOf(manyOrdersId)).toEqual([]);
  expect(await refusal(console.call('detections.dry_run', { source: 'title: x' }, admin))).toBe('rules/invalid');
});

it('says how many alerts a changed limit would have left, and which true ones it would have hidden', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders }, admin);
  await rules.settled();
  for (let n = 1; n <= 4; n++) await rules.send(3 + n, { ip_address: `192.0.2.${n}`, details: {} });
  const [last, , second, first] = (await rules.alertsOf(manyOrdersId)).toSorted((a, b) => b.number - a.number);
  await console.call('alerts.close', { id: first?.id ?? '', verdict: 'true_positive', note: 'real' }, admin);
  await console.call(
    'alerts.close',
    { id: second?.id ?? '', verdict: 'false_positive_logic', note: 'not real' },
    admin,
  );
  await console.call('alerts.close', { id: last?.id ?? '', verdict: 'true_positive', note: 'real' }, admin);
  const what = await console.call('detections.what_if', { rule: id, parameters: { limit: 5 } }, admin);
  expect(what).toMatchObject({ before: 4, after: 2, hidden_true_positives: 1, added: [] });
  expect(what.hidden.map(({ number, verdict }) => [number, verdict])).toEqual([
    [first?.number, 'true_positive'],
    [second?.number, 'false_positive_logic'],
  ]);
  const lower = await console.call('detections.what_if', { rule: id, parameters: { limit: 1 } }, admin);
  expect(lower).toMatchObject({ before: 4, after: 4, hidden: [] });
  await rules.send(2, { ip_address: '192.0.2.9', details: {} });
  const added = await console.call('detections.what_if', { rule: id, parameters: { limit: 1 } }, admin);
  expect(added).toMatchObject({ before: 4, after: 5, added: [{ title: '2 orders from 192.0.2.9' }] });

  const exception = [{ field: 'ip_address', value: '192.0.2.4' }];
  const excepted = await console.call('detections.what_if', { rule: id, exception }, admin);
  expect(excepted).toMatchObject({ before: 4, after: 3, hidden_true_positives: 1, hidden: [{ number: last?.number }] });
  const everywhere = await console.call('detections.what_if', { rule: null, exception }, admin);
  expect(everywhere.hidden.map(({ number }) => number)).toEqual([last?.number]);
  await console.call('rules.update', { id, state: 'off' }, admin);
  await rules.settled();
  const off = await console.call('detections.what_if', { rule: id, parameters: { limit: 5 } }, admin);
  expect(off).toMatchObject({ before: 4, after: 2 });
  expect(await refusal(console.call('detections.what_if', { rule: null }, admin))).toBe('request/invalid');
});

it('predicts what then happens, for any limit and any crowd of addresses', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders, state: 'simulated' }, admin);
  await rules.settled();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 10 }),
      async (crowd, limit) => {
        round += 1;
        const since = new Date(console.host.clock.now() + 1).toISOString();
        console.host.advance(60_000);
        for (const [index, count] of crowd.entries())
          await rules.send(count, { ip_address: `10.${round}.0.${index}`, details: {} });
        const { after } = await console.call('detections.what_if', { rule: id, parameters: { limit }, since }, admin);
        expect(after).toBe(crowd.filter((count) => count > limit).length);
      },
    ),
    { numRuns: 12 },
  );
});

it('computes alerts anew with the version that raised them, also when the rule is gone', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const big = await console.call('rules.create', { source: bigOrder() }, admin);
  await console.call('rules.create', { source: manyOrders }, admin);
  await rules.settled();
  await rules.send(1, { actor: 'ada', details: { amount: 250 } });
  await rules.send(6, { ip_address: '192.0.2.1', details: {} });
  await rules.send(2, { ip_address: '192.0.2.1', details: {} });
  for (let n = 0; n < 11; n++)
    await rules.send(1, { event_type: 'login', success: false, actor: 'bob', ip_address: '203.0.113.9' });
  await console.call('rules.update', { id: big.id, source: bigOrder().replace('gte: 100', 'gte: 900') }, admin);
  await console.call('rules.delete', { id: big.id }, admin);
  await rules.settled();
  const { items } = await console.call('alerts.list', { status: ['open'], limit: 100 }, admin);
  expect(items.length).toBeGreaterThanOrEqual(3);
  for (const { id, title } of items) {
    const replayed = await console.call('detections.replay', { id }, admin);
    expect([title, replayed.outcome, replayed.differences]).toEqual([title, 'same', []]);
    expect(replayed).toMatchObject({ changed: [], missing: [] });
  }
});

it('names the event that was changed, and the one that is gone', async () => {
  let database: Database | undefined;
  await using rules = await createRulesConsole({
    wrapDatabase: (opened) => {
      database = opened;
      return opened;
    },
  });
  const { console, admin } = rules;
  await console.call('rules.create', { source: manyOrders }, admin);
  await rules.settled();
  const ids = await rules.send(6, { ip_address: '192.0.2.1', details: {} });
  const [alert] = await rules.alertsOf(manyOrdersId);
  const replay = (): Promise<Output<'detections.replay'>> =>
    console.call('detections.replay', { id: alert?.id ?? '' }, admin);
  expect((await replay()).outcome).toBe('same');
  database?.run("UPDATE event SET record = replace(record, '192.0.2.1', '192.0.2.7') WHERE id = :id", {
    id: ids[2] ?? '',
  });
  const changed = await replay();
  expect(changed).toMatchObject({ outcome: 'different', changed: [ids[2]] });
  expect(changed.differences.map(({ what }) => what)).toContain('events that take part');
  database?.run('DELETE FROM event WHERE id = :id', { id: ids[3] ?? '' });
  expect(await replay()).toMatchObject({ outcome: 'different', changed: [ids[2]], missing: [`event ${ids[3]}`] });
  expect(await refusal(console.call('detections.replay', { id: ids[0] ?? '' }, admin))).toBe('alerts/not-found');
});
