// The engine against the naive evaluators, for as long as wanted: GATEHOUSE_DIFFERENTIAL_COMPARISONS (200,000 unless told), from
// GATEHOUSE_DIFFERENTIAL_SEED on, which is printed with every round, so that a round can be run again by itself.
import { compareCorrelations, compareRules } from '../support/differential.ts';

const comparisonsWanted = Number(process.env.GATEHOUSE_DIFFERENTIAL_COMPARISONS ?? 200_000);
const firstSeed = Number(process.env.GATEHOUSE_DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 30));
const runsEach = 500;

export async function benchDifferential(): Promise<void> {
  const total = { comparisons: 0, matches: 0 };
  const of = { rules: 0, correlations: 0 };
  for (let seed = firstSeed; total.comparisons < comparisonsWanted; seed++) {
    const started = performance.now();
    // Both throw where the two disagree, with the smallest example that was found.
    const rules = compareRules({ numRuns: runsEach, seed });
    const correlations = compareCorrelations({ numRuns: runsEach * 4, seed });
    of.rules += rules.comparisons;
    of.correlations += correlations.comparisons;
    for (const { comparisons, matches } of [rules, correlations]) {
      total.comparisons += comparisons;
      total.matches += matches;
    }
    process.stdout.write(
      `seed ${seed}: ${of.rules.toLocaleString('en')} of rules and ${of.correlations.toLocaleString('en')} of correlations so far, ${total.matches.toLocaleString('en')} of them matches; ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
    );
  }
  process.stdout.write(`Differential: ${total.comparisons.toLocaleString('en')} comparisons, no difference\n`);
}
