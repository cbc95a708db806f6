// Home as the application sees it.

import { House } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'home',
    label: 'Home',
    icon: House,
    group: 'operate',
    keys: 'g h',
    keywords: 'overview dashboard start',
    load: async () => (await import('./HomePage.tsx')).HomePage,
  },
];
