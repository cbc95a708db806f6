// The mirrors in the status bar and on Home: how many take what they should.
import { expect, test } from 'vitest';
import { frameStatus } from '../../../src-renderer/app/console-status.ts';
import { behindOf, tallyMirrors } from '../../../src-renderer/app/mirror-tally.ts';
import type { MirrorStatus } from '../../../src-shared/contract/mirrors.ts';

function mirror(state: MirrorStatus['state'], ...behind: number[]): MirrorStatus {
  return {
    name: state,
    kind: 'syslog',
    format: 'json',
    encrypted: true,
    state,
    streams: behind.map((each) => ({ stream: 'audit', position: 1, behind: each, rejected: 0 })),
    last_at: null,
    failing_since: null,
    error: null,
  };
}

test('one on its way is well; one that fails or lags is not', () => {
  const tally = tallyMirrors([mirror('well'), mirror('sending'), mirror('lagging'), mirror('failing')]);
  expect(tally).toMatchObject({ well: 2, of: 4, failing: [{ name: 'failing' }], lagging: [{ name: 'lagging' }] });
  expect(tallyMirrors([])).toBeUndefined();
  expect(tallyMirrors(undefined)).toBeUndefined();
  expect(behindOf(mirror('failing', 3, 4))).toBe(7);
});

test('the frame is troubled where one of them is', () => {
  const framed = (...items: MirrorStatus[]) =>
    frameStatus({ status: undefined, chain: undefined, alerts: undefined, mirrors: { items }, answers: true }).mirrors;
  expect(framed()).toBeUndefined();
  expect(framed(mirror('well'), mirror('sending'))).toEqual({ well: 2, of: 2, isTroubled: false });
  expect(framed(mirror('well'), mirror('failing'))).toEqual({ well: 1, of: 2, isTroubled: true });
});
