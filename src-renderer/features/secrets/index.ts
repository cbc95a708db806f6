// The secrets vault as the application sees it.

import { KeyRound } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'secrets',
    label: 'Secrets',
    icon: KeyRound,
    group: 'control',
    keys: 'g s',
    permission: 'secrets.read',
    keywords: 'vault passwords tokens certificates ssh keys rotate reveal import env',
    load: async () => (await import('./SecretsPage.tsx')).SecretsPage,
  },
];
