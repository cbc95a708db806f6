// The detectors as the application sees them.

import { Radar } from 'lucide-react';
import type { Screen } from '../../app/navigation.ts';

export const screens: readonly Screen[] = [
  {
    id: 'detections',
    label: 'Detectors',
    icon: Radar,
    group: 'control',
    keys: 'g d',
    permission: 'detections.read',
    keywords: 'rules detections attack',
    load: async () => (await import('./DetectionsPage.tsx')).DetectionsPage,
  },
];
