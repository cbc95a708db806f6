// The catalogue that ships: its numbers are those of the standards, and every entry type it names is one of the contract.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFrameworks } from '../../../src-main/adapters/files/resources.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { type Control, chosenBy, typesOf } from '../../../src-main/core/features/frameworks/catalogue.ts';
import { readCatalogue } from '../../../src-main/core/features/frameworks/catalogue-file.ts';
import { readYamlDocuments } from '../../../src-main/engine/rules/yaml-documents.ts';
import { readPlainYaml } from '../../../src-main/engine/rules/yaml-plain.ts';
import { auditTypes } from '../../../src-shared/audit-types.ts';
import type { ProblemError } from '../../../src-shared/contract/problems.ts';

const files = readFrameworks(resolve(import.meta.dirname, '../../../resources/frameworks'));
const catalogue = readCatalogue(files);
const controlsOf = (id: string): readonly Control[] =>
  catalogue.frameworks.find((each) => each.id === id)?.sections.flatMap(({ controls }) => controls) ?? [];
const refsOf = (id: string): string[] => controlsOf(id).map(({ ref }) => ref);
const numbered = (prefix: string, most: number): string[] =>
  Array.from({ length: most }, (_, i) => `${prefix}${i + 1}`);

/** What is exported by each control. A change of it is another version of the catalogue, whose digest is added here. */
const released: Readonly<Record<number, string>> = {
  1: 'f028af37a6ebcb153b781f83c2cd7d5d89a3d7ecd0eea7caefde338fec6b8b5f',
};

describe('the numbers of the standards', () => {
  it('has all 61 criteria of SOC 2', () => {
    const counts = { CC1: 5, CC2: 3, CC3: 4, CC4: 2, CC5: 3, CC6: 8, CC7: 5, CC8: 1, CC9: 2, A1: 3, C1: 2, PI1: 5 };
    const privacy = { P1: 1, P2: 1, P3: 2, P4: 3, P5: 2, P6: 7, P7: 1, P8: 1 };
    const all = Object.entries({ ...counts, ...privacy }).flatMap(([series, count]) => numbered(`${series}.`, count));
    expect(refsOf('soc2')).toEqual(all);
    expect(all).toHaveLength(61);
  });

  it('has all 63 requirements of PCI DSS at the second level', () => {
    const counts = [5, 3, 7, 2, 4, 5, 3, 6, 5, 7, 6, 10];
    expect(refsOf('pci-dss')).toEqual(counts.flatMap((count, i) => numbered(`${i + 1}.`, count)));
  });

  it('has all 93 controls of ISO 27001 Annex A', () => {
    const counts = { 5: 37, 6: 8, 7: 14, 8: 34 };
    expect(refsOf('iso27001')).toEqual(
      Object.entries(counts).flatMap(([theme, count]) => numbered(`A.${theme}.`, count)),
    );
  });

  it('has the articles of the GDPR', () => {
    const articles = [5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 25, 30, 32, 33, 34, 35].map(String);
    expect(refsOf('gdpr').filter((ref) => !ref.includes('('))).toEqual(articles);
  });

  it('has the sections of the CCPA', () => {
    const sections = [100, 105, 106, 110, 115, 120, 121, 125, 130, 135, 148, 150].map((number) => `1798.${number}`);
    expect(refsOf('ccpa').filter((ref) => !ref.includes('('))).toEqual(sections);
  });

  it('has the standards of the HIPAA Security Rule and its breach notification', () => {
    const standards = [
      ...['a)(1)(i', 'a)(2', 'a)(3)(i', 'a)(4)(i', 'a)(5)(i', 'a)(6)(i', 'a)(7)(i', 'a)(8', 'b)(1'].map(
        (standard) => `164.308(${standard})`,
      ),
      ...['a)(1', 'b', 'c', 'd)(1'].map((standard) => `164.310(${standard})`),
      ...['a)(1', 'b', 'c)(1', 'd', 'e)(1'].map((standard) => `164.312(${standard})`),
      ...['a)(1', 'b)(1'].map((standard) => `164.314(${standard})`),
      ...['a', 'b)(1'].map((standard) => `164.316(${standard})`),
      ...[402, 404, 406, 408, 410, 412, 414].map((section) => `164.${section}`),
    ];
    expect(refsOf('hipaa')).toEqual(expect.arrayContaining(standards));
    expect(refsOf('hipaa')).toHaveLength(73);
  });
});

