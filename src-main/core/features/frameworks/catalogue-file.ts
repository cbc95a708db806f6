// Files of the catalogue, in YAML: one says which entries are evidence of what, each of the others is a framework. Anybody may have
// written them, so every member is known, every name exists, and sizes have limits.
import { z } from 'zod';
import { type AuditType, auditTypes } from '../../../../src-shared/audit-types.ts';
import { nearestName } from '../../../../src-shared/nearest.ts';
import { RuleError } from '../../../engine/rules/rule-error.ts';
import { readYamlDocuments } from '../../../engine/rules/yaml-documents.ts';
import { type Catalogue, type Control, type EvidenceKind, type Framework, sameReference } from './catalogue.ts';

export type CatalogueSource = { readonly name: string; readonly text: string };

/** A refusal of one file, with where and why. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

const allTypes = Object.keys(auditTypes) as readonly AuditType[];

const id = z
  .string()
  .regex(/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/, 'expected small letters, digits, - and _')
  .max(40);
/** One line, without what could move a cursor or turn the direction of the text. */
const line = z
  .string()
  .max(200)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'expected one line of text')
  .refine((text) => text.trim() === text, 'expected no blanks at its ends');
const reference = line.max(40);
const pattern = z
  .string()
  .max(80)
  .regex(/^[a-z]+(_[a-z]+)*(_\*)?$/, 'expected an entry type such as login or secret_*');

const evidenceFile = z.strictObject({
  version: z.int().min(1),
  kinds: z.array(z.strictObject({ id, title: line, entries: z.array(pattern).min(1).max(100) })).max(200),
  outside: z.array(z.strictObject({ id, reason: line, instead: line })).max(100),
});

const control = z
  .strictObject({
    ref: reference,
    title: line,
    evidence: z.array(id).min(1).max(50).optional(),
    outside: id.optional(),
  })
  .refine(
    ({ evidence, outside }) => (evidence === undefined) !== (outside === undefined),
    'expected either evidence or outside: a control without evidence says why',
  );

const frameworkFile = z.strictObject({
  id,
  title: line,
  edition: line,
  unit: line.max(20).optional(),
  sections: z
    .array(z.strictObject({ ref: reference, title: line, controls: z.array(control).min(1).max(500) }))
    .min(1)
    .max(100),
});

type Evidence = Pick<Catalogue, 'version' | 'kinds'> & { readonly outside: ReadonlyMap<string, string> };

/** @throws CatalogueError */
export function readEvidence(source: CatalogueSource): Evidence {
  const { version, kinds, outside } = parse(source, evidenceFile);
  refuseTwice(
    source.name,
    [...kinds, ...outside].map((each) => each.id),
  );
  return {
    version,
    kinds: kinds.map(({ entries, ...kind }): EvidenceKind => {
      const types = new Set(entries.flatMap((each) => typesOf(source.name, each)));
      return { ...kind, eventTypes: [...types].sort() };
    }),
    outside: new Map(outside.map(({ id, reason, instead }) => [id, `${reason}; ${instead}`])),
  };
}

/** @throws CatalogueError */
export function readFramework(source: CatalogueSource, { kinds, outside }: Evidence): Framework {
  const { unit = null, sections, ...named } = parse(source, frameworkFile);
  const typesOfKind = new Map(kinds.map((kind) => [kind.id, kind.eventTypes]));
  refuseTwice(
    source.name,
    sections.flatMap(({ ref, controls }) => [ref, ...controls.map((each) => each.ref)]).map(sameReference),
  );

  function controlOf({ ref, title, evidence = [], outside: why }: z.output<typeof control>): Control {
    const place = `${source.name}: ${ref}`;
    refuseTwice(place, evidence);
    const types = new Set(evidence.flatMap((kind) => known(place, 'kind of evidence', typesOfKind, kind)));
    return {
      ref,
      title,
      evidence,
      eventTypes: [...types].sort(),
      noEvidence: why === undefined ? null : known(place, 'reason', outside, why),
    };
  }

  return {
    ...named,
    unit,
    sections: sections.map(({ controls, ...section }) => ({ ...section, controls: controls.map(controlOf) })),
  };
}

/** Reads the files once, when somebody asks: it takes tens of milliseconds that no start should wait for. */
export function openCatalogue(files: () => readonly CatalogueSource[]): () => Catalogue {
  let catalogue: Catalogue | undefined;
  return () => {
    catalogue ??= readCatalogue(files());
    return catalogue;
  };
}

/** All files together: `evidence.yml` and the frameworks. @throws CatalogueError */
export function readCatalogue(sources: readonly CatalogueSource[]): Catalogue {
  const shared = sources.find(({ name }) => name === 'evidence.yml');
  if (shared === undefined) throw new CatalogueError('evidence.yml is missing: it says which entries are evidence');
  const evidence = readEvidence(shared);
  const frameworks = sources.filter((each) => each !== shared).map((each) => readFramework(each, evidence));
  refuseTwice(
    'frameworks',
    frameworks.map((each) => each.id),
  );
  return { version: evidence.version, kinds: evidence.kinds, frameworks };
}

function typesOf(file: string, entries: string): readonly AuditType[] {
  const found = entries.endsWith('_*')
    ? allTypes.filter((type) => type.startsWith(entries.slice(0, -1)))
    : allTypes.filter((type) => type === entries);
  if (found.length > 0) return found;
  throw new CatalogueError(`${file}: ${entries} is no type of audit entry${meant(entries, allTypes)}`);
}

function known<T>(place: string, what: string, all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found !== undefined) return found;
  throw new CatalogueError(`${place}: ${name} is no ${what} of evidence.yml${meant(name, [...all.keys()])}`);
}

function meant(name: string, candidates: readonly string[]): string {
  const near = nearestName(name, candidates);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function refuseTwice(place: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CatalogueError(`${place}: ${twice} stands there twice`);
}

function parse<T extends z.ZodType>({ name, text }: CatalogueSource, schema: T): z.output<T> {
  const [document, ...others] = documentsOf(name, text);
  if (document === undefined || others.length > 0) throw new CatalogueError(`${name}: expected one document`);
  const read = schema.safeParse(document.value);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 10).map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  throw new CatalogueError(`${name}: ${problems.join('; ')}`);
}

function documentsOf(name: string, text: string): ReturnType<typeof readYamlDocuments> {
  try {
    return readYamlDocuments(name, text);
  } catch (cause) {
    if (cause instanceof RuleError) throw new CatalogueError(cause.message, { cause });
    throw cause;
  }
}
