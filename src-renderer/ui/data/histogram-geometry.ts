// Where the bars of a histogram stand. Pure: buckets and a box in, rectangles out.

import { type SeverityLevel, severities } from './severity-levels.ts';

export interface Bucket {
  /** Milliseconds UTC, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly counts: Readonly<Partial<Record<SeverityLevel, number>>>;
}

export interface BarPiece {
  readonly bucket: number;
  readonly severity: SeverityLevel;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface HistogramBox {
  readonly width: number;
  readonly height: number;
  /** Space between bars. */
  readonly gap: number;
  /** One pixel between the pieces of a bar, taken out of pieces of 4 px and more. Not in a strip, where it would be all one sees. */
  readonly splits: boolean;
  /** The value at the top; from `roundTop`, so that lines of the grid fall on round numbers. */
  readonly top: number;
}

export function bucketTotal(bucket: Bucket): number {
  return severities.reduce((sum, severity) => sum + (bucket.counts[severity] ?? 0), 0);
}

export function highestTotal(buckets: readonly Bucket[]): number {
  return buckets.reduce((most, bucket) => Math.max(most, bucketTotal(bucket)), 0);
}

/** The step of the grid, and the next multiple of it that holds `most`: 19 → { step: 5, top: 20 }. */
export function roundTop(most: number, lines = 4): { readonly step: number; readonly top: number } {
  const rough = Math.max(1, most / lines);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * magnitude).find((each) => each >= rough) ?? 10 * magnitude;
  return { step, top: Math.max(step, Math.ceil(most / step) * step) };
}

/**
 * Critical lies at the foot, so that the worst shares one base line. A count above zero is never invisible: it gets a pixel.
 */
export function barPieces(buckets: readonly Bucket[], box: HistogramBox): readonly BarPiece[] {
  if (buckets.length === 0) return [];
  const step = (box.width + box.gap) / buckets.length;
  const width = Math.max(1, Math.floor(step - box.gap));
  const scale = box.height / Math.max(1, box.top);
  return buckets.flatMap((bucket, position) => {
    let foot = box.height;
    const pieces: BarPiece[] = [];
    for (const severity of severities) {
      const count = bucket.counts[severity] ?? 0;
      if (count <= 0) continue;
      const whole = Math.max(1, Math.round(count * scale));
      const height = box.splits && whole >= 4 ? whole - 1 : whole;
      pieces.push({ bucket: position, severity, x: Math.round(position * step), y: foot - height, width, height });
      foot -= whole;
    }
    return pieces;
  });
}
