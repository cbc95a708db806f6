// How many entries of which kind and by whom: the first of them on the first page, all of them behind it.
import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { count } from '../../../src-shared/evidence/verdict.ts';
import { columnsOf, type PageSetter } from './page-setter.ts';

type Sum = { all: number; failed: number };
type Sums = readonly (readonly [name: string, sum: Readonly<Sum>])[];
export type Tally = { readonly kinds: Sums; readonly actors: Sums };

const onFirstPage = 6;
/** A log of strangers may name a million; whoever needs them all has the bundle. */
const mostListed = 500;

export function tallyOf(rows: Iterable<BundleRow>): Tally {
  const kinds = new Map<string, Sum>();
  const actors = new Map<string, Sum>();
  for (const { eventType, actor, success } of rows) {
    add(kinds, eventType, success);
    add(actors, actor === '' ? 'nobody named' : actor, success);
  }
  return { kinds: largestFirst(kinds), actors: largestFirst(actors) };
}

function add(sums: Map<string, Sum>, name: string, success: boolean | undefined): void {
  const sum = sums.get(name) ?? { all: 0, failed: 0 };
  sum.all += 1;
  if (success === false) sum.failed += 1;
  sums.set(name, sum);
}

function largestFirst(sums: Map<string, Sum>): Sums {
  return [...sums].sort((left, right) => right[1].all - left[1].all);
}

/** Both side by side, as many as fit without pushing the verdict off the page. */
export async function tallySummary(pages: PageSetter, { kinds, actors }: Tally): Promise<void> {
  const longest = Math.min(Math.max(kinds.length, actors.length), onFirstPage);
  const rows = Array.from({ length: longest }, (_, index) => [...cellsOf(kinds[index]), ...cellsOf(actors[index])]);
  const hidden = [more(kinds, 'kind', 'kinds'), more(actors, 'actor', 'actors')].filter((words) => words !== '');
  pages.heading('Entries by kind and by actor');
  await pages.table(
    columnsOf(pages.width, [
      ['Kind', 34],
      ['Entries', 14],
      ['Actor', 38],
      ['Entries', 14],
    ]),
    rows,
  );
  if (hidden.length > 0) pages.paragraph(`and ${hidden.join(' and ')}, listed further on`, { colour: 'muted' });
}

export async function tallyTables(pages: PageSetter, { kinds, actors }: Tally): Promise<void> {
  await table(pages, 'Entries by kind', 'Kind', kinds);
  await table(pages, 'Entries by actor', 'Actor', actors);
}

async function table(pages: PageSetter, heading: string, title: string, sums: Sums): Promise<void> {
  pages.heading(heading);
  await pages.table(
    columnsOf(pages.width, [
      [title, 50],
      ['Entries', 25],
      ['Refused or failed', 25],
    ]),
    sums
      .slice(0, mostListed)
      .map(([name, { all, failed }]) => [{ text: name }, { text: count(all) }, { text: count(failed) }]),
  );
  if (sums.length > mostListed) pages.paragraph(`and ${count(sums.length - mostListed)} more, each with fewer entries`);
}

function cellsOf(row: Sums[number] | undefined): { text: string }[] {
  return row === undefined ? [{ text: '' }, { text: '' }] : [{ text: row[0] }, { text: count(row[1].all) }];
}

function more(sums: Sums, one: string, many: string): string {
  const left = sums.length - onFirstPage;
  return left > 0 ? `${count(left)} more ${left === 1 ? one : many}` : '';
}
