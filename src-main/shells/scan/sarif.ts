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
        properties: { record, time: timeText(timeMs), event: JSON.parse(event) as unknown },
      };
      const separator = first ? '' : ',\n';
      first = false;
      return separator + JSON.stringify(result);
    },
    end: ({ partial, startedAtMs, endedAtMs }) => {
      const driver = {
        name: 'Gatehouse',
        semanticVersion: version,
        rules: [...rules.values()].map(({ facts }) => describe(facts)),
      };
      const invocation = {
        executionSuccessful: partial === undefined,
        startTimeUtc: new Date(startedAtMs).toISOString(),
        endTimeUtc: new Date(endedAtMs).toISOString(),
        ...(partial === undefined
          ? {}
          : { toolExecutionNotifications: [{ level: 'error', message: { text: partial } }] }),
      };
      return `\n],"tool":${JSON.stringify({ driver })},"invocations":[${JSON.stringify(invocation)}]}]}\n`;
    },
  };
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
