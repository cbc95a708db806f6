// SARIF 2.1.0: one run, written as the matches come; the rules that fired follow them.

import type { RuleFacts } from './messages.ts';
import { levelWord, type Report, timeText } from './reports.ts';

const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' } as const;
/** What code-scanning tools sort by: 0 to 10. */
const severity = { critical: '9.5', high: '8.0', medium: '5.0', low: '2.0', info: '0.0' } as const;

export function sarifReport(version: string): Report {
  const rules = new Map<string, { readonly index: number; readonly facts: RuleFacts }>();
  let first = true;
  return {
    begin: () =>
      '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[\n',
    match: ({ rule, file, record, line, timeMs, event, sentence }) => {
      const known = rules.get(rule.id) ?? { index: rules.size, facts: rule };
      rules.set(rule.id, known);
      const result = {
        ruleId: rule.id,
        ruleIndex: known.index,
        level: levels[rule.level],
        message: { text: sentence ?? `${rule.title} (record ${record})` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: uriOf(file) },
              ...(line === undefined ? {} : { region: { startLine: line } }),
            },
          },
        ],
      };
      const separator = first ? '' : ',\n';
      first = false;
      const place = JSON.stringify({ record, time: timeText(timeMs) }).slice(0, -1);
      // The event is JSON already: put in as it is, its numbers keep all their digits.
      return `${separator}${JSON.stringify(result).slice(0, -1)},"properties":${place},"event":${event}}}`;
    },
    end: ({ partial, unread, unreadFiles, isIncomplete, refused, refusedRules, startedAtMs, endedAtMs }) => {
      const driver = {
        name: 'Gatehouse',
        semanticVersion: version,
        rules: [...rules.values()].map(({ facts }) => describe(facts)),
      };
      const notRead = withRest(unread, unreadFiles, 'files that were not read');
      const execution = [
        ...(partial === undefined ? [] : [notification('error', partial)]),
        ...notRead.map((text) => notification('warning', `not read: ${text}`)),
      ];
      const configuration = withRest(refused, refusedRules, 'rules that could not be used').map((text) =>
        notification('warning', `rule refused: ${text}`),
      );
      const invocation = {
        executionSuccessful: !isIncomplete,
        startTimeUtc: new Date(startedAtMs).toISOString(),
        endTimeUtc: new Date(endedAtMs).toISOString(),
        ...(execution.length === 0 ? {} : { toolExecutionNotifications: execution }),
        ...(configuration.length === 0 ? {} : { toolConfigurationNotifications: configuration }),
      };
      return `\n],"tool":${JSON.stringify({ driver })},"invocations":[${JSON.stringify(invocation)}]}]}\n`;
    },
  };
}

function notification(level: 'error' | 'warning', text: string): Record<string, unknown> {
  return { level, message: { text } };
}

function withRest(listed: readonly string[], count: number, what: string): string[] {
  return count > listed.length ? [...listed, `and ${count - listed.length} more ${what}`] : [...listed];
}

function describe({ id, title, description, level, tags, references }: RuleFacts): Record<string, unknown> {
  const [link] = references.filter((reference) => URL.canParse(reference));
  return {
    id,
    name: title,
    shortDescription: { text: title },
    ...(description === '' ? {} : { fullDescription: { text: description } }),
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: levels[level] },
    properties: { tags, level: levelWord(level), 'security-severity': severity[level] },
  };
}

function uriOf(file: string): string {
  const path = file.split(/[\\/]/).map(encodeURIComponent).join('/');
  // `a:b` at the start would be a scheme.
  return path.startsWith('/') ? `file://${path}` : path;
}
