// Alerts as lines for other tools: the queue's filters, all of them once over all pages, one entry an export.
import { describe, expect, it } from 'vitest';
import type { Input } from '../../../src-shared/contract/contract.ts';
import { outputFormat } from '../../../src-shared/contract/search.ts';
import { type AlertsConsole, createAlertsConsole } from './alerts-console.ts';

const admin = 'admin:ada';

async function exported(console: AlertsConsole, input: Input<'alerts.export'>, token = admin) {
  const lines: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await console.call(token, 'alerts.export', {
      ...input,
      ...(cursor === undefined ? {} : { cursor }),
    });
    lines.push(...page.lines);
    pages += 1;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return { lines, pages };
}

describe('alerts.export', () => {
  it('writes each alert once, newest first, over any number of pages, as one entry of the log', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 130; made += 1) {
      console.raise({ risk: made % 100 });
      console.host.advance(1_000);
    }
    const before = console.entries.length;
    const { lines, pages } = await exported(console, { format: 'jsonl', limit: 60 });
    expect(pages).toBe(3);
    const numbers = lines.map((line) => (JSON.parse(line) as { number: number }).number);
    expect(numbers).toEqual(Array.from({ length: 130 }, (_, at) => 130 - at));
    expect(console.entries.slice(before)).toMatchObject([
      { type: 'alerts_export', details: { format: 'jsonl', filters: {} } },
    ]);
    const byRisk = await exported(console, { format: 'jsonl', sort: 'risk', limit: 7 });
    expect(byRisk.lines).toHaveLength(130);
    expect(JSON.parse(byRisk.lines[0] ?? '')).toMatchObject({ risk: 99 });
  });

  it('keeps to the filters and to what the alert says', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise({ level: 'critical', title: '=cmd|calc', techniques: ['T1110.001'] });
    console.raise({ level: 'low' });
    await console.call(admin, 'alerts.close', { id: alertId, verdict: 'true_positive', note: 'was real' });
    expect((await exported(console, { format: 'jsonl' })).lines).toHaveLength(1);
    const closed = { status: ['closed' as const], severity: ['critical' as const] };
    const [jsonl] = (await exported(console, { format: 'jsonl', ...closed })).lines;
    const shown = await console.call(admin, 'alerts.get', { id: alertId });
    const { detector, events, sentence, risk_derivation, ...row } = JSON.parse(jsonl ?? '');
    expect({ sentence, risk_derivation }).toEqual({
      sentence: shown.sentence,
      risk_derivation: shown.risk_derivation,
    });
    const { items } = await console.call(admin, 'alerts.list', closed);
    expect(row).toEqual(items[0]);
    expect(detector).toMatchObject({ id: 'failed-logins', version: 'a1b2c3', title: 'Multiple failed logins' });
    expect(events).toEqual(shown.events.map(({ id, sha256 }) => ({ id, sha256 })));
    const [ocsf] = (await exported(console, { format: 'ocsf-1.8.0', ...closed })).lines;
    expect(JSON.parse(ocsf ?? '')).toMatchObject({ class_uid: 2004, activity_id: 3, status_id: 4, verdict_id: 2 });
    const csv = await console.call(admin, 'alerts.export', { format: 'csv', ...closed });
    expect(csv.header).toMatch(/^number,id,severity,/);
    expect(csv.lines[0]).toContain(",'=cmd|calc,");
  });

  it('is as closed as the queue is', async () => {
    using console = createAlertsConsole();
    console.raise({}, 'elsewhere');
    expect((await exported(console, { format: 'cef' })).lines).toEqual([]);
    expect((await exported(console, { format: 'cef' }, 'viewer:val')).lines).toEqual([]);
    expect(await console.refusal('privacy_officer:pia', 'alerts.export', { format: 'cef' })).toMatchObject({
      code: 'access/forbidden',
    });
    for (const input of [{}, { format: 'xml' }, { format: 'cef', cursor: 'AAAA' }, { format: 'cef', limit: 1_001 }])
      expect(await console.refusal(admin, 'alerts.export', input)).toMatchObject({ code: 'request/invalid' });
    expect(await console.refusal(admin, 'alerts.export', { format: 'cef', ip: '10.0.0.0/99' })).toMatchObject({
      code: 'request/invalid',
    });
    for (const format of outputFormat.options) expect((await exported(console, { format })).lines).toEqual([]);
  });
});
