// Moving in a list, and the bars of a histogram.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeBetween } from '../../../src-renderer/ui/data/HistogramRange.tsx';
import { type Bucket, barPieces, highestTotal, roundTop } from '../../../src-renderer/ui/data/histogram-geometry.ts';
import { qrPath } from '../../../src-renderer/ui/data/QrCode.tsx';
import { severities } from '../../../src-renderer/ui/data/severity-levels.ts';
import { type ListMove, movedIndex } from '../../../src-renderer/ui/lists/list-moves.ts';

describe('moving', () => {
  it.each([
    ['next', 4, 5],
    ['next', 9, 9],
    ['previous', 0, 0],
    ['first', 4, 0],
    ['last', 4, 9],
    ['page-down', 4, 7],
    ['page-up', 1, 0],
    ['next', -1, 0],
    ['previous', -1, 9],
  ] as const)('%s from %d is %d', (move, from, to) => {
    expect(movedIndex(move, from, 10, 3)).toBe(to);
  });

  it('never leaves the list', () => {
    const moves: readonly ListMove[] = ['next', 'previous', 'first', 'last', 'page-down', 'page-up'];
    fc.assert(
      fc.property(
        fc.constantFrom(...moves),
        fc.integer({ min: -1, max: 200 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(50),
        (move, from, count, page) => {
          const index = movedIndex(move, from, count, page);
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(count);
        },
      ),
    );
    expect(movedIndex('next', 3, 0, 1)).toBe(-1);
  });
});

describe('histogram', () => {
  const counts = fc.record(Object.fromEntries(severities.map((level) => [level, fc.nat(40)])));
  const buckets = fc
    .array(counts, { minLength: 1, maxLength: 48 })
    .map((list): readonly Bucket[] => list.map((each, hour) => ({ from: hour, to: hour + 1, counts: each })));

  it('keeps pieces inside the box, apart from each other, worst at the foot, and every count visible', () => {
    fc.assert(
      fc.property(buckets, fc.boolean(), (list, splits) => {
        const box = { width: 696, height: 288, gap: 8, splits, top: roundTop(highestTotal(list)).top };
        const pieces = barPieces(list, box);
        expect(pieces).toHaveLength(
          list.reduce((sum, bucket) => sum + severities.filter((level) => (bucket.counts[level] ?? 0) > 0).length, 0),
        );
        for (const [position] of list.entries()) {
          const stack = pieces.filter((piece) => piece.bucket === position);
          for (const [place, piece] of stack.entries()) {
            expect(piece.height).toBeGreaterThanOrEqual(1);
            expect(piece.x + piece.width).toBeLessThanOrEqual(box.width);
            const above = stack[place + 1];
            if (above) expect(above.y + above.height).toBeLessThanOrEqual(piece.y);
          }
          expect(stack.map((piece) => severities.indexOf(piece.severity))).toEqual(
            stack.map((piece) => severities.indexOf(piece.severity)).toSorted((left, right) => left - right),
          );
        }
      }),
    );
  });

  it.each([
    [19, { step: 5, top: 20 }],
    [20, { step: 5, top: 20 }],
    [21, { step: 10, top: 30 }],
    [3, { step: 1, top: 3 }],
    [0, { step: 1, top: 1 }],
    [412, { step: 200, top: 600 }],
  ])('a highest bar of %d has the grid %o', (most, grid) => {
    expect(roundTop(most)).toEqual(grid);
  });

  it('draws nothing for no buckets', () => {
    expect(barPieces([], { width: 100, height: 10, gap: 1, splits: false, top: 1 })).toEqual([]);
  });

  it('takes a span in either direction', () => {
    expect([rangeBetween(2, 5), rangeBetween(5, 2)]).toEqual([
      { first: 2, last: 5 },
      { first: 2, last: 5 },
    ]);
  });
});

it('draws a QR code whose finder patterns stand in three corners', () => {
  const { size, path } = qrPath('otpauth://totp/Gatehouse:alice?secret=JBSWY3DPEHPK3PXP');
  expect((size - 17) % 4).toBe(0);
  for (const corner of [`M0 0h7`, `M${size - 7} 0h7`, `M0 ${size - 1}h7`]) expect(path).toContain(corner);
  expect(path).not.toContain(`M${size - 7} ${size - 1}h7v1h-7z`);
});
