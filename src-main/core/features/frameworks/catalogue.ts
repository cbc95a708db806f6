// The catalogue: frameworks, their controls, and which types of audit entries are evidence for each. Reading it is catalogue-file.ts.
import type { AuditType } from '../../../../src-shared/audit-types.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { nearestName } from '../../../../src-shared/nearest.ts';

export type EvidenceKind = {
  readonly id: string;
  readonly title: string;
  readonly eventTypes: readonly AuditType[];
};

export type Control = {
  /** The official number. */
  readonly ref: string;
  readonly title: string;
  /** Kinds of evidence, by id. */
  readonly evidence: readonly string[];
  /** Sorted, as everywhere here. */
  readonly eventTypes: readonly AuditType[];
  /** Why nothing in the log bears on it, and what to do instead; null where something does. */
  readonly noEvidence: string | null;
};

export type Section = { readonly ref: string; readonly title: string; readonly controls: readonly Control[] };

export type Framework = {
  readonly id: string;
  readonly title: string;
  /** Which edition of the standard the numbers are of. */
  readonly edition: string;
  /** What a number is called in it, such as `Article`; null where the numbers speak for themselves. */
  readonly unit: string | null;
  readonly sections: readonly Section[];
};

export type Catalogue = {
  readonly version: number;
  readonly kinds: readonly EvidenceKind[];
  readonly frameworks: readonly Framework[];
};

/** What was asked for, in the catalogue's own spelling, and the types of entries that it stands for. */
export type Chosen = {
  readonly framework: string;
  readonly control?: string;
  readonly catalogue_version: number;
  readonly event_types: readonly AuditType[];
};

export type Asked = {
  readonly framework?: string | undefined;
  readonly control?: string | undefined;
  readonly event_type?: string | undefined;
};

/**
 * The entries that are evidence for a framework, for one section of it or for one control; undefined where none was asked for.
 * @throws ProblemError request/invalid for names that aren't there or don't go together, frameworks/no-evidence where the log has none.
 */
export function chosenBy(open: () => Catalogue, asked: Asked): Chosen | undefined {
  if (asked.framework === undefined) {
    if (asked.control === undefined) return undefined;
    throw new ProblemError('request/invalid', 'control: say with framework which one it is of, such as soc2');
  }
  const chosen = find(open(), asked.framework, asked.control);
  const type: string | undefined = asked.event_type;
  if (type !== undefined && !chosen.event_types.some((each) => each === type)) {
    const { framework, control = '' } = chosen;
    throw new ProblemError(
      'request/invalid',
      `event_type: ${type} is no evidence for ${`${framework} ${control}`.trim()}; leave out one of them`,
    );
  }
  return chosen;
}

function find(catalogue: Catalogue, name: string, control: string | undefined): Chosen {
  const framework = getFramework(catalogue, name);
  const part = control === undefined ? undefined : getPart(framework, control);
  const eventTypes = typesOf(part ?? framework);
  if (eventTypes.length === 0) throw noEvidence(framework, part);
  return {
    framework: framework.id,
    ...(part === undefined ? {} : { control: part.ref }),
    catalogue_version: catalogue.version,
    event_types: eventTypes,
  };
}

/** @throws ProblemError request/invalid with what was most likely meant. */
export function getFramework({ frameworks }: Catalogue, name: string): Framework {
  const found = frameworks.find(({ id }) => sameReference(id) === sameReference(name));
  if (found !== undefined) return found;
  const ids = frameworks.map(({ id }) => id);
  throw new ProblemError(
    'request/invalid',
    `framework: there is no ${JSON.stringify(name)}${meant(name, ids)}; known are ${ids.join(', ')}`,
  );
}

/** The types of all controls of a framework or section, each once. */
export function typesOf(part: Framework | Section | Control): readonly AuditType[] {
  const types = new Set(controlsOf(part).flatMap(({ eventTypes }) => eventTypes));
  return [...types].sort();
}

function controlsOf(part: Framework | Section | Control): readonly Control[] {
  if ('sections' in part) return part.sections.flatMap((section) => section.controls);
  return 'controls' in part ? part.controls : [part];
}

/** How references are compared: nobody should fail over a blank or a capital letter. */
export function sameReference(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}

function getPart(framework: Framework, name: string): Section | Control {
  const asked = sameReference(name);
  const unit = sameReference(framework.unit ?? '');
  const parts = framework.sections.flatMap((section): (Section | Control)[] => [section, ...section.controls]);
  const found = parts.find(({ ref }) => {
    const same = sameReference(ref);
    return asked === same || (unit !== '' && asked === unit + same);
  });
  if (found !== undefined) return found;
  const refs = parts.map(({ ref }) => ref);
  throw new ProblemError(
    'request/invalid',
    `control: ${framework.title} has no ${JSON.stringify(name)}${meant(name, refs)}; list them with: gatehouse audit frameworks ${framework.id}`,
  );
}

/** One that differs only in its points, or in what is written before the number (`Art. 32` for 32, `8.15` for A.8.15), or the nearest. */
function meant(name: string, candidates: readonly string[]): string {
  const asked = sameReference(name);
  if (asked === '') return '';
  const known = new Map(candidates.map((each) => [sameReference(each), each]));
  const all = [...known.keys()];
  const near =
    all.find((each) => lettersOf(each) === lettersOf(asked)) ??
    all.find((each) => endsWithPart(asked, each) || endsWithPart(each, asked)) ??
    nearestName(asked, all) ??
    all.find((each) => each.startsWith(asked));
  const found = near === undefined ? undefined : known.get(near);
  return found === undefined ? '' : `; did you mean ${found}?`;
}

function lettersOf(text: string): string {
  return text.replace(/[^a-z0-9]/g, '');
}

/** Not in the middle of a number. */
function endsWithPart(whole: string, part: string): boolean {
  return whole.endsWith(part) && !/\d\.?$/.test(whole.slice(0, -part.length));
}

function noEvidence(framework: Framework, part: Section | Control | undefined): ProblemError {
  const reasons = new Set(controlsOf(part ?? framework).map(({ noEvidence: why }) => why));
  const named = part === undefined ? framework.title : `${framework.title} ${part.ref} (${part.title})`;
  return new ProblemError(
    'frameworks/no-evidence',
    `nothing in this log bears on ${named}: ${[...reasons].join(', or ')}`,
  );
}
