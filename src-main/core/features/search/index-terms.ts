// The terms that an event stands under in the index, and what of a query the index can tell. Both sides of one agreement: an event that
// matches a query stands under every term that the query asks for. What stands there without matching is sorted out by match.ts.
import { type EventQuery, nameFields } from '../../../../src-shared/event-query.ts';
import type { Term, Test, ValueTest } from '../../../../src-shared/event-query-values.ts';
import { foldText, wordsOf } from '../../../../src-shared/words.ts';
import { eachPath, eachText, type SearchRecord } from './event-texts.ts';

/** Longer words are cut, here and in questions. */
const longestTerm = 64;
/** An event with more stands under `manyTerm` too, and every question also asks for that. */
const mostTerms = 2_000;
const manyTerm = '+many';
/** No event stands under it. */
const noTerm = '+none';

const indexedFields: ReadonlySet<string> = new Set(nameFields.filter((name) => name !== 'id'));

/** The event's terms, each once, with spaces between. `isCut` when it has too many to hold them all. */
export function termsOf(record: SearchRecord, workspace: string): { text: string; isCut: boolean } {
  const terms = new Set<string>([workspaceTerm(workspace)]);
  for (const name of indexedFields) {
    const value = record[name];
    if (value !== undefined && value !== null) terms.add(fieldTerm(name, String(value)));
  }
  const add = (term: string): void => {
    if (terms.size < mostTerms) terms.add(term);
    else isCut = true;
  };
  let isCut = false;
  eachPath(record.details, (path) => add(pathTerm(path)));
  eachText(record, (text) => {
    for (const word of wordsOf(text)) add(cut(word));
  });
  if (isCut) terms.add(manyTerm);
  return { text: [...terms].join(' '), isCut };
}

/** In the language of FTS5: what an event must stand under, all of it, and what it must not. */
export type IndexQuestion = {
  readonly wanted: readonly string[];
  readonly refused: readonly string[];
  /** Whatever the question finds matches. */
  readonly isExact: boolean;
};

/**
 * The terms in the index that begin so; undefined where they are too many to be asked for.
 * FTS5's own way to ask for the begin of a term reads all that stands under each of them before it answers, however little is wanted.
 */
export type TermsBeginning = (begin: string) => readonly string[] | undefined;

/** A narrowing, and whether it says all that the test says. undefined: the index can't tell. */
type Narrowing = { readonly expression: string; readonly isExact: boolean } | undefined;
type Narrow = { readonly hasCut: boolean; readonly termsBeginning: TermsBeginning };

/** @param hasCut some event's terms were cut. */
export function questionOf(
  { terms }: Pick<EventQuery, 'terms'>,
  hasCut: boolean,
  termsBeginning: TermsBeginning,
): IndexQuestion {
  const { wanted, refused, isExact } = narrowAll(terms, { hasCut, termsBeginning });
  return { wanted, refused, isExact: isExact && !hasCut };
}

/** The begins that the question of a query asks the index for. */
export function beginsIn(query: Pick<EventQuery, 'terms'>): ReadonlySet<string> {
  const begins = new Set<string>();
  questionOf(query, false, (begin) => {
    begins.add(begin);
    return undefined;
  });
  return begins;
}

/** Terms that all must hold. */
function narrowAll(terms: readonly Term[], narrow: Narrow): IndexQuestion {
  const wanted: string[] = [];
  const refused: string[] = [];
  let isExact = true;
  for (const term of terms) {
    const narrowing = narrowTest(term.test, narrow);
    isExact &&= narrowing?.isExact === true;
    if (narrowing === undefined) continue;
    if (!term.not) wanted.push(orMany(narrowing.expression, narrow));
    // Events that only may match must not be left out; those with too many terms may, where the term itself was kept.
    else if (narrowing.isExact && !(narrow.hasCut && hasRefusal(term.test))) refused.push(narrowing.expression);
    else isExact = false;
  }
  return { wanted, refused, isExact };
}

/** An event whose terms were cut may match whatever it stands under. */
function orMany(expression: string, { hasCut }: Narrow): string {
  return hasCut ? `(${expression} OR ${quoted(manyTerm)})` : expression;
}

/** Does it ask that something is not there? Of an event whose terms were cut the index can't say so. */
function hasRefusal(test: Test): boolean {
  return test.kind === 'any' && test.of.some((terms) => terms.some((term) => term.not || hasRefusal(term.test)));
}

function narrowAny(alternatives: readonly (readonly Term[])[], narrow: Narrow): Narrowing {
  // Events whose terms were cut are let in, or not, for the whole of it.
  const questions = alternatives.map((terms) => narrowAll(terms, { ...narrow, hasCut: false }));
  // One that the index can't tell anything of lets every event through.
  if (questions.some(({ wanted }) => wanted.length === 0)) return undefined;
  const expressions = questions.map(({ wanted, refused }) => {
    const all = both(wanted);
    return refused.length === 0 ? all : `(${all} NOT ${either(refused)})`;
  });
  return { expression: either(expressions), isExact: questions.every(({ isExact }) => isExact) };
}

