// Rules of a workspace's own, through dispatch: made, changed, simulated, excepted, switched off; what events then do.
import { expect, it } from 'vitest';
import { Refusal } from '../../support/console.ts';
import { bigOrder, bigOrderId, createRulesConsole, manyOrders, manyOrdersId } from './rules-console.ts';

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : String(error)),
  );
}

it('runs a rule from the moment that it is made, and keeps its versions', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const made = await console.call('rules.create', { source: bigOrder(), note: 'first try' }, admin);
  expect(made).toMatchObject({ pack: 'own', path: 'big-order.yml', state: 'on', number: 1, editable: true });
  await rules.settled();
  await rules.send(1, { actor: 'ada', details: { amount: 250 } });
  await rules.send(1, { actor: 'bob', details: { amount: 99 } });
  expect(await rules.alertsOf(bigOrderId)).toMatchObject([{ title: 'Big order by ada', severity: 'medium' }]);

  const changed = await console.call(
    'rules.update',
    { id: made.id, revision: made.revision, source: bigOrder().replace('gte: 100', 'gte: 50') },
    admin,
  );
  expect(changed.versions.map(({ number, by, note }) => ({ number, by, note }))).toEqual([
    { number: 2, by: 'mira', note: null },
    { number: 1, by: 'mira', note: 'first try' },
  ]);
  const first = await console.call('rules.version', { id: made.id, number: 1 }, admin);
  expect(first.source).toBe(bigOrder());
  await rules.settled();
  await rules.send(1, { actor: 'eve', details: { amount: 60 } });
  expect((await rules.alertsOf(bigOrderId)).map(({ title }) => title)).toContain('Big order by eve');

  expect(await refusal(console.call('rules.update', { id: made.id, revision: 0, state: 'off' }, admin))).toBe(
    'rules/changed',
  );
  await console.call('rules.delete', { id: made.id }, admin);
  await rules.settled();
  await rules.send(1, { actor: 'zoe', details: { amount: 60 } });
  expect((await rules.alertsOf(bigOrderId)).map(({ title }) => title)).not.toContain('Big order by zoe');
  expect((await rules.entries('rule_create')).length).toBe(1);
  expect((await rules.entries('rule_update')).length).toBe(1);
  expect((await rules.entries('rule_delete')).length).toBe(1);
});

it('refuses a rule with errors, and says where they are', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const wrong = bigOrder().replace('condition: big', 'condition: bigg');
  expect(await refusal(console.call('rules.create', { source: wrong }, admin))).toBe('rules/invalid');
  const { valid, problems } = await console.call('rules.validate', { source: wrong }, admin);
  expect(valid).toBe(false);
  expect(problems).toMatchObject([{ kind: 'error', line: 9 }]);
  const yaml = await console.call('rules.validate', { source: 'title: x\nlevel: high\nid: [a' }, admin);
  expect(yaml.problems[0]).toMatchObject({ kind: 'error', line: 3 });
  const clash = await console.call('rules.validate', { source: `${manyOrders}---\n${bigOrder()}` }, admin);
  expect(clash.valid).toBe(true);
  expect(clash.detectors.map(({ title }) => title)).toEqual(['Many orders from one address', 'Big order']);
});

it('refuses a second rule with the id of another', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const first = await console.call('rules.create', { source: bigOrder() }, admin);
  await rules.settled();
  const { problems } = await console.call('rules.validate', { source: bigOrder() }, admin);
  expect(problems).toEqual([
    {
      kind: 'error',
      message: 'id is already used by own/big-order.yml; give this rule one of its own',
      line: 2,
      column: null,
    },
  ]);
  expect(await refusal(console.call('rules.create', { source: bigOrder() }, admin))).toBe('rules/invalid');
  const own = await console.call('rules.validate', { source: bigOrder(), rule: first.id }, admin);
  expect(own).toMatchObject({ valid: true, problems: [] });
});

it('runs the cases that stand in a rule', async () => {
  await using rules = await createRulesConsole();
  const fine = await rules.console.call('rules.test', { source: bigOrder() }, rules.admin);
  expect(fine).toMatchObject({ passed: 2, failed: 0 });
  const off = await rules.console.call(
    'rules.test',
    { source: bigOrder().replace('gte: 100', 'gte: 90') },
    rules.admin,
  );
  expect(off.results.filter(({ passed }) => !passed)).toMatchObject([{ name: 'one less', expected: 'no match' }]);
});

