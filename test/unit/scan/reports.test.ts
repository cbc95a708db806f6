// The forms of a scan's result: SARIF, OCSF, HTML and CSV with texts that an attacker chose.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { escapeHtml, htmlReport } from '../../../src-main/shells/scan/html-report.ts';
import type { RuleFacts } from '../../../src-main/shells/scan/messages.ts';
import {
  csvReport,
  ndjsonReport,
  ocsfReport,
  type Report,
  type ShownMatch,
  tableReport,
} from '../../../src-main/shells/scan/reports.ts';
import { sarifReport } from '../../../src-main/shells/scan/sarif.ts';
import { createOcsfValidator, ocsfFolder } from '../outputs/ocsf-schema.ts';

const evil = `</pre><script>alert(1)</script><img src=x onerror="x">'\`\u202e]]>`;
const rule: RuleFacts = {
  id: '11111111-1111-4111-8111-111111111111',
  title: `=Title ${evil}`,
  level: 'high',
  tags: ['attack.t1110.001'],
  techniques: ['T1110.001'],
  description: evil,
  references: ['not a link', 'https://example.org/x'],
  falsePositives: [evil],
};
const match: ShownMatch = {
  rule,
  file: `logs/a b${evil.replaceAll('/', '')}.ndjson`,
  record: 41,
  line: 42,
  timeMs: Date.UTC(2026, 10, 21, 7, 50),
  event: JSON.stringify({ CommandLine: evil, big: 1 }).replace('1}', '9007199254740993}'),
  sentence: undefined,
};
const summary = {
  files: 1,
  records: 100,
  rejected: 2,
  rules: 3,
  matches: 2,
  partial: undefined,
  unread: [],
  unreadFiles: 0,
  isIncomplete: false,
  refused: [],
  refusedRules: 0,
  startedAtMs: Date.UTC(2026, 10, 21, 8),
  endedAtMs: Date.UTC(2026, 10, 21, 8, 0, 1),
};

function whole(
  report: Report,
  matches: readonly ShownMatch[] = [match, { ...match, record: 50, timeMs: undefined, line: undefined }],
): string {
  return report.begin() + matches.map((one) => report.match(one)).join('') + report.end(summary);
}

describe('lines', () => {
  it('NDJSON keeps every digit of the event', () => {
    const [line] = whole(ndjsonReport()).split('\n');
    expect(line).toContain('9007199254740993');
    expect(JSON.parse(line ?? '')).toMatchObject({ record: 41, level: 'high', time: '2026-11-21T07:50:00.000Z' });
  });

  it('CSV is quoted, and nothing in it is a formula', () => {
    const text = whole(csvReport());
    expect(text.startsWith('rule_id,title,level,tags,file,record,time,event\r\n')).toBe(true);
    expect(text).toContain(`"'=Title `);
  });

  it('a table has no character that steers a terminal', () => {
    expect(whole(tableReport()).replaceAll('\n', '')).not.toMatch(/[\u202e\p{Cc}]/u);
  });
});

