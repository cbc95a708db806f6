// YAML text to plain data, for files that anybody may have written: bounded in size, nesting, aliases and documents.
import { Lexer, parseAllDocuments } from 'yaml';
import { RuleError } from './rule-error.ts';
import { readPlainYaml } from './yaml-plain.ts';

const mostBytes = 1_048_576;
const deepest = 32;
const mostDocuments = 50;
const mostAliasCount = 50;
/** The yaml library compares every key of a map with every other. */
const mostKeys = 4000;

/**
 * The documents of `text` in order, empty ones left out.
 * @throws RuleError naming the file and, where known, line and column.
 */
export function readYamlDocuments(file: string, text: string): { place: string; value: unknown }[] {
  if (Buffer.byteLength(text) > mostBytes) throw new RuleError(`${file}: larger than 1 MiB`);
  const plain = readPlainYaml(text);
  if (plain !== undefined) return [{ place: file, value: plain.value }];
  checkNesting(file, text);
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    merge: false,
  });
  if (!Array.isArray(documents)) return [];
  if (documents.length > mostDocuments) throw new RuleError(`${file}: more than ${mostDocuments} documents`);
  const values: { place: string; value: unknown }[] = [];
  documents.forEach((document, index) => {
    const place = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const at = problem.linePos?.[0];
      const message = (problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
      throw new RuleError(`${place}${at === undefined ? '' : `, line ${at.line}, column ${at.col}`}: ${message}`);
    }
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: mostAliasCount });
    } catch (cause) {
      throw new RuleError(`${place}: aliases expand to more than is allowed`, { cause });
    }
    if (value !== null && value !== undefined) values.push({ place, value });
  });
  return values;
}

// The composer of the yaml library is recursive: depth is limited on the tokens, before it runs. Block nesting needs either
// deeper indentation (bounded by the size of the file: n levels take n²/2 blanks, so it is counted too) or indicators in a row.
function checkNesting(file: string, text: string): void {
  let flow = 0;
  let inRow = 0;
  const indents: number[] = [];
  let column = 0;
  let atLineStart = true;
  let keys = 0;
  for (const token of new Lexer().lex(text)) {
    const first = token[0] ?? '';
    if (first === '\n' || first === '\r') {
      inRow = 0;
      column = 0;
      atLineStart = true;
      continue;
    }
    if (token === ':' && ++keys > mostKeys) throw new RuleError(`${file}: more than ${mostKeys} keys`);
    if (first === '[' || first === '{') flow++;
    else if (first === ']' || first === '}') flow = Math.max(0, flow - 1);
    else if (token === '-' || token === '?') inRow++;
    if (atLineStart && first !== ' ' && first !== '#') {
      while (indents.length > 0 && (indents[indents.length - 1] ?? 0) >= column) indents.pop();
      indents.push(column);
      atLineStart = false;
    }
    column += token.length;
    if (flow + inRow + indents.length > deepest) throw new RuleError(`${file}: nested deeper than ${deepest} levels`);
  }
}
