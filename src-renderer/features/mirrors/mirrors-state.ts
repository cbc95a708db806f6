// The store of the mirrors in this window, emptied when the console locks.

import { call } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createMirrorsStore } from './mirrors-store.ts';

export const mirrors = createMirrorsStore(call);

onForget(() => mirrors.forget());
