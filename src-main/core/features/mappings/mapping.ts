// A mapping of log sources as text and as what rules are compiled with. What it means is engine/rules/log-source.ts.
import type { CheckedMapping } from '../../../../src-shared/contract/mappings.ts';
import { problemOf } from '../../../engine/rules/examine.ts';
import { type LogSourceMapping, standardMapping } from '../../../engine/rules/log-source.ts';
import { parseLogSourceFile } from '../../../engine/rules/log-source-file.ts';
import { RuleError } from '../../../engine/rules/rule-error.ts';
import type { ReadTx } from '../../store/store.ts';
import { findMapping, findMappingHash } from './mapping-table.ts';

/** Less than a file of the command line may have: what is compiled here holds others up. */
const limits = { entries: 1000, yaml: 262_144 };
const fieldsShown = 50;
const name = 'mapping';

/** A mapping with the text that it was made of, or the standard one and null. */
export type OwnMapping = { readonly mapping: LogSourceMapping; readonly text: string | null };

export type FindMapping = (tx: ReadTx) => OwnMapping;

const none: OwnMapping = { mapping: standardMapping, text: null };

/** @throws RuleError with entry and reason. */
export function parseMapping(text: string): LogSourceMapping {
  const mapping = parseLogSourceFile(name, text, limits);
  if (mapping.entries.length === 0 && mapping.rules.size === 0)
    throw new RuleError(`${name}: maps nothing: expected logsources with entries, or rules by their ids`);
  return mapping;
}

/** Reads a workspace's mapping once for each of its texts. */
export function createFindMapping(): FindMapping {
  const known = new Map<string, { sha256: string; own: OwnMapping }>();
  return (tx) => {
    const sha256 = findMappingHash(tx);
    if (sha256 === undefined) return none;
    const before = known.get(tx.workspace);
    if (before?.sha256 === sha256) return before.own;
    const own = ownMapping(findMapping(tx)?.text ?? '');
    known.set(tx.workspace, { sha256, own });
    return own;
  };
}

/** One that this version refuses is none: a console must start with it, and `mappings.get` says what is wrong. */
function ownMapping(text: string): OwnMapping {
  try {
    return { mapping: parseMapping(text), text };
  } catch (error) {
    if (error instanceof RuleError) return none;
    throw error;
  }
}

/** What is said of a mapping, or what is wrong with it. */
export function checkMapping(text: string): CheckedMapping {
  try {
    return { problem: null, ...describeMapping(parseMapping(text)) };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { message, line } = problemOf('error', error.message, { name, text });
    return { problem: { message, line }, entries: [], single_rules: 0 };
  }
}

function describeMapping({ entries, rules }: LogSourceMapping): Omit<CheckedMapping, 'problem'> {
  return {
    entries: entries.map(({ product, category, service, alternatives }) => ({
      product: product ?? null,
      category: category ?? null,
      service: service ?? null,
      alternatives: alternatives.length,
      fields: [...new Set(alternatives.flatMap(({ fields }) => Object.keys(fields ?? {})))].slice(0, fieldsShown),
    })),
    single_rules: rules.size,
  };
}
