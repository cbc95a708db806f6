// The anchors in one figure and in words: how many hold what they should, and what is wrong with the others. Pure.

import type { Output } from '../../src-shared/contract/contract.ts';

export type AnchorRow = Output<'audit.status'>['anchors'][number];

export interface AnchorTally {
  readonly seen: number;
  readonly of: number;
  readonly failing: readonly AnchorRow[];
  readonly contradicting: readonly AnchorRow[];
}

/** undefined where none is set. An anchor that waits its turn (a time stamp is taken now and then) is well, once it has anything. */
export function tallyAnchors(anchors: readonly AnchorRow[] | undefined): AnchorTally | undefined {
  if (anchors === undefined || anchors.length === 0) return undefined;
  const well = anchors.filter(({ state, at }) => state === 'anchored' || (state === 'waiting' && at !== null));
  return {
    seen: well.length,
    of: anchors.length,
    failing: anchors.filter(({ state }) => state === 'failing'),
    contradicting: anchors.filter(({ state }) => state === 'contradicts'),
  };
}

export const anchorKinds: Readonly<Record<AnchorRow['kind'], string>> = {
  file: 'file',
  webhook: 'webhook',
  s3: 'bucket',
  witness: 'witness',
  timestamp: 'time stamps',
};
