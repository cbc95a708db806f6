// What the rest of the core may call of the search.
export { createSearch } from './feature.ts';
export { forgetEvents } from './forgetting.ts';