it('counts what a simulated rule would have raised, and raises nothing', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: bigOrder(), state: 'simulated' }, admin);
  await rules.settled();
  await rules.send(2, { actor: 'ada', details: { amount: 250 } });
  await rules.send(1, { actor: 'bob', details: { amount: 250 } });
  await rules.send(1, { actor: 'ada', details: { amount: 300 } });
  expect(await rules.alertsOf(bigOrderId)).toEqual([]);
  const { simulated, state } = await console.call('rules.get', { id }, admin);
  expect(state).toBe('simulated');
  expect(simulated).toMatchObject({ total: 2, latest: [{ title: 'Big order by bob', count: 1 }, { count: 3 }] });
  const { items } = await console.call('detections.list', {}, admin);
  expect(items.find((one) => one.id === bigOrderId)).toMatchObject({ state: 'simulated', simulated_24h: 2 });

  await console.call('rules.update', { id, state: 'on' }, admin);
  await rules.settled();
  await rules.send(1, { actor: 'cy', details: { amount: 300 } });
  expect(await rules.alertsOf(bigOrderId)).toMatchObject([{ title: 'Big order by cy' }]);
  expect((await rules.entries('rule_enable')).length).toBe(1);
});

it('keeps the windows of rules that stay as they are when others change', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  await console.call('rules.create', { source: manyOrders }, admin);
  await rules.settled();
  await rules.send(3, { ip_address: '203.0.113.7', details: {} });
  await console.call('rules.create', { source: bigOrder() }, admin);
  await rules.settled();
  await rules.send(1, { ip_address: '203.0.113.7', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toMatchObject([{ title: '4 orders from 203.0.113.7' }]);
});

it('lets a rule have a severity and values of its own, within what it allows', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders }, admin);
  const set = await console.call('rules.update', { id, severity: 'critical', parameters: { limit: 1 } }, admin);
  expect(set.parameters).toMatchObject([{ name: 'limit', value: 1, default: 3, overridden: true }]);
  expect(set).toMatchObject({ own_severity: 'high', severity_override: 'critical' });
  await rules.settled();
  await rules.send(2, { ip_address: '203.0.113.7', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toMatchObject([{ severity: 'critical' }]);
  expect(await refusal(console.call('rules.update', { id, parameters: { limit: 5000 } }, admin))).toBe('rules/invalid');
  expect(await refusal(console.call('rules.update', { id, parameters: { other: 1 } }, admin))).toBe('rules/invalid');
});

it('switches a built-in rule off and on again, and lists it meanwhile', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const find = async () =>
    (await console.call('detections.list', {}, admin)).items.find(({ name }) => name === 'sql-injection');
  const before = await find();
  expect(before).toMatchObject({ pack: 'built-in', state: 'on' });
  const attack = { event_type: 'api_call', action: 'GET', details: { path: "/x?id=1' OR '1'='1' --" } };
  await console.call('rules.update', { id: before?.rule ?? '', state: 'off' }, admin);
  await rules.settled();
  expect(await find()).toMatchObject({ id: before?.id, title: before?.title, state: 'off' });
  await rules.send(1, attack);
  expect(await rules.alertsOf(before?.id ?? '')).toEqual([]);
  await console.call('rules.update', { id: before?.rule ?? '', state: null }, admin);
  await rules.settled();
  await rules.send(1, attack);
  expect((await rules.alertsOf(before?.id ?? '')).length).toBe(1);
  expect(await refusal(console.call('rules.delete', { id: before?.rule ?? '' }, admin))).toBe('rules/fixed');
  expect(await refusal(console.call('rules.update', { id: before?.rule ?? '', source: bigOrder() }, admin))).toBe(
    'rules/fixed',
  );
});

it('excepts events from a rule until the exception ends, and counts them', async () => {
  await using rules = await createRulesConsole();
  const { console, admin, settled } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders }, admin);
  await settled();
  const until = new Date(console.host.clock.now() + 600_000).toISOString();
  const made = await console.call(
    'exceptions.create',
    { rule: id, conditions: [{ field: 'ip_address|cidr', value: '10.0.0.0/8' }], reason: 'tills', expires_at: until },
    admin,
  );
  expect(made).toMatchObject({ owner: 'mira', hits: 0, expired: false });
  await rules.send(6, { ip_address: '10.1.2.3', details: {} });
  await rules.send(6, { ip_address: '192.0.2.1', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toMatchObject([{ title: '6 orders from 192.0.2.1' }]);
  const { items } = await console.call('exceptions.list', {}, admin);
  expect(items).toMatchObject([{ id: made.id, hits: 6, alerts: 1 }]);

  console.host.advance(700_000);
  await rules.send(6, { ip_address: '10.1.2.3', details: {} });
  expect((await rules.alertsOf(manyOrdersId)).length).toBe(2);
  await console.call('exceptions.delete', { id: made.id }, admin);
  expect((await rules.entries('rule_exception_create')).length).toBe(1);
  expect((await rules.entries('rule_exception_delete')).length).toBe(1);
});

