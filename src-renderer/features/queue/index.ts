// The queue as the application sees it: where it stands in the rail and how its code is loaded.

import { Inbox } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'queue',
    label: 'Queue',
    icon: Inbox,
    group: 'operate',
    keys: 'g q',
    permission: 'alerts.read',
    keywords: 'alerts triage',
    load: async () => (await import('./QueuePage.tsx')).QueuePage,
  },
];
