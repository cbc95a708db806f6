// What the rest of the core may use of rules.
export { type Catalog, type CatalogRule, createCatalog, silences, sourceName } from './catalog.ts';
export { switchOff } from './change.ts';
export { compileConditions, createExceptions, type Exceptions } from './exceptions.ts';
export { type ExceptionRow, findExceptions } from './exceptions-table.ts';
export { createRules } from './feature.ts';
export { builtInPack, ownPack } from './packs-table.ts';
export type { RunningRules } from './rules-parts.ts';
export { checkSuppression, suppressionOf } from './suppression.ts';
