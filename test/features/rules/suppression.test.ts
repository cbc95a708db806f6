// Suppression through dispatch: what a window of a group keeps quiet, what it doesn't, and where that is found again.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Input } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, Refusal } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import {
  bigOrder,
  bigOrderId,
  createRulesConsole,
  manyOrders,
  manyOrdersId,
  type RulesConsole,
} from './rules-console.ts';

type Suppression = NonNullable<Input<'rules.update'>['suppression']>;

const byAddress: Suppression = { fields: ['ip_address'], minutes: 60, missing: 'not_suppressed' };
const minuteMs = 60_000;
/** Many rounds ask for much within a minute of the console's clock. */
const unhurried = { settings: new Map([['rate_limit.requests_per_minute', 1_000_000]]) };

async function refusal(work: Promise<unknown>): Promise<Refusal['problem'] | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error.problem : Promise.reject(error)),
  );
}

/** A rule that raises one alert per actor and day, suppressed as said. @returns its id */
async function withBigOrders({ console, admin, settled }: RulesConsole, suppression: Suppression): Promise<string> {
  const source = bigOrder('  dedup: {fields: [actor], window: 24h}\n');
  const { id } = await console.call('rules.create', { source }, admin);
  await console.call('rules.update', { id, suppression }, admin);
  await settled();
  return id;
}

let counter = 0;

type Order = {
  readonly at: number;
  readonly actor: string;
  readonly ip: string | undefined;
  readonly source?: string;
};

function orderOf({ at, actor, ip, source = 'shop' }: Order) {
  return {
    id: `00000000-0000-4000-9000-${String(++counter).padStart(12, '0')}`,
    time: new Date(at).toISOString(),
    source,
    event_type: 'order',
    actor,
    ...(ip === undefined ? {} : { ip_address: ip }),
    details: { amount: 250 },
  };
}

async function order({ console, admin }: RulesConsole, ...orders: Order[]): Promise<string[]> {
  const events = orders.map(orderOf);
  await console.call('events.ingest', { events }, admin);
  return events.map(({ id }) => id);
}

it('keeps further alerts of a group quiet, counts them at the first, and shows the events of each', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await withBigOrders(rules, byAddress);
  const now = console.host.clock.now();
  const start = now - 70 * minuteMs;
  const [first] = await order(rules, { at: start, actor: 'ada', ip: '192.0.2.1' });
  const second = await order(
    rules,
    { at: start + 10 * minuteMs, actor: 'bob', ip: '192.0.2.1' },
    { at: start + 11 * minuteMs, actor: 'bob', ip: '192.0.2.1' },
    { at: start + 12 * minuteMs, actor: 'cy', ip: '192.0.2.1' },
  );
  // One more of the same alert is seen, as ever; another address has a window of its own; without an address there is none.
  await order(
    rules,
    { at: start + 13 * minuteMs, actor: 'ada', ip: '192.0.2.1' },
    { at: start + 14 * minuteMs, actor: 'dan', ip: '192.0.2.2' },
    { at: start + 15 * minuteMs, actor: 'eve', ip: undefined },
    { at: start + 16 * minuteMs, actor: 'fay', ip: undefined },
  );
  const { items } = await console.call('alerts.list', { detector: bigOrderId, sort: 'newest' }, admin);
  expect(items.map(({ title, count, suppressed }) => [title, count, suppressed]).toSorted()).toEqual([
    ['Big order by ada', 2, 2],
    ['Big order by dan', 1, 0],
    ['Big order by eve', 1, 0],
    ['Big order by fay', 1, 0],
  ]);
  const raised = items.find(({ title }) => title === 'Big order by ada');
  const full = await console.call('alerts.get', { id: raised?.id ?? '' }, admin);
  expect(full.events.map(({ id }) => id)).toContain(first);
  expect(full.suppression).toEqual({
    values: [{ field: 'ip_address', value: '192.0.2.1' }],
    from: new Date(start).toISOString(),
    until: new Date(start + 60 * minuteMs).toISOString(),
    ended: false,
  });
  const unsuppressed = items.find(({ title }) => title === 'Big order by eve');
  expect((await console.call('alerts.get', { id: unsuppressed?.id ?? '' }, admin)).suppression).toBeNull();

  const list = await console.call('alerts.suppressed', { id: full.id }, admin);
  expect(
    list.items.map(({ title, events_total, events }) => [title, events_total, events.map(({ id }) => id)]),
  ).toEqual([
    ['Big order by cy', 1, [second[2]]],
    ['Big order by bob', 2, [second[0], second[1]]],
  ]);
  expect(list.items[0]?.events[0]?.record).toMatchObject({ actor: 'cy' });
  const page = await console.call('alerts.suppressed', { id: full.id, limit: 1 }, admin);
  const rest = await console.call(
    'alerts.suppressed',
    { id: full.id, limit: 1, cursor: page.next_cursor ?? '' },
    admin,
  );
  expect([...page.items, ...rest.items]).toEqual(list.items);
  expect(rest.next_cursor).toBeNull();
  expect((await refusal(console.call('alerts.suppressed', { id: full.id, cursor: 'x' }, admin)))?.code).toBe(
    'request/invalid',
  );
  expect((await refusal(console.call('alerts.suppressed', { id: first ?? '' }, admin)))?.code).toBe('alerts/not-found');

  // What comes late belongs to the window that covers its time, and to none where there is none.
  await order(rules, { at: start - 1, actor: 'kim', ip: '192.0.2.1' });
  expect((await rules.alertsOf(bigOrderId)).map(({ title }) => title)).toContain('Big order by kim');
  // The window ends when it said, however many it kept quiet.
  await order(rules, { at: start + 60 * minuteMs - 1, actor: 'gil', ip: '192.0.2.1' });
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(5);
  await order(rules, { at: start + 60 * minuteMs, actor: 'hal', ip: '192.0.2.1' });
  expect((await rules.alertsOf(bigOrderId)).map(({ title }) => title)).toContain('Big order by hal');
  await order(rules, { at: start + 61 * minuteMs, actor: 'ivo', ip: '192.0.2.1' });
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(6);
});

