// The terms that an event stands under in the index, and what of a query the index can tell. Both sides of one agreement: an event that
// matches a query stands under every term that the query asks for. What stands there without matching is sorted out by match.ts.
import { type EventQuery, nameFields, type Test, type ValueTest } from '../../../../src-shared/event-query.ts';
import { foldText, wordsOf } from '../../../../src-shared/words.ts';
import { eachPath, eachText, type SearchRecord } from './event-texts.ts';

/** Longer words are cut, here and in questions. */
const longestTerm = 64;
/** An event with more stands under `manyTerm` too, and every question also asks for that. */
const mostTerms = 2_000;
const manyTerm = '+many';
const shortestPrefix = 3;

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
  /** It asks for the begin of a term: all terms that begin so are read anew each time it is asked. */
  readonly isCostly: boolean;
};

/** A narrowing, and whether it says all that the test says. undefined: the index can't tell. */
type Narrowing = { readonly expression: string; readonly isExact: boolean } | undefined;

/** @param hasCut some event's terms were cut. */
export function questionOf(query: Pick<EventQuery, 'terms'>, hasCut: boolean): IndexQuestion {
  const wanted: string[] = [];
  const refused: string[] = [];
  let isExact = !hasCut;
  for (const term of query.terms) {
    const narrowing = narrow(term.test);
    isExact &&= narrowing?.isExact === true;
    if (narrowing === undefined) continue;
    if (!term.not) wanted.push(hasCut ? `(${narrowing.expression} OR ${quoted(manyTerm)})` : narrowing.expression);
    // Events that only may match must not be left out; those with too many terms may, where the term itself was kept.
    else if (narrowing.isExact) refused.push(narrowing.expression);
  }
  const isCostly = [...wanted, ...refused].some((expression) => expression.includes('" *'));
  return { wanted, refused, isExact, isCostly };
}

/** The question as FTS5 takes it: nothing but the workspace's own events stands under it. */
export function expressionFor(
  workspace: string,
  { wanted, refused }: Pick<IndexQuestion, 'wanted' | 'refused'>,
): string {
  const all = [quoted(workspaceTerm(workspace)), ...wanted].join(' AND ');
  return refused.length === 0 ? all : `(${all}) NOT (${refused.join(' OR ')})`;
}

function narrow(test: Test): Narrowing {
  if (test.kind === 'words') {
    // Of one or two letters, half of all terms may begin so: reading them would hold up everything else.
    if (test.prefix && (test.words.at(-1) ?? '').length < shortestPrefix) return undefined;
    const terms = test.words.map((word, index) => wordTerm(word, test.prefix && index === test.words.length - 1));
    const [only] = test.words;
    return { expression: both(terms), isExact: test.words.length === 1 && isWhole(only ?? '') };
  }
  const alternatives = test.values.map((value) => narrowValue(test.field, value));
  const known = alternatives.filter((one) => one !== undefined);
  if (known.length < alternatives.length) return undefined;
  return {
    expression:
      known.length === 1 ? (known[0]?.expression ?? '') : `(${known.map((one) => one.expression).join(' OR ')})`,
    isExact: known.every((one) => one.isExact),
  };
}

function narrowValue(field: string, value: ValueTest): Narrowing {
  if (field.startsWith('details.')) return narrowDetail(foldText(field.slice('details.'.length)), value);
  if (field === 'user_agent') return value.kind === 'equals' ? inWords(value.text) : undefined;
  if (!indexedFields.has(field)) return undefined;
  switch (value.kind) {
    case 'equals':
      return { expression: quoted(fieldTerm(field, value.text)), isExact: isPlain(value.text) };
    case 'exists':
      return { expression: `${quoted(`${field}=`)} *`, isExact: true };
    case 'pattern': {
      const [begin = '', ...rest] = value.text.split('*');
      if (begin === '') return undefined;
      const isExact = isPlain(begin) && rest.length === 1 && rest[0] === '';
      return { expression: `${quoted(fieldTerm(field, begin))} *`, isExact };
    }
    case 'network':
      return narrowNetwork(field, value.address, value.bits);
    case 'compare':
      return undefined;
  }
}

/** Whole octets of an IPv4 network are the begin of the addresses in it. */
function narrowNetwork(field: string, address: string, bits: number): Narrowing {
  const octets = Math.floor(bits / 8);
  if (address.includes(':') || octets === 0) return undefined;
  const begin = address.split('.').slice(0, octets).map(Number).join('.');
  const term = fieldTerm(field, octets === 4 ? begin : `${begin}.`);
  return { expression: octets === 4 ? quoted(term) : `${quoted(term)} *`, isExact: false };
}

function narrowDetail(path: string, value: ValueTest): Narrowing {
  const has = quoted(pathTerm(path));
  const words = value.kind === 'equals' ? inWords(value.text) : undefined;
  return { expression: words === undefined ? has : `(${has} AND ${words.expression})`, isExact: false };
}

function inWords(text: string): Narrowing {
  const words = wordsOf(text);
  return words.length === 0
    ? undefined
    : { expression: both(words.map((word) => wordTerm(word, false))), isExact: false };
}

function both(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? '') : `(${expressions.join(' AND ')})`;
}

function wordTerm(word: string, prefix: boolean): string {
  return `${quoted(cut(word))}${prefix ? ' *' : ''}`;
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
