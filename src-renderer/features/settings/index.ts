// The settings as the application sees them.

import { Settings } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'settings',
    label: 'Settings',
    icon: Settings,
    group: 'control',
    keys: 'g ,',
    keywords: 'preferences appearance theme dark light density keyboard shortcuts lock',
    load: async () => (await import('./SettingsScreen.tsx')).SettingsScreen,
  },
];
