// What the rest of the core may call of the audit log.
export { type Signer, signCheckpoint } from './checkpoints.ts';
export { type Audit, createAudit } from './feature.ts';
export { appendEntry } from './log.ts';
