// The five severities as the console shows them: order, words and glyphs. Shape and word always go with the colour.

import { severities } from '../../../src-shared/alert-words.ts';

export { severities };
export type SeverityLevel = (typeof severities)[number];

export const severityWords: Readonly<Record<SeverityLevel, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
};

/** Paths in a 12 × 12 box: diamond, triangle, square, disc, ring. */
export const severityGlyphs: Readonly<Record<SeverityLevel, string>> = {
  critical: 'M6 .5 11.5 6 6 11.5 .5 6Z',
  high: 'M6 1 11.600 11H.4Z',
  medium: 'M1.5 1.5h9v9h-9Z',
  low: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z',
  info: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 1.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
};
