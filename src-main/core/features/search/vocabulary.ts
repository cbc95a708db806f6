// Which terms of the index begin with something, as far as they are few. They are looked up one after another with pauses in between;
// many would make a question that takes long to answer, and then each event is looked at instead.
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { nextTerm } from './vocabulary-table.ts';

/** Each is a place of its own that FTS5 reads from when it is asked for any of them. */
const mostTerms = 256;
const termsAtOnce = 32;

/** @returns undefined when there are more than can be asked for. */
export async function findTermsBeginning(
  {
    store,
    host,
    workspace,
  }: { readonly store: Store; readonly host: Pick<Host, 'timers'>; readonly workspace: string },
  begin: string,
): Promise<readonly string[] | undefined> {
  const terms: string[] = [];
  let from: string | undefined = begin;
  for (let looked = 0; from !== undefined; ) {
    const at: string = from;
    from = store.read(workspace, (tx) => {
      let next: string | undefined = at;
      for (let count = 0; count < termsAtOnce && next !== undefined; count++) {
        const term = nextTerm(tx, next, begin);
        if (term === undefined) return undefined;
        looked += 1;
        next = after(term, begin);
        if (!isOther(term, begin)) terms.push(term);
      }
      return next;
    });
    if (terms.length > mostTerms || looked > 4 * mostTerms) return undefined;
    await host.timers.breathe();
  }
  return terms;
}

/** The begin of a word is also that of fields' names, whose terms have a sign that no word has. */
function isOther(term: string, begin: string): boolean {
  return !begin.includes('=') && (term.includes('=') || term.startsWith('+'));
}

/** The least text behind a term; behind all values of a field at once where its name alone begins like the word. */
function after(term: string, begin: string): string {
  return isOther(term, begin) && term.includes('=') ? `${term.slice(0, term.indexOf('='))}>` : `${term}\u0001`;
}
