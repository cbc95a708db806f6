// The whole contract in one value. Everything that lists operations is derived from it.
import { accessOperations } from './access.ts';
import { alertGroupsOperations } from './alert-groups.ts';
import { alertViewsOperations } from './alert-views.ts';
import { alertsOperations } from './alerts.ts';
import { auditOperations } from './audit.ts';
import { backupsOperations } from './backups.ts';
import { bundlesOperations } from './bundles.ts';
import { consoleOperations } from './console.ts';
import { detectionsOperations } from './detections.ts';
import { encryptionOperations } from './encryption.ts';
import { eventsOperations } from './events.ts';
import { frameworksOperations } from './frameworks.ts';
import type { InputOf, Operation, OutputOf } from './grammar.ts';
import { mappingsOperations } from './mappings.ts';
import { mirrorsOperations } from './mirrors.ts';
import { retentionOperations } from './retention.ts';
import { draftsOperations } from './rule-drafts.ts';
import { packsOperations } from './rule-packs.ts';
import { rulesOperations } from './rules.ts';
import { searchOperations } from './search.ts';
import { secretsOperations } from './secrets.ts';
import { settingsOperations } from './settings.ts';
import { setupOperations, setupRestoreOperations } from './setup.ts';
import { subjectsOperations } from './subjects.ts';

export const contract = {
  ...setupOperations,
  ...setupRestoreOperations,
  ...accessOperations,
  ...eventsOperations,
  ...searchOperations,
  ...alertsOperations,
  ...alertGroupsOperations,
  ...alertViewsOperations,
  ...detectionsOperations,
  ...rulesOperations,
  ...packsOperations,
  ...draftsOperations,
  ...mappingsOperations,
  ...auditOperations,
  ...bundlesOperations,
  ...frameworksOperations,
  ...mirrorsOperations,
  ...secretsOperations,
  ...subjectsOperations,
  ...retentionOperations,
  ...encryptionOperations,
  ...backupsOperations,
  ...settingsOperations,
  ...consoleOperations,
};

export type Contract = typeof contract;
export type OperationName = keyof Contract;
/** What a caller gives: before defaults and refinements. */
export type CallInput<N extends OperationName> = Contract[N]['input']['_zod']['input'];
export type Input<N extends OperationName> = InputOf<Contract[N]>;
export type Output<N extends OperationName> = OutputOf<Contract[N]>;

export const operationNames = Object.keys(contract) as readonly OperationName[];

/** The declaration of `name` without its exact types, for code that treats all operations alike. */
export function declarationOf(name: OperationName): Operation {
  return contract[name];
}
