// The screens there are, in the order of the rail. Each feature says its words and icon; its code is loaded when it is opened.

import { screens as access } from '../features/access/index.ts';
import { screens as audit } from '../features/audit/index.ts';
import { screens as bundles } from '../features/bundles/index.ts';
import { screens as detections } from '../features/detections/index.ts';
import { screens as events } from '../features/events/index.ts';
import { screens as home } from '../features/home/index.ts';
import { screens as queue } from '../features/queue/index.ts';
import { screens as secrets } from '../features/secrets/index.ts';
import { screens as settings } from '../features/settings/index.ts';
import type { Screen } from './navigation.ts';

export const screens: readonly Screen[] = [
  ...home,
  ...queue,
  ...events,
  ...audit,
  ...bundles,
  ...secrets,
  ...access,
  ...detections,
  ...settings,
];

/** Opened first, and by an address that names none. */
export const firstScreen = 'home';

/** Shown without an account, and while locked: it reads a file and nothing else. */
export const openScreen = 'verify';
