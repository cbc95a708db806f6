// The store of the settings in this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createConfigurationStore } from './configuration-store.ts';

export const configuration = createConfigurationStore({ call, subscribe });

onForget(() => configuration.forget());
