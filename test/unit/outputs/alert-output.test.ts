// Alerts in the formats of other tools: valid by those tools' rules whatever stands in the alert, one line each, and nothing an attacker
// wrote gets out of its field.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlertToWrite, createAlertOutput, ocsfAlert } from '../../../src-main/engine/outputs/alert-output.ts';
import { ocsfFinding } from '../../../src-main/engine/outputs/ocsf-finding.ts';
import { alertStatus, entityKind, verdict } from '../../../src-shared/contract/alerts.ts';
import { outputFormat } from '../../../src-shared/contract/search.ts';
import { severity } from '../../../src-shared/contract/values.ts';
import { createOcsfValidator, ocsfFolder } from './ocsf-schema.ts';

const source = { version: '1.2.3' };
const line = (format: (typeof outputFormat.options)[number], alert: AlertToWrite) =>
  createAlertOutput(format, source).line(alert);

const sample: AlertToWrite = {
  id: '0199a000-0000-7000-8000-00000000000f',
  number: 20_928,
  title: 'Multiple failed logins',
  sentence: '15 failed logins for mira from 203.0.113.9 in 4 minutes',
  severity: 'high',
  risk: 82,
  risk_derivation: [
    { label: 'Severity High', points: 74 },
    { label: '2 times the limit', points: 8 },
  ],
  status: 'open',
  verdict: null,
  assignee: null,
  count: 15,
  suppressed: 3,
  entities: [
    { kind: 'user', value: 'mira' },
    { kind: 'ip', value: '203.0.113.9' },
    { kind: 'host', value: 'web-1' },
  ],
  techniques: ['T1110.001', 'T1078'],
  detector_id: 'gatehouse/failed-logins',
  origin: 'rule',
  detector: {
    id: 'gatehouse/failed-logins',
    title: 'Multiple failed logins',
    version: '3',
    description: 'Counts failures',
    references: ['https://attack.mitre.org/techniques/T1110/'],
    parameters: { threshold: 10 },
  },
  events: [{ id: '0a1b2c3d-0000-4000-8000-000000000001', sha256: 'ab'.repeat(32) }],
  first_seen_at: '2026-11-21T14:00:00.000Z',
  last_seen_at: '2026-11-21T14:04:00.000Z',
  raised_at: '2026-11-21T14:04:01.000Z',
  changed_at: '2026-11-21T14:04:01.000Z',
  due_at: '2026-11-21T15:04:01.000Z',
  revision: 1,
};

const hostile = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'a|b\\|c',
      'x=1 suser=root',
      'line\nCEF:0|evil|',
      '=cmd|calc',
      '@SUM(A1)',
      '\u2028next',
      '\u202ertl',
      '] evil="1"',
      '\\',
      '',
    ),
  )
  .map((text) => text.toWellFormed());
const instants = fc
  .integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) })
  .map((atMs) => new Date(atMs).toISOString());
const anyAlert: fc.Arbitrary<AlertToWrite> = fc.record({
  id: fc.uuid(),
  number: fc.nat(),
  title: hostile,
  sentence: hostile,
  severity: fc.constantFrom(...severity.options),
  risk: fc.integer({ min: 0, max: 100 }),
  risk_derivation: fc.array(fc.record({ label: hostile, points: fc.integer() }), { maxLength: 3 }),
  status: fc.constantFrom(...alertStatus.options),
  verdict: fc.option(fc.constantFrom(...verdict.options)),
  assignee: fc.option(hostile),
  count: fc.nat(),
  suppressed: fc.nat(),
  entities: fc.array(
    fc.record({ kind: fc.constantFrom(...entityKind.options), value: fc.oneof(hostile, fc.ipV4(), fc.ipV6()) }),
    { maxLength: 5 },
  ),
  techniques: fc.array(fc.constantFrom('T1110', 'T1110.001', 'T1078', 'TA0001'), { maxLength: 3 }),
  detector_id: hostile,
  origin: fc.constantFrom('rule', 'scan'),
  detector: fc.record({
    id: hostile,
    title: hostile,
    version: hostile,
    description: hostile,
    references: fc.array(hostile, { maxLength: 2 }),
    parameters: fc.dictionary(hostile, fc.oneof(hostile, fc.integer(), fc.boolean()), { maxKeys: 2 }),
  }),
  events: fc.array(fc.record({ id: fc.uuid(), sha256: fc.constant('ab'.repeat(32)) }), { maxLength: 3 }),
  first_seen_at: instants,
  last_seen_at: instants,
  raised_at: instants,
  changed_at: instants,
  due_at: fc.option(instants),
  revision: fc.nat(),
});

test.each(outputFormat.options)('%s: one line for any alert', (format) => {
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const written = line(format, alert);
      expect(written).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      if (format !== 'csv' && format !== 'cef' && format !== 'rfc5424') JSON.parse(written);
    }),
    { numRuns: 500 },
  );
});

/** What OCSF requires of a Detection Finding and of the objects in it; the schema itself is no part of the project. */
const required = {
  event: ['activity_id', 'category_uid', 'class_uid', 'finding_info', 'metadata', 'severity_id', 'time', 'type_uid'],
  metadata: ['product', 'version'],
  finding_info: ['title', 'uid'],
  analytic: ['type_id'],
};