describe('what is evidence', () => {
  it('covers every type of the log but those that say nothing of security', () => {
    const covered = new Set(catalogue.kinds.flatMap(({ eventTypes }) => eventTypes));
    const others = Object.keys(auditTypes).filter((type) => !covered.has(type as keyof typeof auditTypes));
    expect(others).toEqual(['search_saved', 'search_deleted']);
  });

  it('uses every kind of evidence and every reason', () => {
    const controls = catalogue.frameworks.flatMap(({ id }) => controlsOf(id));
    const used = new Set(controls.flatMap(({ evidence }) => evidence));
    expect(catalogue.kinds.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
    const [shared] = files
      .filter(({ name }) => name === 'evidence.yml')
      .map(({ name, text }) => readYamlDocuments(name, text));
    const { outside } = (shared?.[0]?.value ?? { outside: [] }) as { outside: { reason: string }[] };
    expect(outside.length).toBeGreaterThan(0);
    const given = controls.map(({ noEvidence }) => noEvidence ?? '');
    for (const { reason } of outside)
      expect(
        given.some((why) => why.startsWith(`${reason}; `)),
        reason,
      ).toBe(true);
  });

  it('gives a control what its parts have', () => {
    for (const { id } of catalogue.frameworks) {
      const controls = controlsOf(id);
      for (const part of controls) {
        for (const whole of controls.filter(({ ref }) => part.ref.startsWith(`${ref}(`))) {
          expect(whole.eventTypes, `${id} ${whole.ref} and ${part.ref}`).toEqual(
            expect.arrayContaining([...part.eventTypes]),
          );
        }
      }
    }
  });

  it('raises its version with what a control is exported with', () => {
    const lines = catalogue.frameworks.flatMap(({ id }) =>
      controlsOf(id).map(({ ref, evidence }) => `${id} ${ref}: ${[...evidence].sort().join(' ')}`),
    );
    const kinds = files
      .filter(({ name }) => name === 'evidence.yml')
      .flatMap(({ name, text }) =>
        readYamlDocuments(name, text).flatMap(({ value }) =>
          (value as { kinds: { id: string; entries: string[] }[] }).kinds.map(
            ({ id, entries }) => `${id}: ${[...entries].sort().join(' ')}`,
          ),
        ),
      );
    expect(sha256Hex([...kinds, ...lines].join('\n'))).toBe(released[catalogue.version]);
    expect(Object.keys(released).at(-1)).toBe(String(catalogue.version));
  });

  it('stands in the documentation', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/frameworks.md'), 'utf8');
    const words = (types: readonly string[]): string => types.map((type) => `\`${type}\``).join(' ');
    const kinds = catalogue.kinds.map(({ id, title, eventTypes }) => `| \`${id}\` | ${title} | ${words(eventTypes)} |`);
    const frameworks = catalogue.frameworks.map(({ id, title, edition }) => {
      const proven = controlsOf(id).filter(({ noEvidence }) => noEvidence === null);
      return `| \`${id}\` | ${title}, ${edition} | ${controlsOf(id).length} | ${proven.length} |`;
    });
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual([...frameworks, ...kinds]);
    expect(page).toContain(`This is version ${catalogue.version} of the catalogue.`);
  });

  it('is written so that it is read in a few milliseconds', () => {
    for (const { name, text } of files) expect(readPlainYaml(text), name).toBeDefined();
  });
});