it('goes on when its alert is closed, unless asked for the next one, which undoing takes back', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await withBigOrders(rules, byAddress);
  let at = console.host.clock.now() - 30 * minuteMs;
  const next = (actor: string) => {
    at += 1000;
    return order(rules, { at, actor, ip: '192.0.2.1' });
  };
  await next('ada');
  const [alert] = await rules.alertsOf(bigOrderId);
  const id = alert?.id ?? '';
  await console.call('alerts.close', { id, verdict: 'benign_positive' }, admin);
  await next('ada');
  await next('bob');
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(1);
  expect(await console.call('alerts.get', { id }, admin)).toMatchObject({
    suppressed: 2,
    suppression: { ended: false },
  });

  await console.call('alerts.reopen', { id, reason: 'again' }, admin);
  const { change_id } = await console.call(
    'alerts.close',
    { id, verdict: 'benign_positive', reset_suppression: true },
    admin,
  );
  expect(await console.call('alerts.get', { id }, admin)).toMatchObject({ suppression: { ended: true } });
  expect((await rules.entries('alert_closed'))[0]).toMatchObject({ details: { reset_suppression: true } });
  await console.call('alerts.undo', { change_id }, admin);
  expect(await console.call('alerts.get', { id }, admin)).toMatchObject({
    status: 'open',
    suppression: { ended: false },
  });
  await next('cy');
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(1);

  await console.call('alerts.close_many', { ids: [id], verdict: 'benign_positive', reset_suppression: true }, admin);
  await next('dan');
  await next('eve');
  const after = await rules.alertsOf(bigOrderId);
  expect(after.map(({ title }) => title).toSorted()).toEqual(['Big order by ada', 'Big order by dan']);
});

it('is by the values that are there, or by that one is missing, and another setting begins anew', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const rule = await withBigOrders(rules, { ...byAddress, missing: 'as_null' });
  let at = console.host.clock.now() - 30 * minuteMs;
  const next = (actor: string, ip?: string) => {
    at += 1000;
    return order(rules, { at, actor, ip });
  };
  await next('ada');
  await next('bob');
  await next('cy', '192.0.2.1');
  expect((await rules.alertsOf(bigOrderId)).map(({ title }) => title).toSorted()).toEqual([
    'Big order by ada',
    'Big order by cy',
  ]);
  const suppression: Suppression = { fields: ['ip_address', 'source'], minutes: 30, missing: 'as_null' };
  const changed = await console.call('rules.update', { id: rule, suppression, note: 'too loud' }, admin);
  expect(changed.suppression).toEqual(suppression);
  await rules.settled();
  await next('dan', '192.0.2.1');
  await next('eve', '192.0.2.1');
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(3);
  await console.call('rules.update', { id: rule, suppression: null }, admin);
  await rules.settled();
  await next('fay', '192.0.2.1');
  expect(await rules.alertsOf(bigOrderId)).toHaveLength(4);
  expect((await rules.entries('rule_update')).map(({ details }) => details)).toMatchObject([
    { suppression: { from: suppression, to: null } },
    { suppression: { to: suppression }, note: 'too loud' },
    { suppression: { from: null } },
  ]);
});

