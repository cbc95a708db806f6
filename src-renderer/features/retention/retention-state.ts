// The store of retention in this window, emptied when the console locks.

import { call } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createRetentionStore } from './retention-store.ts';

export const retention = createRetentionStore(call);

onForget(() => retention.forget());