/** The question as FTS5 takes it: nothing but the workspace's own events stands under it. */
export function expressionFor(
  workspace: string,
  { wanted, refused }: Pick<IndexQuestion, 'wanted' | 'refused'>,
): string {
  const all = [quoted(workspaceTerm(workspace)), ...wanted].join(' AND ');
  return refused.length === 0 ? all : `(${all}) NOT (${refused.join(' OR ')})`;
}

function narrowTest(test: Test, narrow: Narrow): Narrowing {
  switch (test.kind) {
    case 'words':
      return narrowWords(test.words, test.prefix, narrow);
    case 'any':
      return narrowAny(test.of, narrow);
    case 'field': {
      const alternatives = test.values.map((value) => narrowValue(test.field, value, narrow));
      const known = alternatives.filter((one) => one !== undefined);
      if (known.length < alternatives.length) return undefined;
      return {
        expression: either(known.map(({ expression }) => expression)),
        isExact: known.every(({ isExact }) => isExact),
      };
    }
  }
}

function narrowWords(words: readonly string[], prefix: boolean, narrow: Narrow): Narrowing {
  const whole = words.slice(0, prefix ? -1 : undefined).map((word) => quoted(cut(word)));
  const last = words.at(-1) ?? '';
  const begun = prefix ? beginning(cut(last), narrow) : undefined;
  const expressions = begun === undefined ? whole : [...whole, begun];
  if (expressions.length === 0) return undefined;
  const isTold = !prefix || begun !== undefined;
  return { expression: both(expressions), isExact: isTold && words.length === 1 && isWhole(last) };
}

function narrowValue(field: string, value: ValueTest, narrow: Narrow): Narrowing {
  if (field.startsWith('details.')) return narrowDetail(foldText(field.slice('details.'.length)), value);
  if (field === 'user_agent') return value.kind === 'equals' ? inWords(value.text) : undefined;
  if (!indexedFields.has(field)) return undefined;
  switch (value.kind) {
    case 'equals':
      return { expression: quoted(fieldTerm(field, value.text)), isExact: isPlain(value.text) };
    case 'exists':
      return begun(`${field}=`, true, narrow);
    case 'pattern': {
      const [begin = '', ...rest] = value.text.split('*');
      if (begin === '') return undefined;
      return begun(fieldTerm(field, begin), isPlain(begin) && rest.length === 1 && rest[0] === '', narrow);
    }
    case 'network':
      return narrowNetwork(field, value.address, value.bits, narrow);
    case 'compare':
      return undefined;
  }
}

/** All terms that begin so, as the index has them. */
function beginning(begin: string, { termsBeginning }: Narrow): string | undefined {
  const terms = termsBeginning(begin);
  if (terms === undefined) return undefined;
  return terms.length === 0 ? quoted(noTerm) : either(terms.map(quoted));
}

function begun(begin: string, isExact: boolean, narrow: Narrow): Narrowing {
  const expression = beginning(begin, narrow);
  return expression === undefined ? undefined : { expression, isExact };
}

/** Whole octets of an IPv4 network are the begin of the addresses in it. */
function narrowNetwork(field: string, address: string, bits: number, narrow: Narrow): Narrowing {
  const octets = Math.floor(bits / 8);
  if (address.includes(':') || octets === 0) return undefined;
  const begin = address.split('.').slice(0, octets).map(Number).join('.');
  return octets === 4
    ? { expression: quoted(fieldTerm(field, begin)), isExact: false }
    : begun(fieldTerm(field, `${begin}.`), false, narrow);
}

function narrowDetail(path: string, value: ValueTest): Narrowing {
  const has = quoted(pathTerm(path));
  const words = value.kind === 'equals' ? inWords(value.text) : undefined;
  return { expression: words === undefined ? has : `(${has} AND ${words.expression})`, isExact: false };
}

function inWords(text: string): Narrowing {
  const words = wordsOf(text);
  return words.length === 0 ? undefined : { expression: both(words.map((word) => quoted(cut(word)))), isExact: false };
}

function both(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? '') : `(${expressions.join(' AND ')})`;
}

function either(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? '') : `(${expressions.join(' OR ')})`;
}

function workspaceTerm(workspace: string): string {
  return `workspace=${tame(workspace)}`;
}

function fieldTerm(name: string, value: string): string {
  return `${name}=${cut(tame(foldText(value)))}`;
}

function pathTerm(path: string): string {
  return `has=${cut(tame(path))}`;
}

/** Not longer than a term may be, and not in the middle of a character. */
function cut(text: string): string {
  return text.length <= longestTerm ? text : text.slice(0, longestTerm).toWellFormed();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand in a term
const apart = /[\x00-\x20"'`\x7f]/g;

/** What would end a term is written as another sign; two values may then share a term, which match.ts tells apart. */
function tame(text: string): string {
  return text.replace(apart, '^');
}

function isPlain(text: string): boolean {
  const folded = foldText(text);
  return isWhole(folded) && tame(folded) === folded && !folded.includes('^');
}

function isWhole(text: string): boolean {
  return text.length < longestTerm;
}

function quoted(term: string): string {
  return `"${term}"`;
}
