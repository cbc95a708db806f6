// Findings of scans loaded as alerts: each once, with its event as evidence, marked as what they are, and open to those who may.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanFinding } from '../../../src-shared/contract/alerts.ts';
import { createAlertsConsole } from './alerts-console.ts';

const admin = 'admin:ada';

const logon = {
  EventID: 4625,
  Channel: 'Security',
  Computer: 'dc01',
  TimeCreated: '2026-11-20T10:00:00.000Z',
  IpAddress: '203.0.113.7',
  TargetUserName: 'mira',
};

function found(part: Partial<ScanFinding> = {}): ScanFinding {
  return {
    rule_id: '11111111-1111-4111-8111-111111111111',
    title: 'Failed logon',
    level: 'high',
    tags: ['attack.credential-access', 'attack.t1110.001'],
    description: 'A logon that failed',
    references: ['https://example.org/rule'],
    file: 'evidence/security.ndjson',
    record: 7,
    time: '2026-11-20T10:00:00.000Z',
    event: logon,
    ...part,
  };
}

const nothing = { raised: 0, repeated: 0, known: 0, rejected: [], alerts: [] };

describe('alerts.load', () => {
  it('makes an alert with the rule, the file, the record and the event of the finding', async () => {
    using console = createAlertsConsole();
    console.describe.current = undefined;
    const answer = await console.call('key:ci', 'alerts.load', { findings: [found()] });
    expect(answer).toEqual({ ...nothing, raised: 1, alerts: [expect.any(String)] });
    const alert = await console.call(admin, 'alerts.get', { id: answer.alerts[0] ?? '' });
    expect(alert).toMatchObject({
      origin: 'scan',
      title: 'Failed logon',
      severity: 'high',
      risk: 56,
      sentence: 'Failed logon. Found by a scan in evidence/security.ndjson, record 7.',
      techniques: ['T1110.001'],
      detector: {
        id: found().rule_id,
        title: 'Failed logon',
        description: 'A logon that failed',
        references: ['https://example.org/rule'],
        parameters: { file: 'evidence/security.ndjson' },
      },
      first_seen_at: '2026-11-20T10:00:00.000Z',
      count: 1,
    });
    expect(alert.entities).toEqual([
      { kind: 'user', value: 'mira' },
      { kind: 'ip', value: '203.0.113.7' },
      { kind: 'host', value: 'dc01' },
    ]);
    expect(alert.risk_derivation.reduce((sum, { points }) => sum + points, 0)).toBe(alert.risk);
    expect(alert.events).toMatchObject([{ record: { source: 'dc01', details: { EventID: 4625 } } }]);
    const row = console.store.read('default', (tx) =>
      tx.get<{ record: string; format: string }>('SELECT record, format FROM event WHERE workspace = :workspace'),
    );
    expect(row?.format).toBe('scan');
    expect(row?.record).toContain('"TargetUserName":"mira"');
    expect(console.entries.map(({ type }) => type)).toEqual(['alert_raised', 'alerts_load']);
    expect(console.entries.at(-1)?.details).toEqual({
      findings: 1,
      raised: 1,
      repeated: 0,
      known: 0,
      rejected: 0,
      alerts: answer.alerts,
    });
  });

  it('adds nothing when loaded again, however the path is written and whatever became of the alert', async () => {
    using console = createAlertsConsole();
    const findings = Array.from({ length: 30 }, (_, record) => found({ record }));
    const first = await console.call(admin, 'alerts.load', { findings });
    expect(first).toMatchObject({ raised: 1, repeated: 29, known: 0 });
    const before = await console.call(admin, 'alerts.get', { id: first.alerts[0] ?? '' });
    expect(before.count).toBe(30);
    expect(await console.call(admin, 'alerts.load', { findings })).toEqual({ ...nothing, known: 30 });
    const elsewhere = findings.map((finding) => ({ ...finding, file: '/mnt/x/security.ndjson' }));
    expect(await console.call(admin, 'alerts.load', { findings: elsewhere })).toEqual({ ...nothing, known: 30 });
    expect(await console.call(admin, 'alerts.get', { id: before.id })).toEqual(before);
    await console.call(admin, 'alerts.close', { id: before.id, verdict: 'duplicate' });
    expect(await console.call(admin, 'alerts.load', { findings })).toEqual({ ...nothing, known: 30 });
    expect((await console.call(admin, 'alerts.list', {})).items).toEqual([]);
  });

  it('keeps rules, files and hosts apart, and stores a record that several rules found once', async () => {
    using console = createAlertsConsole();
    const other = { ...logon, Computer: 'dc02' };
    const findings = [
      found(),
      found({ rule_id: 'other', level: 'informational' }),
      found({ file: 'evidence/other.ndjson' }),
      found({ record: 8, event: other }),
    ];
    expect(await console.call(admin, 'alerts.load', { findings })).toMatchObject({ raised: 4, repeated: 0 });
    const count = console.store.read('default', (tx) =>
      tx.get<{ total: number }>('SELECT count(*) AS total FROM event WHERE workspace = :workspace'),
    );
    expect(count?.total).toBe(3);
  });

  it('can be asked for by origin', async () => {
    using console = createAlertsConsole();
    console.raise();
    await console.call(admin, 'alerts.load', { findings: [found()] });
    for (const origin of ['rule', 'scan'] as const) {
      const { items } = await console.call(admin, 'alerts.list', { origin });
      expect(items.map((row) => row.origin)).toEqual([origin]);
      expect((await console.call(admin, 'alerts.summary', { origin })).matching).toBe(1);
    }
  });

  it('says of each finding that it can not take why, and takes the others', async () => {
    using console = createAlertsConsole();
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as object;
    const events = [nested(40), nested(200), { EventID: 70_000, Channel: 'x' }, { a: 'x'.repeat(300_000) }];
    const findings = [...events.map((event, record) => found({ event: { ...event }, record })), found()];
    const answer = await console.call(admin, 'alerts.load', { findings });
    expect(answer).toMatchObject({ raised: 1 });
    expect(answer.rejected.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    for (const { reason } of answer.rejected) expect(reason.length).toBeGreaterThan(5);
    // What was refused is not taken for loaded.
    expect((await console.call(admin, 'alerts.load', { findings })).rejected).toHaveLength(4);
  });

  it('takes a record without a time, and any text as one', async () => {
    using console = createAlertsConsole();
    const answer = await console.call(admin, 'alerts.load', { findings: [found({ time: null, event: { a: 1 } })] });
    expect(answer).toMatchObject({ raised: 1, rejected: [] });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), fc.jsonValue(), async (text, event) => {
        const title = text.toWellFormed() || 'x';
        const finding = found({ title, file: title, rule_id: title, event: { message: event } });
        const { raised, repeated, known, rejected } = await console.call(admin, 'alerts.load', { findings: [finding] });
        expect(raised + repeated + known + rejected.length).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('is for those who may, in their workspace', async () => {
    using console = createAlertsConsole();
    for (const token of ['viewer:val', 'auditor:ann', 'privacy_officer:pia'])
      expect(await console.refusal(token, 'alerts.load', { findings: [found()] })).toMatchObject({
        code: 'access/forbidden',
      });
    const wrong = [
      { findings: [] },
      { findings: [{ ...found(), level: 'grave' }] },
      { findings: [{ ...found(), x: 1 }] },
    ];
    for (const input of wrong)
      expect(await console.refusal(admin, 'alerts.load', input)).toMatchObject({ code: 'request/invalid' });
    await console.call('admin:ada@elsewhere', 'alerts.load', { findings: [found()] });
    expect((await console.call(admin, 'alerts.list', {})).items).toEqual([]);
    expect(await console.call(admin, 'alerts.load', { findings: [found()] })).toMatchObject({ raised: 1 });
  });
});
