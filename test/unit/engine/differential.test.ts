// The engine against naive evaluators: random rules of the whole language, random events made of the same pieces, random correlations
// and histories. A few of them here; `npm run bench -- differential` runs millions.
import { expect, it } from 'vitest';
import { compareCorrelations, compareRules } from '../../support/differential.ts';

it('agrees with a naive evaluator on random rules and events', { timeout: 600_000 }, () => {
  const { comparisons, matches } = compareRules({ numRuns: 250 });
  // Neither hardly ever nor nearly always: both answers are compared.
  expect(matches / comparisons).toBeGreaterThan(0.1);
  expect(matches / comparisons).toBeLessThan(0.9);
});

it('agrees with a naive evaluator on random correlations, filters and histories', { timeout: 600_000 }, () => {
  const { comparisons, matches } = compareCorrelations({ numRuns: 250 });
  expect(matches / comparisons).toBeGreaterThan(0.05);
  expect(matches / comparisons).toBeLessThan(0.9);
});