it('suppresses a correlation by what it groups by, and lets its run be seen again after the window', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders }, admin);
  const suppression: Suppression = { fields: ['ip_address'], minutes: 30, missing: 'not_suppressed' };
  const refused = await refusal(
    console.call('rules.update', { id, suppression: { ...suppression, fields: ['actor'] } }, admin),
  );
  expect(refused).toMatchObject({ code: 'rules/invalid', detail: expect.stringContaining('it groups by ip_address') });
  for (const fields of [['ip_address', 'ip_address'], ['signals.nonsense']])
    expect(
      (await refusal(console.call('rules.update', { id, suppression: { ...suppression, fields } }, admin)))?.code,
    ).toBe('rules/invalid');
  await console.call('rules.update', { id, suppression }, admin);
  await rules.settled();
  await rules.send(5, { ip_address: '192.0.2.1', details: {} });
  const [alert] = await rules.alertsOf(manyOrdersId);
  await console.call('alerts.close', { id: alert?.id ?? '', verdict: 'benign_positive' }, admin);
  // A steady flood: each is within the run of the one before.
  for (let n = 0; n < 6; n++) {
    console.host.advance(5 * minuteMs);
    await rules.send(5, { ip_address: '192.0.2.1', details: {} });
  }
  expect(await rules.alertsOf(manyOrdersId)).toHaveLength(2);
  expect(await console.call('alerts.get', { id: alert?.id ?? '' }, admin)).toMatchObject({ suppressed: 1 });

  // Another text, which no longer groups by the address: its alerts are not one group for that.
  const other = manyOrders.replace('group-by: [ip_address]', 'group-by: [actor]').replace('{ip_address}"', '{actor}"');
  await console.call('rules.update', { id, suppression: { ...suppression, missing: 'as_null' } }, admin);
  await console.call('rules.update', { id, source: other }, admin);
  await rules.settled();
  const before = (await rules.alertsOf(manyOrdersId)).length;
  for (const actor of ['ada', 'bob']) await rules.send(5, { actor, ip_address: '192.0.2.9', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toHaveLength(before + 2);
});

it('is as it was after a restart, and after a kill that left the write-ahead log behind', async () => {
  const folder = temporaryFolder();
  const killed = join(temporaryFolder(), 'killed');
  const first = await createRulesConsole({ folder });
  await withBigOrders(first, byAddress);
  const { host } = first.console;
  const key = await first.console.createKey(['events.write', 'alerts.read'], first.admin);
  const at = host.clock.now() - 30 * minuteMs;
  await order(first, { at, actor: 'ada', ip: '192.0.2.1' });
  await order(first, { at: at + 1, actor: 'bob', ip: '192.0.2.1' });
  cpSync(folder, killed, { recursive: true });
  await first[Symbol.asyncDispose]();
  for (const left of [folder, killed]) {
    await using console = await createTestConsole({ folder: left, host });
    await console.call('events.ingest', { events: [orderOf({ at: at + 2, actor: 'cy', ip: '192.0.2.1' })] }, key);
    const { items } = await console.call('alerts.list', { detector: bigOrderId }, key);
    expect(items).toMatchObject([{ title: 'Big order by ada', suppressed: 2 }]);
    const [alert] = items;
    const list = await console.call('alerts.suppressed', { id: alert?.id ?? '' }, key);
    expect(list.items.map(({ title }) => title)).toEqual(['Big order by cy', 'Big order by bob']);
  }
});

