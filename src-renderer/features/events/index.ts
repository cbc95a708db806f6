// Events as the application sees them.

import { Activity } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'events',
    label: 'Events',
    icon: Activity,
    group: 'operate',
    keys: 'g l',
    permission: 'events.read',
    keywords: 'logs search import',
    load: async () => (await import('./EventsPage.tsx')).EventsPage,
  },
];
