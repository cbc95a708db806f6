// What the rest of the core may call of the audit log.
export {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
  type AnchorKind,
  type Held,
  type Receipt,
} from './anchor.ts';
export { anchorEvidence } from './anchor-evidence.ts';
export { readApart, type SubjectVault } from './apart.ts';
export { countOfSubject, seqsOfSubject } from './apart-table.ts';
export { nextSeq, readNode } from './audit-table.ts';
export { type Signer, signCheckpoint, signedByToday } from './checkpoints.ts';
export { type Audit, createAudit } from './feature.ts';
export { appendEntry } from './log.ts';
export type { CheckThread } from './log-check.ts';
export { entriesAfter, isEntry, type MirroredEntry } from './mirrored-table.ts';
export { previewPruning, prune, type RetentionDays, resumePruning } from './pruning.ts';
export { activeHolds, countPruned, type Hold, insertHold, prunedBetween, releaseHold } from './pruning-table.ts';
export { entriesInWindow, measureWindow, type Selection } from './selection-table.ts';
export { keyHistory } from './signing-keys.ts';
