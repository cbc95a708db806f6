// How this person wants things shown. The application sets it once; components read it.

import { createContext } from 'react';
import type { TimeZoneChoice } from '../lib/instants.ts';

export type Density = 'compact' | 'comfortable';

export interface Display {
  readonly timeZone: TimeZoneChoice;
  readonly density: Density;
}

export const DisplayContext = createContext<Display>({ timeZone: 'utc', density: 'compact' });

/** Row heights in pixels, as in tokens.css: the virtual list has to know them before anything is drawn. */
export const rowHeights: Readonly<Record<Density, number>> = { compact: 32, comfortable: 40 };
