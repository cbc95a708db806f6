// `gatehouse rules check` and `test`: rule files against the engine, with no console, store or account.
import type { PackContent } from '../../../src-shared/rule-pack-file.ts';
import { readRuleFiles } from '../../adapters/files/rule-archive.ts';
import { compileRules, type RuleSource } from '../../engine/rules/compile.ts';
import { problemOf, runCases } from '../../engine/rules/examine.ts';
import type { RefusedRule } from '../../engine/rules/rule-set.ts';
import { readPath, readVerifiedPack } from './rule-paths.ts';
import { printable } from './table.ts';

export type CheckFlags = { readonly json?: boolean };

/** @returns 1 when a rule is refused. */
export function checkRules(paths: readonly string[], { json = false }: CheckFlags): number {
  const { sources, unreadable } = contentOf(paths);
  const compiled = compileRules(sources, {});
  const { notes, ruleSet } = compiled;
  const refused = [...unreadable, ...compiled.refused];
  const byName = new Map(sources.map((source) => [source.name, source]));
  for (const [kind, list] of [
    ['error', refused],
    ['note', notes],
  ] as const) {
    for (const { name, reason } of list) {
      const source = byName.get(name) ?? { name, text: '' };
      const { message, line, column } = problemOf(kind, reason, source);
      if (json) process.stdout.write(`${JSON.stringify({ file: name, kind, line, column, message })}\n`);
      else if (kind === 'error') process.stdout.write(`${place(name, line, column)}: ${printable(message)}\n`);
    }
  }
  const said = `${sources.length + unreadable.length} files, ${ruleSet.rules.length} detectors, ${refused.length} refused, ${notes.length} notes`;
  if (!json) process.stderr.write(`${said}${notes.length > 0 ? ' (shown by --json)' : ''}\n`);
  return refused.length > 0 ? 1 : 0;
}

/** @returns 1 when a case fails or a rule is refused. */
export function testRules(paths: readonly string[], { json = false }: CheckFlags): number {
  const { sources, unreadable } = contentOf(paths);
  const compiled = compileRules(sources, {});
  const results = runCases({ problems: [], compiled, detectors: compiled.ruleSet.rules });
  const failed = results.filter(({ passed }) => !passed);
  if (json) for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    for (const { detector, name, detail } of failed)
      process.stdout.write(`${printable(detector)}, ${printable(name)}: ${printable(detail ?? 'failed')}\n`);
  }
  for (const { name, reason } of unreadable) process.stderr.write(`refused: ${printable(`${name}: ${reason}`)}\n`);
  for (const { reason } of compiled.refused) process.stderr.write(`refused: ${printable(reason)}\n`);
  process.stderr.write(`${results.length - failed.length} passed, ${failed.length} failed\n`);
  return failed.length + unreadable.length + compiled.refused.length > 0 ? 1 : 0;
}

function contentOf(paths: readonly string[]): { sources: RuleSource[]; unreadable: RefusedRule[] } {
  const contents = paths.map((path) => readPath(path, path.endsWith('.ghpack') ? readPack : readRuleFiles));
  return {
    sources: contents.flatMap(({ files }) => files.map(({ path, text }) => ({ name: path, text }))),
    unreadable: contents.flatMap(({ unreadable }) => unreadable.map(({ path, reason }) => ({ name: path, reason }))),
  };
}

/** A pack that a console exported: checked as it would be on import, and said whose key signed it. */
function readPack(path: string): PackContent {
  const { signer, ...content } = readVerifiedPack(path);
  process.stderr.write(`${printable(path)}: the signature holds, of the key ${printable(signer)}\n`);
  return content;
}

function place(name: string, line: number | null, column: number | null): string {
  return [printable(name), line, column].filter((part) => part !== null).join(':');
}
