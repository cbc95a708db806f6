// The mirrors in one figure: how many take what they should, and which do not. Pure.

import type { MirrorStatus } from '../../src-shared/contract/mirrors.ts';

export interface MirrorTally {
  readonly well: number;
  readonly of: number;
  readonly failing: readonly MirrorStatus[];
  readonly lagging: readonly MirrorStatus[];
}

/** undefined where none is set. One that has something on its way is well. */
export function tallyMirrors(mirrors: readonly MirrorStatus[] | undefined): MirrorTally | undefined {
  if (mirrors === undefined || mirrors.length === 0) return undefined;
  const failing = mirrors.filter(({ state }) => state === 'failing');
  const lagging = mirrors.filter(({ state }) => state === 'lagging');
  return { well: mirrors.length - failing.length - lagging.length, of: mirrors.length, failing, lagging };
}

/** All of its streams together. */
export function behindOf({ streams }: MirrorStatus): number {
  return streams.reduce((sum, { behind }) => sum + behind, 0);
}
