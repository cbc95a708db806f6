// For which framework and control the entries of a bundle are chosen: what can be chosen, and what is said of it.

import type { Output } from '../../../src-shared/contract/contract.ts';
import type { FrameworkListed } from '../../../src-shared/contract/frameworks.ts';
import type { SearchOption } from '../../ui/controls/SearchSelect.tsx';

export type Catalogue = Output<'frameworks.list'>;

/** Empty texts: not asked for. */
export interface EvidenceChoice {
  readonly framework: string;
  readonly control: string;
}

const nothingBears = 'Nothing in the log bears on it';

export const noEvidenceChoice: EvidenceChoice = { framework: '', control: '' };

export function evidenceFilters({ framework, control }: EvidenceChoice): { framework?: string; control?: string } {
  if (framework === '') return {};
  return control === '' ? { framework } : { framework, control };
}

/** Its sections, each with its controls after it. */
export function controlOptions({ sections, unit }: FrameworkListed): readonly SearchOption[] {
  const named = (ref: string): string => (unit === null ? ref : `${unit} ${ref}`);
  return sections.flatMap((section) => [
    {
      id: section.ref,
      label: `${section.ref} ${section.title}`,
      detail: sectionWords(section),
    },
    ...section.controls.map(({ ref, title, no_evidence: why }) => ({
      id: ref,
      label: `${named(ref)} ${title}`,
      isInner: true,
      ...(why === null ? {} : { detail: nothingBears }),
    })),
  ]);
}

function sectionWords({ controls }: FrameworkListed['sections'][number]): string {
  const proven = controls.filter(({ no_evidence: why }) => why === null).length;
  return proven === 0 ? nothingBears : `All of it; evidence for ${proven} of ${controls.length}`;
}

/** What is said of a choice: why there is nothing to export, or what counts as evidence. */
export function evidenceWords(
  { frameworks, evidence }: Catalogue,
  choice: EvidenceChoice,
): { readonly missing?: string; readonly kinds?: string } {
  const framework = frameworks.find(({ id }) => id === choice.framework);
  if (framework === undefined || choice.control === '') return {};
  const section = framework.sections.find(({ ref }) => ref === choice.control);
  const controls =
    section?.controls ??
    framework.sections.flatMap((each) => each.controls).filter(({ ref }) => ref === choice.control);
  const used = new Set(controls.flatMap((control) => control.evidence));
  if (used.size > 0) {
    const titles = evidence.filter(({ id }) => used.has(id)).map(({ title }) => title);
    return { kinds: `Evidence: ${titles.join('. ')}.` };
  }
  const reasons = new Set(controls.flatMap(({ no_evidence: why }) => (why === null ? [] : [why])));
  return { missing: `Nothing in the log bears on ${choice.control}: ${[...reasons].join(', or ')}.` };
}
