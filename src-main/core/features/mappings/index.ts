// What the rest of the core may use of the mappings of log sources.
export { createMappings } from './feature.ts';
export { createFindMapping, type FindMapping, type OwnMapping, parseMapping } from './mapping.ts';
