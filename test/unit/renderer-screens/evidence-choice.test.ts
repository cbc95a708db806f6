// What the export offers as controls, asks for, and says of a choice.
import { expect, it } from 'vitest';
import {
  type Catalogue,
  controlOptions,
  evidenceFilters,
  evidenceWords,
  noEvidenceChoice,
} from '../../../src-renderer/features/audit/evidence-choice.ts';

const control = (ref: string, evidence: string[], why: string | null = null) => ({
  ref,
  title: `Title of ${ref}`,
  evidence,
  event_types: [],
  no_evidence: why,
});
const framework = (unit: string | null) => ({
  id: 'own',
  title: 'Own',
  edition: '1',
  unit,
  event_types: [],
  sections: [
    {
      ref: 'A',
      title: 'First',
      event_types: [],
      controls: [control('A.1', ['keys', 'doors']), control('A.2', [], 'people do it')],
    },
    {
      ref: 'B',
      title: 'Second',
      event_types: [],
      controls: [control('B.1', [], 'walls do it'), control('B.2', [], 'walls do it')],
    },
  ],
});
const catalogue: Catalogue = {
  catalogue_version: 1,
  frameworks: [framework(null)],
  evidence: [
    { id: 'doors', title: 'Doors opened', event_types: [] },
    { id: 'keys', title: 'Keys made', event_types: [] },
    { id: 'others', title: 'Others', event_types: [] },
  ],
};
const wordsOf = (chosen: string) => evidenceWords(catalogue, { framework: 'own', control: chosen });

it('offers each section with its controls after it, by the names of the standard', () => {
  expect(controlOptions(framework(null))).toEqual([
    { id: 'A', label: 'A First', detail: 'All of it; evidence for 1 of 2' },
    { id: 'A.1', label: 'A.1 Title of A.1', isInner: true },
    { id: 'A.2', label: 'A.2 Title of A.2', isInner: true, detail: 'Nothing in the log bears on it' },
    { id: 'B', label: 'B Second', detail: 'Nothing in the log bears on it' },
    { id: 'B.1', label: 'B.1 Title of B.1', isInner: true, detail: 'Nothing in the log bears on it' },
    { id: 'B.2', label: 'B.2 Title of B.2', isInner: true, detail: 'Nothing in the log bears on it' },
  ]);
  const labels = controlOptions(framework('Article')).map(({ label }) => label);
  expect(labels.slice(0, 2)).toEqual(['A First', 'Article A.1 Title of A.1']);
});

it('asks for what was chosen', () => {
  expect(evidenceFilters(noEvidenceChoice)).toEqual({});
  expect(evidenceFilters({ framework: 'own', control: '' })).toEqual({ framework: 'own' });
  expect(evidenceFilters({ framework: 'own', control: 'A.1' })).toEqual({ framework: 'own', control: 'A.1' });
});

it('says what counts as evidence, and why nothing does', () => {
  expect(wordsOf('')).toEqual({});
  expect(wordsOf('A.1')).toEqual({ kinds: 'Evidence: Doors opened. Keys made.' });
  expect(wordsOf('A')).toEqual(wordsOf('A.1'));
  expect(wordsOf('A.2')).toEqual({ missing: 'Nothing in the log bears on A.2: people do it.' });
  expect(wordsOf('B')).toEqual({ missing: 'Nothing in the log bears on B: walls do it.' });
  expect(evidenceWords(catalogue, noEvidenceChoice)).toEqual({});
});
