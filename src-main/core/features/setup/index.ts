// What the rest of the core may call of set-up.
export { findFact, setFact } from './facts.ts';
