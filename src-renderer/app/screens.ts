// The screens there are. Each comes from its feature's `screen.ts` (a few words and an icon); its code is loaded when it is opened.

import type { Screen } from './navigation.ts';

export const screens: readonly Screen[] = [];