describe('choosing', () => {
  const open = (): typeof catalogue => catalogue;

  it('finds frameworks and controls however they are written', () => {
    for (const [framework, control, ref] of [
      ['soc2', 'CC6.1', 'CC6.1'],
      ['SOC 2', 'cc6.1', 'CC6.1'],
      ['gdpr', 'Article 32', '32'],
      ['gdpr', 'article 5(1)(f)', '5(1)(f)'],
      ['hipaa', '§ 164.312(b)', '164.312(b)'],
      ['pci-dss', 'Requirement 10.2', '10.2'],
      ['iso27001', 'a.8.15', 'A.8.15'],
    ] as const) {
      expect(chosenBy(open, { framework, control })).toMatchObject({ control: ref, catalogue_version: 1 });
    }
  });

  it('takes a section for all of its controls, and a framework for all of its sections', () => {
    const chosen = chosenBy(open, { framework: 'soc2', control: 'CC6' });
    const types = new Set(
      controlsOf('soc2')
        .filter(({ ref }) => ref.startsWith('CC6.'))
        .flatMap((each) => each.eventTypes),
    );
    expect(chosen).toEqual({
      framework: 'soc2',
      control: 'CC6',
      catalogue_version: 1,
      event_types: [...types].sort(),
    });
    const [framework] = catalogue.frameworks.filter(({ id }) => id === 'soc2');
    expect(chosenBy(open, { framework: 'soc2' })).toEqual({
      framework: 'soc2',
      catalogue_version: 1,
      event_types: framework === undefined ? [] : typesOf(framework),
    });
    expect(chosenBy(open, { event_type: 'login' })).toBeUndefined();
  });

  it.each([
    [
      { framework: 'sok2' },
      'framework: there is no "sok2"; did you mean soc2?; known are ccpa, gdpr, hipaa, iso27001, pci-dss, soc2',
    ],
    [{ framework: 'pci' }, 'did you mean pci-dss?'],
    [{ framework: ' ' }, 'there is no " "; known are'],
    [{ control: 'CC6.1' }, 'control: say with framework which one it is of'],
    [{ framework: 'soc2', control: 'CC61' }, 'did you mean CC6.1?; list them with: gatehouse audit frameworks soc2'],
    [{ framework: 'hipaa', control: '164.312b' }, 'did you mean 164.312(b)?'],
    [{ framework: 'gdpr', control: 'Art. 32' }, 'did you mean 32?'],
    [{ framework: 'iso27001', control: '8.15' }, 'did you mean A.8.15?'],
    [{ framework: 'pci-dss', control: '8.99' }, 'PCI DSS has no "8.99"; did you mean 8.'],
    [{ framework: 'soc2', control: '__proto__' }, 'has no "__proto__"; list them'],
    [
      { framework: 'soc2', control: 'CC6.1', event_type: 'backup_create' },
      'event_type: backup_create is no evidence for soc2 CC6.1',
    ],
  ])('refuses %j with what to do', (asked, said) => {
    expect(refusal(asked)).toMatchObject({ code: 'request/invalid', message: expect.stringContaining(said) });
  });

  it('says of a control without evidence why, and what to do', () => {
    expect(refusal({ framework: 'soc2', control: 'CC1.1' })).toMatchObject({
      code: 'frameworks/no-evidence',
      message:
        'nothing in this log bears on SOC 2 Trust Services Criteria CC1.1 (Integrity and ethical values are lived and expected): it is shown by what the organisation has decided and written down; attach the policy, minutes or decision to a bundle as a file',
    });
    expect(refusal({ framework: 'soc2', control: 'CC1' })).toMatchObject({ code: 'frameworks/no-evidence' });
    const lacking = {
      ...catalogue,
      frameworks: catalogue.frameworks.map((framework) => ({ ...framework, sections: framework.sections.slice(0, 1) })),
    };
    expect(() => chosenBy(() => lacking, { framework: 'soc2' })).toThrow(
      'nothing in this log bears on SOC 2 Trust Services Criteria: it is shown by',
    );
    for (const { id } of catalogue.frameworks) {
      for (const { ref, eventTypes, noEvidence } of controlsOf(id)) {
        expect(eventTypes.length > 0, `${id} ${ref}`).toBe(noEvidence === null);
      }
    }
  });

  function refusal(asked: Parameters<typeof chosenBy>[1]): ProblemError | undefined {
    try {
      chosenBy(open, asked);
      return undefined;
    } catch (error) {
      return error as ProblemError;
    }
  }
});