it('counts the alerts that an exception saved: each group once within its window, none of a simulated rule', async () => {
  await using rules = await createRulesConsole();
  const { console, admin, settled } = rules;
  const { id } = await console.call('rules.create', { source: bigOrder() }, admin);
  const { id: many } = await console.call('rules.create', { source: manyOrders }, admin);
  await settled();
  const conditions = [{ field: 'details.shop', value: 'test' }];
  const made = await console.call('exceptions.create', { rule: id, conditions, reason: 'the test shop' }, admin);
  const everywhere = await console.call(
    'exceptions.create',
    { rule: many, conditions: [{ field: 'ip_address', value: '10.*' }], reason: 'tills' },
    admin,
  );
  const counts = async (one: { readonly id: string }) => {
    const { hits, alerts } =
      (await console.call('exceptions.list', {}, admin)).items.find((each) => each.id === one.id) ?? {};
    return { hits, alerts };
  };
  const big = (actor: string) => ({ actor, details: { amount: 300, shop: 'test' } });
  await rules.send(3, big('ada'));
  await rules.send(1, big('bob'));
  await rules.send(1, big('ada'));
  expect(await counts(made)).toEqual({ hits: 5, alerts: 2 });
  expect(await rules.alertsOf(bigOrderId)).toEqual([]);
  // Too few for the limit of three, then enough, then more of the same.
  await rules.send(3, { ip_address: '10.0.0.1', details: {} });
  expect(await counts(everywhere)).toEqual({ hits: 3, alerts: 0 });
  await rules.send(1, { ip_address: '10.0.0.1', details: {} });
  await rules.send(2, { ip_address: '10.0.0.1', details: {} });
  expect(await counts(everywhere)).toEqual({ hits: 6, alerts: 1 });
  expect(await rules.alertsOf(manyOrdersId)).toEqual([]);
  // What is kept away does not count for what is not.
  await rules.send(3, { ip_address: '192.0.2.9', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toEqual([]);

  await console.call('rules.update', { id, state: 'simulated' }, admin);
  await settled();
  await rules.send(1, big('cy'));
  expect(await counts(made)).toEqual({ hits: 6, alerts: 2 });
});

it('gives an exception another end, says what it kept away, and what would come without it', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call('rules.create', { source: manyOrders }, admin);
  await rules.settled();
  const inDays = (days: number) => new Date(console.host.clock.now() + days * 86_400_000).toISOString();
  const conditions = [{ field: 'ip_address', value: '10.1.*' }];
  const made = await console.call(
    'exceptions.create',
    { rule: id, conditions, reason: 'tills', expires_at: inDays(0.005) },
    admin,
  );
  await rules.send(6, { ip_address: '10.1.2.3', details: {} });
  await rules.send(6, { ip_address: '10.1.2.4', details: {} });
  await rules.send(6, { ip_address: '192.0.2.1', details: {} });
  const look = { rule: id, without_exception: made.id };
  expect(await console.call('detections.what_if', look, admin)).toMatchObject({ before: 1, after: 3, hidden: [] });
  const everywhere = await console.call('detections.what_if', { ...look, rule: null }, admin);
  expect(everywhere.after - everywhere.before).toBe(2);
  const longer = await console.call('exceptions.extend', { id: made.id, expires_at: inDays(35) }, admin);
  expect(longer).toEqual({ ...made, expires_at: inDays(35), hits: 12, alerts: 2, last_hit_at: expect.any(String) });
  const extend = (days: number, of = made.id) =>
    refusal(console.call('exceptions.extend', { id: of, expires_at: inDays(days) }, admin));
  expect(await extend(-1)).toBe('rules/exception');
  expect(await extend(400)).toBe('rules/exception');
  expect(await extend(10, id)).toBe('rules/not-found');
  expect(await rules.entries('rule_exception_extend')).toHaveLength(1);
  // The end that counts is the new one.
  console.host.advance(700_000);
  await rules.send(6, { ip_address: '10.1.2.3', details: {} });
  expect(await rules.alertsOf(manyOrdersId)).toHaveLength(1);
});

it('refuses exceptions without an end, in the past, beyond a year, or that are no conditions', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const now = console.host.clock.now();
  const attempt = (expires: number, field = 'actor') =>
    refusal(
      console.call(
        'exceptions.create',
        {
          rule: null,
          conditions: [{ field, value: 'ada' }],
          reason: 'a test',
          expires_at: new Date(now + expires).toISOString(),
        },
        admin,
      ),
    );
  expect(await attempt(-1)).toBe('rules/exception');
  expect(await attempt(400 * 86_400_000)).toBe('rules/exception');
  expect(await attempt(1_000, 'ip_address|cidr')).toBe('rules/exception');
  expect(await attempt(1_000, 'actor|nonsense')).toBe('rules/exception');
});

