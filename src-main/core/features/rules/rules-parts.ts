// What the rules are made of, and what they ask of those who run them.

import type { RuleFull } from '../../../../src-shared/contract/rules.ts';
import type { VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import type { RuleSource } from '../../../engine/rules/compile.ts';
import type { ParameterValue } from '../../../engine/rules/gatehouse-section.ts';
import type { RuleInfo } from '../../../engine/rules/rule-set.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import type { FindMapping } from '../mappings/index.ts';
import type { Catalog, CatalogRule } from './catalog.ts';
import type { Judge } from './pack-import.ts';

/** What runs, as the detections know it. */
export type RunningRules = {
  /** Undefined while the rule doesn't run as it is now. */
  look(
    tx: ReadTx,
    rule: CatalogRule,
  ): { refused: string | undefined; notes: readonly string[]; detectors: readonly RuleInfo[] } | undefined;
  neighboursOf(tx: ReadTx, source: RuleSource): RuleSource[];
  simulated(tx: ReadTx, rule: string): RuleFull['simulated'];
  countByPack(tx: ReadTx): ReadonlyMap<string, { rules: number; refused: number }>;
  changed(workspace: string): void;
  exceptionsChanged(workspace: string): void;
  readonly judge: Judge;
};

export type RulesParts = {
  readonly host: Host;
  readonly catalog: Catalog;
  readonly settings: Readonly<Record<string, ParameterValue>>;
  readonly running: RunningRules;
  store(): Store;
  readonly findMapping: FindMapping;
  readonly signer: () => { readonly verifierKey: VerifierKey; sign(message: Uint8Array): Uint8Array };
};
