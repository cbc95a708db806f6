// The audit log as the application sees it.

import { ScrollText } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'audit',
    label: 'Audit',
    icon: ScrollText,
    group: 'prove',
    keys: 'g a',
    permission: 'audit.read',
    keywords: 'log entries chain export checkpoint',
    load: async () => (await import('./AuditPage.tsx')).AuditPage,
  },
];
