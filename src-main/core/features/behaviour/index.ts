// What the rest of the core may call of behaviour.
export { type Behaviour, createBehaviour } from './feature.ts';
