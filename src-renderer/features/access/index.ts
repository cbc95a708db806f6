// What the application takes of the access feature.

import { UserCheck } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export { StepUpDialog } from './StepUpDialog.tsx';

export const screens: readonly Screen[] = [
  {
    id: 'access',
    label: 'Access',
    icon: UserCheck,
    group: 'control',
    keys: 'g k',
    keywords: 'api keys sessions tokens devices sign out',
    load: async () => (await import('./AccessScreen.tsx')).AccessScreen,
  },
];