it('lets an exception end after 30 days unless told, and never only for those who may', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const wanted = { rule: null, conditions: [{ field: 'actor', value: 'ada' }], reason: 'a test' };
  const usual = await console.call('exceptions.create', wanted, admin);
  expect(usual.expires_at).toBe(new Date(console.host.clock.now() + 30 * 86_400_000).toISOString());

  const tuner = await console.createKey(['detections.*'], admin);
  const never = (by: typeof admin) => console.call('exceptions.create', { ...wanted, expires_at: null }, by);
  expect(await refusal(never(tuner))).toBe('access/forbidden');
  expect(await refusal(console.call('exceptions.extend', { id: usual.id, expires_at: null }, tuner))).toBe(
    'access/forbidden',
  );
  const permanent = await never(admin);
  expect(permanent).toMatchObject({ expires_at: null, expired: false });
  console.host.advance(5 * 365 * 86_400_000);
  const { items } = await console.call('exceptions.list', {}, tuner);
  expect(items.map(({ id, expired }) => [id, expired])).toEqual([
    [usual.id, true],
    [permanent.id, false],
  ]);
  const ended = await console.call(
    'exceptions.extend',
    { id: permanent.id, expires_at: new Date(console.host.clock.now() + 1000).toISOString() },
    tuner,
  );
  expect(ended.expires_at).not.toBeNull();
});

it('gives an exception to another owner, with an entry that says from whom', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const { id } = await console.call(
    'exceptions.create',
    { rule: null, conditions: [{ field: 'actor', value: 'ada' }], reason: 'a test' },
    admin,
  );
  const given = await console.call('exceptions.transfer', { id, owner: ' the till team ' }, admin);
  expect(given).toMatchObject({ id, owner: 'the till team', reason: 'a test' });
  expect((await console.call('exceptions.list', {}, admin)).items).toEqual([given]);
  expect(await rules.entries('rule_exception_transfer')).toMatchObject([
    { details: { owner: { from: 'mira', to: 'the till team' } } },
  ]);
  expect(await refusal(console.call('exceptions.transfer', { id, owner: '  ' }, admin))).toBe('request/invalid');
  const other = '00000000-0000-4000-8000-00000000abcd';
  expect(await refusal(console.call('exceptions.transfer', { id: other, owner: 'x' }, admin))).toBe('rules/not-found');
});

it('switches a rule off that takes more work than a rule may, says so in an entry, and raises an alert', async () => {
  await using rules = await createRulesConsole();
  const { console, admin } = rules;
  const slow = bigOrder().replace(
    'big: {event_type: order, details.amount|gte: 100}',
    "big: {details.text|re: 'a.{900}Z'}",
  );
  const { id } = await console.call('rules.create', { source: slow.slice(0, slow.indexOf('  cases:')) }, admin);
  await rules.settled();
  // Neither the same again and again nor without what the expression needs: both would be found out at once.
  let seed = 1;
  const text = `Z${Array.from({ length: 30_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % 2 === 0 ? 'a' : 'b';
  }).join('')}`;
  const { host } = console;
  for (let tries = 0; tries < 60; tries++) {
    await rules.send(10, { details: { text: `${text}${tries}` } });
    if ((await console.call('rules.get', { id }, admin)).state === 'switched_off') break;
  }
  const now = await console.call('rules.get', { id }, admin);
  expect(now.state).toBe('switched_off');
  expect(now.reason).toMatch(/took \d+ ms/);
  await rules.settled();
  expect(await rules.entries('rule_disable')).toMatchObject([{ action: 'rules.switch_off' }]);
  const { items } = await console.call('alerts.list', { text: 'switched off' }, admin);
  expect(items.length).toBe(1);
  expect(host.logged.filter(({ level }) => level === 'error')).toEqual([]);
  await console.call('rules.update', { id, state: 'simulated' }, admin);
  expect((await console.call('rules.get', { id }, admin)).state).toBe('simulated');
});