describe.each(['1.1.0', '1.8.0'] as const)('OCSF %s', (version) => {
  const folder = ocsfFolder(version);

  test('what a Detection Finding must have is there, with values it may have', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const found = ocsfAlert(alert, version, source) as Record<string, Record<string, Record<string, unknown>>>;
        for (const name of required.event) expect(found).toHaveProperty(name);
        for (const name of required.metadata) expect(found.metadata).toHaveProperty(name);
        for (const name of required.finding_info) expect(found.finding_info).toHaveProperty(name);
        for (const name of required.analytic) expect(found.finding_info?.analytic).toHaveProperty(name);
        expect(found).toMatchObject({ category_uid: 2, class_uid: 2004, metadata: { version } });
        expect([1, 2, 3]).toContain(found.activity_id);
        expect(found.type_uid).toBe(200_400 + Number(found.activity_id));
        expect([1, 2, 3, 4]).toContain(found.status_id);
        expect([1, 2, 3, 4, 5]).toContain(found.severity_id);
      }),
    );
  });

  test.skipIf(folder === undefined)('any alert is valid by the schema', { timeout: 60_000 }, () => {
    const validate = createOcsfValidator(folder ?? '');
    fc.assert(
      fc.property(anyAlert, (alert) => {
        expect(validate(JSON.parse(line(`ocsf-${version}`, alert)) as Record<string, unknown>)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    // A match of a scan: no number, no state, the event itself as evidence.
    const { sentence: message, title, references = [], techniques } = { ...sample, ...sample.detector };
    const match = { id: sample.id, timeMs: 1, createdAtMs: 2, firstAtMs: 1, lastAtMs: 1, rule: sample.detector };
    const shown = {
      title,
      message,
      level: 'low',
      techniques,
      references,
      evidence: { file: 'a.log', event: {} },
    } as const;
    expect(validate(ocsfFinding({ ...match, ...shown }, version, source))).toEqual([]);
  });

  test.skipIf(folder === undefined)('what is wrong is seen by the validator', () => {
    const validate = createOcsfValidator(folder ?? '');
    const good = ocsfAlert(sample, version, source);
    expect(validate(good)).toEqual([]);
    const wrong: [object, RegExp][] = [
      [{ finding_info: undefined }, /finding_info: required/],
      [{ finding_info: { title: 'x' } }, /uid: required/],
      [{ activity_id: 4, type_uid: 200_404 }, /enumeration/],
      [{ evidences: [{}] }, /needs one of/],
      [{ observables: [{ name: 'x', type_id: 7777 }] }, /enumeration/],
      [
        { assignee: { name: 'x' }, metadata: { ...(good.metadata as object), profiles: [] } },
        version === '1.1.0' ? /unknown attribute/ : /belongs to the profile incident/,
      ],
    ];
    for (const [change, said] of wrong) expect(validate({ ...good, ...change }).join('; ')).toMatch(said);
  });

  test('the state of an alert is activity, status and verdict', () => {
    const told = (change: Partial<AlertToWrite>) => {
      const { activity_id, status_id, verdict_id, assignee, unmapped, metadata } = ocsfAlert(
        { ...sample, ...change },
        version,
        source,
      ) as Record<string, Record<string, unknown>>;
      const handling = version === '1.1.0' ? unmapped : { verdict_id, assignee };
      return { activity_id, status_id, uid: metadata?.uid, handling };
    };
    const later = '2026-11-21T15:00:00.000Z';
    expect(told({})).toMatchObject({ activity_id: 1, status_id: 1, uid: `${sample.id}.1` });
    expect(told({ status: 'acknowledged', changed_at: later, assignee: 'mira', revision: 2 })).toMatchObject({
      activity_id: 2,
      status_id: 2,
      uid: `${sample.id}.2`,
      handling: version === '1.1.0' ? { assignee: 'mira' } : { assignee: { name: 'mira' } },
    });
    expect(told({ status: 'closed', verdict: 'false_positive_data', changed_at: later })).toMatchObject({
      activity_id: 3,
      status_id: 3,
      handling: version === '1.1.0' ? { verdict: 'false_positive_data' } : { verdict_id: 1 },
    });
    expect(told({ status: 'closed', verdict: 'true_positive', changed_at: later })).toMatchObject({
      activity_id: 3,
      status_id: 4,
      handling: version === '1.1.0' ? { verdict: 'true_positive' } : { verdict_id: 2 },
    });
  });
});

test('OCSF: who, from where, on what, and each as an observable at the place it names', () => {
  const found = ocsfAlert(sample, '1.8.0', source);
  expect(found).toMatchObject({
    risk_score: 82,
    risk_level_id: 3,
    is_alert: true,
    evidences: [{ actor: { user: { name: 'mira' } } }, { src_endpoint: { ip: '203.0.113.9' } }],
    resources: [{ name: 'web-1', type: 'host' }],
    observables: [
      { name: 'evidences[0].actor.user.name', type_id: 4, value: 'mira' },
      { name: 'evidences[1].src_endpoint.ip', type_id: 2, value: '203.0.113.9' },
      { name: 'resources[0].name', type_id: 99, value: 'web-1' },
    ],
    finding_info: {
      attacks: [{ technique: { uid: 'T1110' }, sub_technique: { uid: 'T1110.001' } }, { technique: { uid: 'T1078' } }],
      related_events: [{ uid: '0a1b2c3d-0000-4000-8000-000000000001' }],
      related_events_count: 15,
    },
  });
});

test('ECS: the fields of the schema', () => {
  expect(JSON.parse(line('ecs', sample))).toMatchObject({
    '@timestamp': '2026-11-21T14:04:01.000Z',
    event: { kind: 'alert', category: ['intrusion_detection'], type: ['info'], severity: 73, risk_score: 82 },
    rule: { id: 'gatehouse/failed-logins', version: '3', reference: 'https://attack.mitre.org/techniques/T1110/' },
    threat: { framework: 'MITRE ATT&CK', technique: { id: ['T1110', 'T1078'], subtechnique: { id: ['T1110.001'] } } },
    user: { name: 'mira' },
    source: { ip: '203.0.113.9' },
    host: { name: 'web-1' },
    related: { user: ['mira'], ip: ['203.0.113.9'], hosts: ['web-1'] },
    gatehouse: { alert: { number: 20_928, status: 'open', verdict: null } },
  });
});

test('CEF: an alert cannot make fields of its own', () => {
  expect(line('cef', sample)).toBe(
    'CEF:0|Gatehouse|Gatehouse|1.2.3|gatehouse/failed-logins|Multiple failed logins|8|rt=1795269841000 start=1795269600000 end=1795269840000 externalId=0199a000-0000-7000-8000-00000000000f cat=alert cnt=15 msg=15 failed logins for mira from 203.0.113.9 in 4 minutes suser=mira src=203.0.113.9 cs1=T1110.001 T1078 cs1Label=techniques cs2=open cs2Label=status cs4=host web-1 cs4Label=otherEntities cs5=0a1b2c3d-0000-4000-8000-000000000001 cs5Label=events cs6=3 cs6Label=ruleVersion cn1=82 cn1Label=risk cn2=20928 cn2Label=number cn3=3 cn3Label=suppressed deviceCustomDate1=1795269841000 deviceCustomDate1Label=changed',
  );
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const written = line('cef', alert);
      const unescaped = written.replaceAll(/\\./g, '');
      expect(unescaped.split('|').length).toBeGreaterThanOrEqual(8);
      const extension = unescaped.split('|').slice(7).join('|');
      const keys = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)].map((found) => found[1]);
      const known =
        /^(rt|start|end|externalId|cat|cnt|msg|suser|src|shost|c6a2|cs[1-6]|cn[1-3]|deviceCustomDate1)(Label)?$/;
      for (const key of keys) expect(key).toMatch(known);
      expect(keys.filter((key) => key === 'suser').length).toBeLessThan(2);
    }),
    { numRuns: 500 },
  );
});

