// What an import would change: its files beside those that are there, by path.
import type { PackOutcome } from '../../../../src-shared/contract/rule-packs.ts';
import type { RuleRow } from './rules-table.ts';

const changesShown = 1_000;

export type PackChanges = Pick<PackOutcome, 'added' | 'changed' | 'removed' | 'unchanged' | 'changes'> & {
  /** The rows that are there, by path. */
  readonly known: ReadonlyMap<string, RuleRow>;
};

export function comparePack(
  files: ReadonlyMap<string, { readonly text: string; readonly digest: string }>,
  rows: readonly RuleRow[],
): PackChanges {
  const known = new Map(rows.map((row) => [row.path, row]));
  const list: PackOutcome['changes'] = [];
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  function note(kind: 'added' | 'changed' | 'removed', path: string, title: string | null): void {
    counts[kind] += 1;
    if (list.length < changesShown) list.push({ path, kind, title });
  }
  for (const [path, { digest, text }] of files) {
    const before = known.get(path);
    if (before?.digest === digest) counts.unchanged += 1;
    else note(before === undefined ? 'added' : 'changed', path, titleIn(text));
  }
  for (const { path, outline } of rows)
    if (!files.has(path)) note('removed', path, outline?.detectors[0]?.title ?? null);
  return { ...counts, changes: list, known };
}

function titleIn(text: string): string | null {
  return /^title:[ \t]*['"]?([^\n]{1,256}?)['"]?[ \t]*\r?$/m.exec(text)?.[1] ?? null;
}
