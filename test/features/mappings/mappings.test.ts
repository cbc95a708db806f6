// A workspace's own mapping of log sources: rules that waited run by it, what is wrong is said, and alerts remain computable by the mapping
// that raised them.
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createRulesConsole } from '../rules/rules-console.ts';

const rule = `title: Strange order
id: 33333333-3333-4333-8333-333333333333
level: high
logsource: {product: acme, service: orders}
detection:
  selection: {Item: gold}
  condition: selection
`;
const mapping = `logsources:
  acme:
    product: acme
    service: orders
    conditions: {source: shop}
    fieldmappings: {Item: details.thing}
`;

async function console() {
  const made = await createRulesConsole();
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

test('a rule that waits for its log source runs once a mapping says what that is, and waits again without it', async () => {
  const { console: made, admin, send, alertsOf, settled, entries } = await console();
  const detector = '33333333-3333-4333-8333-333333333333';
  const { id } = await made.call('rules.create', { source: rule }, admin);
  await settled();
  expect((await made.call('rules.get', { id }, admin)).notes.join()).toContain('log source is not mapped');
  await send(1, { details: { thing: 'gold' } });
  expect(await alertsOf(detector)).toEqual([]);
  expect(await made.call('mappings.get', {}, admin)).toEqual({ mapping: null });

  const set = await made.call('mappings.set', { text: mapping, note: 'orders of the shop' }, admin);
  expect(set).toMatchObject({
    problem: null,
    changed_by: 'mira',
    entries: [{ product: 'acme', category: null, service: 'orders', alternatives: 1, fields: ['Item'] }],
    single_rules: 0,
  });
  expect(await made.call('mappings.get', {}, admin)).toEqual({ mapping: set });
  await settled();
  expect((await made.call('rules.get', { id }, admin)).notes).toEqual([]);
  expect((await made.call('rules.validate', { source: rule, rule: id }, admin)).problems).toEqual([]);
  await send(1, { details: { thing: 'gold' } });
  const [alert] = await alertsOf(detector);
  expect(alert).toMatchObject({ severity: 'high' });

  await made.call('mappings.remove', {}, admin);
  await settled();
  await send(1, { details: { thing: 'gold' } });
  expect(await alertsOf(detector)).toHaveLength(1);
  // The alert follows from its events by the mapping that it was raised with.
  expect(await made.call('detections.replay', { id: alert?.id ?? '' }, admin)).toMatchObject({ outcome: 'same' });
  expect(await entries('log_source_mapping_change')).toMatchObject([
    { details: { sha256_before: set.sha256, sha256: null } },
    { details: { sha256_before: null, sha256: set.sha256, entries: 1, note: 'orders of the shop' } },
  ]);
  await expect(made.call('mappings.remove', {}, admin)).rejects.toMatchObject({
    problem: { code: 'rules/mapping-none' },
  });
});

test('an alert of the same rule under another mapping is of another version', async () => {
  const { console: made, admin, send, alertsOf, settled } = await console();
  const detector = '33333333-3333-4333-8333-333333333333';
  await made.call('rules.create', { source: rule }, admin);
  for (const field of ['thing', 'item']) {
    await made.call('mappings.set', { text: mapping.replace('details.thing', `details.${field}`) }, admin);
    await settled();
    await send(1, { details: { [field]: 'gold' } });
  }
  const alerts = await alertsOf(detector);
  expect(alerts).toHaveLength(2);
  for (const { id } of alerts)
    expect(await made.call('detections.replay', { id }, admin)).toMatchObject({ outcome: 'same' });
});

test('rules named by their ids apply to what the mapping says', async () => {
  const { console: made, admin, send, alertsOf, settled } = await console();
  const detector = '33333333-3333-4333-8333-333333333333';
  await made.call('rules.create', { source: rule.replace('Item', 'details.thing') }, admin);
  const text = JSON.stringify({ [detector]: { channel: ['orders'], eventid: [7] } });
  expect(await made.call('mappings.check', { text }, admin)).toEqual({ problem: null, entries: [], single_rules: 1 });
  await made.call('mappings.set', { text }, admin);
  await settled();
  await send(1, { details: { thing: 'gold', Channel: 'other', EventID: 7 } });
  expect(await alertsOf(detector)).toEqual([]);
  await send(1, { details: { thing: 'gold', Channel: 'orders', EventID: 7 } });
  expect(await alertsOf(detector)).toHaveLength(1);
});

const many = (count: number, entry: string) =>
  `logsources:\n${Array.from({ length: count }, (_, at) => `  n${at}: ${entry}\n`).join('')}`;

test.each([
  ['- a list', 'expected a map with logsources'],
  ['logsources: {}', 'maps nothing'],
  ['{"logsources": {"a": 1}}', 'logsources.a is not a map'],
  ['{"a": [}', 'not valid JSON'],
  ['logsources: {a: {product: [x]}}', 'product, category and service are texts'],
  ['logsources: {a: {product: x, conditions: {Channel: {y: 1}}}}', 'conditions.Channel holds something that is not'],
  ['logsources: {a: &a {product: *a}}', ''],
  [many(1_001, '{product: x}'), 'more than 1000 entries'],
  [
    `${many(40, '{product: x, service: a}')}${many(40, '{product: y, rewrite: {product: x, service: a}}').slice(12).replaceAll('  n', '  m')}`,
    'more than 1000 alternatives',
  ],
  [`# ${'x'.repeat(300_000)}\n${mapping}`, 'characters of YAML; write it as JSON'],
])('%# is refused with what is wrong, and nothing changes', async (text, said) => {
  const { console: made, admin } = await console();
  const { problem } = await made.call('mappings.check', { text }, admin);
  expect(problem?.message).toContain(said);
  await expect(made.call('mappings.set', { text }, admin)).rejects.toMatchObject({
    problem: { code: 'rules/mapping', detail: expect.stringContaining(problem?.message ?? '?') },
  });
  expect(await made.call('mappings.get', {}, admin)).toEqual({ mapping: null });
});

test('any text is checked without harm', async () => {
  const { console: made, admin } = await console();
  const keys = fc.constantFrom(
    'logsources',
    'product',
    'service',
    'conditions',
    'sources',
    'rewrite',
    '__proto__',
    'a',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constant(null),
      fc.array(tie('tree')),
      fc.dictionary(keys, tie('tree')),
    ),
  }));
  const texts = fc.oneof(
    fc.string(),
    tree.map((value) => JSON.stringify({ logsources: value })),
    fc.string().map((text) => `logsources:\n  a: ${text}`),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const whole = text.toWellFormed();
      if (whole.trim() === '') return;
      const { problem, entries } = await made.call('mappings.check', { text: whole }, admin);
      expect(problem === null || entries.length === 0).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('whoever may only look at detectors may check a mapping and not set one', async () => {
  const { console: made, admin } = await console();
  const reader = await made.createKey(['detections.read'], admin);
  expect(await made.call('mappings.check', { text: mapping }, reader)).toMatchObject({ problem: null });
  for (const [name, input] of [
    ['mappings.set', { text: mapping }],
    ['mappings.remove', {}],
  ] as const)
    await expect(made.call(name, input as never, reader)).rejects.toMatchObject({
      problem: { code: 'access/forbidden' },
    });
});