it('says before it is saved how many alerts would be left, and which true ones it would have hidden', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const source = bigOrder('  dedup: {fields: [actor], window: 24h}\n');
  const { id } = await console.call('rules.create', { source }, admin);
  await rules.settled();
  const at = console.host.clock.now() - 10 * 3_600_000;
  for (let n = 0; n < 31; n++)
    await order(rules, { at: at + n * 10 * minuteMs, actor: `actor-${n}`, ip: `192.0.2.${n % 2}` });
  const alerts = (await rules.alertsOf(bigOrderId)).toSorted((left, right) => left.number - right.number);
  await console.call('alerts.close', { id: alerts[7]?.id ?? '', verdict: 'true_positive', note: 'real' }, admin);
  const look = { rule: id, suppression: { ...byAddress, minutes: 180 } };
  const what = await console.call('detections.what_if', look, admin);
  expect(what).toMatchObject({ before: 31, after: 4, hidden_true_positives: 1, added: [] });
  expect(what.hidden[0]).toMatchObject({ number: alerts[7]?.number, verdict: 'true_positive' });
  expect(what.hidden).toHaveLength(27);
  await console.call('rules.update', { id, suppression: look.suppression }, admin);
  await rules.settled();
  const without = await console.call('detections.what_if', { rule: id, suppression: null }, admin);
  expect(without).toMatchObject({ before: 4, after: 31 });
  for (const fields of [['a', 'a'], ['signals.nonsense']]) {
    const wrong = console.call('detections.what_if', { ...look, suppression: { ...byAddress, fields } }, admin);
    expect((await refusal(wrong))?.code).toBe('rules/invalid');
  }
});

/** Sets another suppression and gives a name to what comes next: the rounds of a property share a console, and no group. */
async function beginRound(
  { console, admin, settled }: RulesConsole,
  id: string,
  { minutes, missing }: Pick<Suppression, 'minutes' | 'missing'>,
): Promise<string> {
  counter += 1;
  await console.call(
    'rules.update',
    { id, suppression: { fields: ['ip_address', 'source'], minutes, missing } },
    admin,
  );
  await settled();
  return `shop-${counter}`;
}

async function alertsOfRound({ console, admin }: RulesConsole, source: string) {
  const { items } = await console.call(
    'alerts.list',
    { detector: bigOrderId, status: ['open', 'acknowledged', 'closed'], sort: 'newest', limit: 100 },
    admin,
  );
  return items
    .filter(({ title }) => title.endsWith(` of ${source}`))
    .toSorted((left, right) => left.number - right.number);
}

/** Event by event, as it is written down in docs/rules.md. */
function naive(
  orders: readonly Order[],
  suppression: Pick<Suppression, 'minutes' | 'missing'>,
  closings: ReadonlyMap<number, 'kept' | 'reset'>,
) {
  const raised: { actor: string; isOpen: boolean; windows: { of: string; from: number }[]; hidden: Set<string> }[] = [];
  for (const [index, { at, actor, ip }] of orders.entries()) {
    const closing = closings.get(index);
    const newest = raised.at(-1);
    if (closing !== undefined && newest?.isOpen === true) {
      newest.isOpen = false;
      if (closing === 'reset') newest.windows = [];
    }
    if (raised.some((one) => one.isOpen && one.actor === actor)) continue;
    const of = ip ?? (suppression.missing === 'as_null' ? 'null' : undefined);
    const covers = (one: { of: string; from: number }) =>
      one.of === of && one.from <= at && at < one.from + suppression.minutes * minuteMs;
    const by = raised.findLast(({ windows }) => windows.some(covers));
    if (by === undefined)
      raised.push({ actor, isOpen: true, windows: of === undefined ? [] : [{ of, from: at }], hidden: new Set() });
    else by.hidden.add(actor);
  }
  return raised.map(({ actor, hidden }) => ({ title: `Big order by ${actor}`, suppressed: hidden.size }));
}

