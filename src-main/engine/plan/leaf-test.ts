// A leaf of the plan as a question about the event under evaluation.
import type { JsonValue } from '../event.ts';
import { createLiteralScanner, type Literal } from './literal-scanner.ts';
import type { Leaf, TextSet } from './node.ts';
import { compileTest, pairTest } from './predicate.ts';

export interface LeafContext {
  load(slot: number): { readonly value: JsonValue | undefined; readonly texts: readonly string[] };
  /** The texts of the field with their case folded. */
  fold(slot: number): readonly string[];
}

export function compileLeaf({ slot, otherSlot, texts, predicate }: Leaf, context: LeafContext): () => boolean {
  if (texts !== undefined) {
    const test = compileTexts(texts);
    return () => {
      for (const text of context.fold(slot)) if (test(text)) return true;
      return false;
    };
  }
  if (predicate === undefined) throw new Error('a leaf has texts or a predicate');
  const { operator, cased } = predicate;
  if (operator === 'exists') return () => context.load(slot).value !== undefined;
  if (operator === 'missing') {
    return () => {
      const { value } = context.load(slot);
      return value === undefined || value === null;
    };
  }
  if (otherSlot >= 0) {
    const test = pairTest(operator, cased);
    return () => test(context.load(slot).texts, context.load(otherSlot).texts);
  }
  const test = compileTest(predicate);
  return () => {
    const { texts: own } = context.load(slot);
    const folded = context.fold(slot);
    for (let at = 0; at < own.length; at++) if (test(own[at] ?? '', folded[at] ?? '')) return true;
    return false;
  };
}

/** Sets up to this size are compared one by one. */
export const fewTexts = 8;

function compileTexts({ equals, contains, startswith, endswith }: TextSet): (text: string) => boolean {
  const literals: Literal[] = [
    ...contains.map((text) => ({ text, placement: 'contains' as const })),
    ...startswith.map((text) => ({ text, placement: 'startswith' as const })),
    ...endswith.map((text) => ({ text, placement: 'endswith' as const })),
  ];
  const exact = new Set(equals);
  if (literals.some(({ text }) => text === '')) return () => true;
  if (literals.length > fewTexts) {
    const scanner = createLiteralScanner(literals);
    return (text) => exact.has(text) || scanner.scan(text, stop);
  }
  const [only] = literals;
  if (literals.length === 1 && only !== undefined && exact.size === 0) return one(only);
  const tests = literals.map(one);
  return (text) => {
    if (exact.size > 0 && exact.has(text)) return true;
    for (const test of tests) if (test(text)) return true;
    return false;
  };
}

function one({ text: literal, placement }: Literal): (text: string) => boolean {
  switch (placement) {
    case 'contains':
      return (text) => text.includes(literal);
    case 'startswith':
      return (text) => text.startsWith(literal);
    case 'endswith':
      return (text) => text.endsWith(literal);
  }
}

function stop(): boolean {
  return true;
}