test('RFC 5424: graded, in ASCII, with the alert as JSON', () => {
  const written = line('rfc5424', sample);
  expect(written).toMatch(
    /^<107>1 2026-11-21T14:04:01\.000Z - gatehouse - alert \[origin software="Gatehouse" swVersion="1\.2\.3"\] \{/,
  );
  expect(JSON.parse(written.slice(written.indexOf('] {') + 2))).toEqual(JSON.parse(line('jsonl', sample)));
});

test('CSV: a cell for each column and no spreadsheet a formula', () => {
  const { header } = createAlertOutput('csv', source);
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const cells = [...`${line('csv', alert)},`.matchAll(/("(?:[^"]|"")*"|[^",]*),/g)].map(([, cell = '']) =>
        cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      );
      expect(cells).toHaveLength(header?.split(',').length ?? 0);
      for (const cell of cells) expect(cell.trimStart()).not.toMatch(/^[=+@]|^-\D/);
    }),
    { numRuns: 500 },
  );
});

test('every format says how many alerts it kept quiet', () => {
  const csv = createAlertOutput('csv', source);
  const cells = line('csv', sample).split(',');
  expect(cells[(csv.header ?? '').split(',').indexOf('suppressed')]).toBe('3');
  for (const format of ['ocsf-1.1.0', 'ocsf-1.8.0'] as const)
    expect(JSON.parse(line(format, sample))).toMatchObject({ unmapped: { suppressed: 3 } });
  expect(JSON.parse(line('ecs', sample))).toMatchObject({ gatehouse: { alert: { suppressed: 3 } } });
  expect(JSON.parse(line('jsonl', sample))).toMatchObject({ suppressed: 3 });
});

test('JSON Lines: nothing of a full alert that is the console’s own business', () => {
  const full = { ...sample, activity: [{ note: 'private' }], seen_before: {}, runbook: ['step'], events_total: 15 };
  expect(Object.keys(JSON.parse(line('jsonl', full)) as object)).not.toEqual(expect.arrayContaining(['activity']));
  expect(line('jsonl', full)).toBe(line('jsonl', sample));
});