it('SARIF has the shape of 2.1.0', () => {
  const log = JSON.parse(whole(sarifReport('0.1.0')));
  expect(log.version).toBe('2.1.0');
  expect(Object.keys(log).sort()).toEqual(['$schema', 'runs', 'version']);
  const [run] = log.runs;
  expect(run.tool.driver).toMatchObject({ name: 'Gatehouse', semanticVersion: '0.1.0' });
  expect(run.tool.driver.rules).toEqual([
    {
      id: rule.id,
      name: rule.title,
      shortDescription: { text: rule.title },
      fullDescription: { text: evil },
      helpUri: 'https://example.org/x',
      defaultConfiguration: { level: 'error' },
      properties: { tags: rule.tags, level: 'high', 'security-severity': '8.0' },
    },
  ]);
  expect(run.invocations).toEqual([
    { executionSuccessful: true, startTimeUtc: '2026-11-21T08:00:00.000Z', endTimeUtc: '2026-11-21T08:00:01.000Z' },
  ]);
  expect(run.results).toHaveLength(2);
  expect(whole(sarifReport('0.1.0'))).toContain('"big":9007199254740993');
  for (const result of run.results) {
    expect(result).toMatchObject({ ruleId: rule.id, ruleIndex: 0, level: 'error' });
    const { artifactLocation } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toMatch(/^[\w.~%!*'()/-]+$/);
    expect(decodeURIComponent(artifactLocation.uri)).toBe(match.file);
  }
  expect(
    run.results.map(
      (one: { locations: [{ physicalLocation: { region?: unknown } }] }) => one.locations[0].physicalLocation.region,
    ),
  ).toEqual([{ startLine: 42 }, undefined]);
  expect(JSON.parse(whole(sarifReport('0.1.0'), [])).runs[0].results).toEqual([]);
});

describe('what was not looked at', () => {
  const incomplete = {
    ...summary,
    unread: [`logs/${evil}: no right to it`],
    unreadFiles: 3,
    isIncomplete: true,
    refused: [`r.yml: ${evil}`],
    refusedRules: 1,
  };

  it('stands in SARIF as notifications, and the run is no success', () => {
    const { runs } = JSON.parse(`${sarifReport('0.1.0').begin()}${sarifReport('0.1.0').end(incomplete)}`);
    expect(runs[0].invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [
        { level: 'warning', message: { text: `not read: logs/${evil}: no right to it` } },
        { level: 'warning', message: { text: 'not read: and 2 more files that were not read' } },
      ],
      toolConfigurationNotifications: [{ level: 'warning', message: { text: `rule refused: r.yml: ${evil}` } }],
    });
  });

  it('stands in the HTML report', () => {
    const page = htmlReport('0.1.0').end(incomplete);
    expect(page).toContain('2 records and 3 files not readable, 1 rule not usable.');
    expect(page).toContain(`<li>logs/${escapeHtml(evil)}: no right to it</li>\n</ul>\n<p>and 2 more</p>`);
    expect(page).toContain(`<li>r.yml: ${escapeHtml(evil)}</li>`);
    expect(page).not.toContain('<script');
    expect(htmlReport('0.1.0').end(summary)).not.toContain('Not read');
  });
});

describe('HTML', () => {
  const page = whole(htmlReport('0.1.0'));

  it('lets nothing of what was logged be markup', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).not.toContain('\u202e');
    expect(page.match(/<(\w+)/g)?.every((tag) => allowed.has(tag))).toBe(true);
    expect(escapeHtml(evil)).not.toMatch(/[<>"'`]/);
  });

  it('lets in its own style and nothing else, and says so', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    expect(page.match(/<[^>]*>/g)?.filter((tag) => /\s(?:style|src|href|on\w+)=/.test(tag))).toEqual([]);
    expect(page).toContain(escapeHtml(policy));
  });

  it('has a timeline, techniques and the matches', () => {
    expect(page).toContain('<rect class="high"');
    expect(page).toContain('<td class="high">T1110.001</td><td>1</td><td>2</td>');
    expect(page).toContain('record 41');
    expect(whole(htmlReport('0.1.0'), [])).toContain('Nothing matched.');
  });

  it('stays small whatever there is', () => {
    const report = htmlReport('0.1.0');
    for (let at = 0; at < 50_000; at++)
      report.match({ ...match, record: at, timeMs: at * 86_400_000, event: JSON.stringify({ a: 'x'.repeat(5000) }) });
    const text = report.end(summary);
    expect(text.length).toBeLessThan(300_000);
    expect(text).toContain('and 49,975 more');
  });
});

const allowed = new Set(
  '<html <head <meta <title <style <body <header <main <h1 <p <ul <li <b <section <h2 <svg <rect <span <table <thead <tr <th <tbody <td <details <summary <article <h3 <pre <footer <code'.split(
    ' ',
  ),
);

describe('OCSF Detection Finding', () => {
  const [line] = whole(ocsfReport('0.1.0', Date.UTC(2026, 10, 21, 8), '1.8.0')).split('\n');
  const finding = JSON.parse(line ?? '') as Record<string, unknown>;

  it('says what was found where', () => {
    expect(finding).toMatchObject({
      class_uid: 2004,
      category_uid: 2,
      type_uid: 200_401,
      severity_id: 4,
      finding_info: {
        title: rule.title,
        analytic: { uid: rule.id, type_id: 1 },
        attacks: [{ technique: { uid: 'T1110' }, sub_technique: { uid: 'T1110.001' } }],
      },
    });
  });

  it.each(['1.1.0', '1.8.0'] as const)('is valid by the schema %s', (schema) => {
    const folder = ocsfFolder(schema);
    if (folder === undefined) return console.warn(`the OCSF schema ${schema} is not here: that check was not run`);
    const [text] = whole(ocsfReport('0.1.0', Date.UTC(2026, 10, 21, 8), schema)).split('\n');
    expect(createOcsfValidator(folder)(JSON.parse(text ?? '') as Record<string, unknown>)).toEqual([]);
    return undefined;
  });
});
