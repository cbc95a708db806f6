// What other features may call of set-up.
export { findFact, setFact } from './facts.ts';
