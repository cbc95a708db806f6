// What the rest of the core may call of bundles.
export { createBundles } from './feature.ts';
export type { BundleMachine } from './ports.ts';
