// The quick reader of plain YAML against the whole parser: on rules with random damage it must say the same or leave it alone.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readPlainYaml } from '../../../src-main/engine/rules/yaml-plain.ts';
import { coreFolders, hasDetectionData, sigmaRules } from '../../support/detection-data.ts';

const sample = `title: Whoami Execution
id: e28a5a99-da44-436d-b7a0-2afc20a5f413
related:
    - id: 79ce34ca-af29-4d0e-b832-fc1b377020db
      type: obsolete
status: test
description: |
    Detects the execution of whoami,

      which has been used by many: # not a comment
references:
    - https://brica.de/alerts/alert/public/1247926/
    - 'it''s quoted' # a comment
author: Florian Roth (Nextron Systems), @someone
date: 2018-08-13
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        - Image|endswith: '\\whoami.exe'
        - OriginalFileName: "whoami.exe"
          EventID: 4625
    filter:
        A.b|re: '^a'
        Flag: true
        Empty: ''
        Nothing:
    keywords:
    - one
    - 007
    - null
    condition: 1 of selection and not filter
falsepositives:
    - Unknown
level: high
`;

function whole(text: string): string | undefined {
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    merge: false,
  });
  if (!Array.isArray(documents) || documents.length !== 1) return undefined;
  const [document] = documents;
  return document === undefined || document.errors.length + document.warnings.length > 0
    ? undefined
    : JSON.stringify(document.toJS());
}

function same(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === undefined) return false;
  expect(JSON.stringify(plain.value)).toBe(whole(text));
  return true;
}

const damage = fc.record({
  at: fc.nat(sample.length),
  remove: fc.oneof(fc.constant(0), fc.nat(6)),
  insert: fc.oneof(
    fc.constantFrom(
      ...[
        '',
        "'",
        '"',
        ':',
        ': ',
        ' ',
        '  ',
        '    ',
        '\n',
        '\n\n',
        '#',
        ' #',
        '- ',
        '-',
        '|',
        '|-',
        '>',
        '&a ',
        '*a',
        '!x ',
      ],
    ),
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ',',
        '?',
        '? ',
        '~',
        '.5',
        '1e3',
        '0o7',
        '-1',
        'null',
        'true',
        '%',
        '@',
        '`',
        '\t',
        '\\',
        'é',
        '---\n',
        '<<',
      ],
    ),
    fc.string({ maxLength: 3 }),
  ),
});

it('says what the whole parser says, or nothing', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(damage, { minLength: 0, maxLength: 4 }), (changes) => {
      let text = sample;
      for (const { at, remove, insert } of changes) text = text.slice(0, at) + insert + text.slice(at + remove);
      if (same(text)) read++;
    }),
    { numRuns: Number(process.env.GATEHOUSE_DIFFERENTIAL_RUNS ?? 3000) },
  );
  expect(read).toBeGreaterThan(300);
});

it.skipIf(!hasDetectionData)('reads nearly all public rules (data beside the checkout)', { timeout: 120_000 }, () => {
  const sources = sigmaRules(...coreFolders);
  expect(sources.filter(({ text }) => same(text)).length).toBeGreaterThan(3700);
});
