// What the rest of the core may call of the search.
export { createSearch } from './feature.ts';
