// The whole rail as the console will have it, with screens that draw nothing: the frame is what is looked at.

import {
  Ban,
  Bug,
  ClipboardList,
  FileCheck,
  House,
  Inbox,
  KeyRound,
  Plug,
  Radar,
  ScrollText,
  Settings,
  ShieldCheck,
  Siren,
  UserCheck,
  UserRoundX,
  Users,
  Zap,
} from 'lucide-react';
import type { Screen, ScreenGroup } from '../../../../src-renderer/app/navigation.ts';
import type { IconShape } from '../../../../src-renderer/ui/Icon.tsx';

function screen(id: string, label: string, icon: IconShape, group: ScreenGroup, keys?: string): Screen {
  return { id, label, icon, group, ...(keys === undefined ? {} : { keys }), load: async () => () => null };
}

export const sampleScreens: readonly Screen[] = [
  screen('home', 'Home', House, 'operate', 'g h'),
  screen('queue', 'Queue', Inbox, 'operate', 'g q'),
  screen('incidents', 'Incidents', Siren, 'operate', 'g i'),
  screen('entities', 'Entities', Users, 'operate', 'g e'),
  screen('blocklist', 'Blocklist', Ban, 'operate', 'g b'),
  screen('response', 'Response', Zap, 'operate'),
  screen('audit', 'Audit', ScrollText, 'prove', 'g a'),
  screen('bundles', 'Bundles & Verify', FileCheck, 'prove', 'g v'),
  screen('compliance', 'Compliance', ClipboardList, 'prove', 'g c'),
  screen('privacy', 'Privacy requests', UserRoundX, 'prove'),
  screen('readiness', 'Readiness', ShieldCheck, 'prove', 'g r'),
  screen('vulnerabilities', 'Vulnerabilities', Bug, 'prove'),
  screen('secrets', 'Secrets', KeyRound, 'control', 'g s'),
  screen('access', 'Access', UserCheck, 'control'),
  screen('detectors', 'Detectors & playbooks', Radar, 'control'),
  screen('integrations', 'Integrations', Plug, 'control'),
  screen('settings', 'Settings', Settings, 'control', 'g ,'),
];

export const sampleBadges: Readonly<Record<string, number>> = {
  queue: 37,
  incidents: 4,
  blocklist: 12,
  response: 2,
  compliance: 9,
  privacy: 3,
  vulnerabilities: 1,
};