it('keeps quiet what a naive reading of its words does, however the events come in batches', async () => {
  await using rules = await createRulesConsole(unhurried);
  const { console, admin } = rules;
  const rule = await withBigOrders(rules, byAddress);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          after: fc.integer({ min: 1, max: 12 * minuteMs }),
          actor: fc.constantFrom('ada', 'bob', 'cy', 'dan', 'eve'),
          ip: fc.constantFrom('192.0.2.1', '192.0.2.2', undefined),
        }),
        { minLength: 1, maxLength: 40 },
      ),
      fc.record({
        minutes: fc.integer({ min: 1, max: 90 }),
        missing: fc.constantFrom('as_null' as const, 'not_suppressed' as const),
      }),
      fc.array(
        fc.record({ at: fc.nat(39), does: fc.constantFrom('nothing' as const, 'kept' as const, 'reset' as const) }),
        { maxLength: 6 },
      ),
      async (steps, suppression, cuts) => {
        const source = await beginRound(rules, rule, suppression);
        let at = console.host.clock.now() - 9 * 3_600_000;
        const orders = steps.map(({ after, actor, ip }) => {
          at += after;
          return { at, actor: `${actor} of ${source}`, ip, source };
        });
        const cutAt = new Map(
          cuts.filter((cut) => cut.at > 0 && cut.at < orders.length).map((cut) => [cut.at, cut.does]),
        );
        const closings = new Map(
          [...cutAt].flatMap(([index, does]) => (does === 'nothing' ? [] : [[index, does] as const])),
        );
        let from = 0;
        for (const cut of [...cutAt.keys(), orders.length].toSorted((left, right) => left - right)) {
          const closing = closings.get(from);
          const newest = (await alertsOfRound(rules, source)).at(-1);
          if (closing !== undefined && newest !== undefined) {
            const answer = console.call(
              'alerts.close',
              { id: newest.id, verdict: 'benign_positive', reset_suppression: closing === 'reset' },
              admin,
            );
            // It may be closed already.
            const refused = await refusal(answer);
            if (refused !== undefined) expect(refused.code).toBe('alerts/state');
          }
          await order(rules, ...orders.slice(from, cut));
          from = cut;
        }
        const found = await alertsOfRound(rules, source);
        expect(found.map(({ title, suppressed }) => ({ title, suppressed }))).toEqual(
          naive(orders, suppression, closings),
        );
      },
    ),
    { numRuns: 25 },
  );
});

it('never keeps an event quiet that no window covers, in whatever order events come', async () => {
  await using rules = await createRulesConsole(unhurried);
  const { console, admin } = rules;
  const rule = await withBigOrders(rules, byAddress);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          minute: fc.integer({ min: 0, max: 300 }),
          actor: fc.constantFrom('ada', 'bob', 'cy', 'dan', 'eve', 'fay', 'gil'),
          ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
        }),
        { minLength: 1, maxLength: 30 },
      ),
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.nat(29), { maxLength: 4 }),
      async (steps, minutes, cuts) => {
        const source = await beginRound(rules, rule, { minutes, missing: 'not_suppressed' });
        const start = console.host.clock.now() - 6 * 3_600_000;
        const orders = steps.map(({ minute, actor, ip }) => ({
          at: start + minute * minuteMs,
          actor: `${actor} of ${source}`,
          ip,
          source,
        }));
        const sent = new Map<string, Order>();
        let from = 0;
        for (const cut of [...cuts.filter((at) => at < orders.length), orders.length].toSorted((a, b) => a - b)) {
          const part = orders.slice(from, cut);
          if (part.length === 0) continue;
          for (const [index, id] of (await order(rules, ...part)).entries()) {
            const one = part[index];
            if (one !== undefined) sent.set(id, one);
          }
          from = cut;
        }
        const seen = new Set<string>();
        for (const { id } of await alertsOfRound(rules, source)) {
          const alert = await console.call('alerts.get', { id }, admin);
          for (const event of alert.events) seen.add(event.id);
          const { suppression } = alert;
          if (suppression === null) throw new Error('an alert with an address has a window');
          const { items } = await console.call('alerts.suppressed', { id, limit: 50 }, admin);
          expect(items).toHaveLength(alert.suppressed);
          for (const event of items.flatMap(({ events }) => events)) {
            seen.add(event.id);
            const { at, ip } = sent.get(event.id) ?? { at: 0, ip: undefined };
            expect(ip).toBe(suppression.values[0]?.value);
            expect(at).toBeGreaterThanOrEqual(Date.parse(suppression.from));
            expect(at).toBeLessThan(Date.parse(suppression.until));
          }
        }
        // Each event is found at the alert that it raised, or at the one that kept it quiet.
        expect(seen).toEqual(new Set(sent.keys()));
      },
    ),
    { numRuns: 15 },
  );
});
