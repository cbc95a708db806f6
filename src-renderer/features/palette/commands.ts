// What the palette offers: the screens, the few things one does from anywhere, and searches made of what is typed. Only what the person
// may do.

import {
  Contrast,
  FileCheck2,
  FileUp,
  Globe,
  Keyboard,
  KeyRound,
  Lock,
  LogOut,
  Rows3,
  ScrollText,
  Search,
  Stamp,
  User,
} from 'lucide-react';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import type { AppearanceStore } from '../../app/appearance.ts';
import { navigate, type Screen } from '../../app/navigation.ts';
import type { Command, CommandSource } from '../../app/palette.ts';
import { formatCount } from '../../lib/numbers.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { settingsCommands } from './settings-commands.ts';

interface CommandParts {
  readonly screens: readonly Screen[];
  readonly appearance: AppearanceStore;
  readonly may: (permission: string) => boolean;
  readonly onLock: () => void;
  readonly onSignOut: () => void;
  readonly onHelp: () => void;
}

export function paletteCommands({
  screens,
  appearance,
  may,
  onLock,
  onSignOut,
  onHelp,
}: CommandParts): readonly Command[] {
  const go = screens.map(
    (screen): Command => ({
      id: `go.${screen.id}`,
      group: 'go',
      label: screen.label,
      icon: screen.icon,
      keys: screen.keys,
      ...(screen.keywords === undefined ? {} : { keywords: screen.keywords }),
      run: () => navigate({ screen: screen.id }),
    }),
  );
  const settings = settingsCommands(may);
  const has = (id: string) => screens.some((screen) => screen.id === id);
  return [
    ...go,
    ...settings.filter((command) => command.group === 'go'),
    { id: 'do.lock', group: 'do', label: 'Lock now', icon: Lock, keys: 'Mod+l', run: onLock },
    ...(may('audit.checkpoint') ? [checkpointCommand] : []),
    ...(has('access')
      ? [
          {
            id: 'do.sessions',
            group: 'do' as const,
            label: 'End a session',
            icon: User,
            keywords: 'devices sign out',
            run: () => navigate({ screen: 'access', path: ['sessions'] }),
          },
        ]
      : []),
    ...(has('secrets') && may('secrets.manage') ? secretCommands : []),
    ...(has('verify')
      ? [
          {
            id: 'do.verify',
            group: 'do' as const,
            label: 'Verify a bundle',
            icon: FileCheck2,
            keywords: 'ghbundle evidence check',
            run: () => navigate({ screen: 'verify' }),
          },
        ]
      : []),
    {
      id: 'do.help',
      group: 'do',
      label: 'List all shortcuts',
      icon: Keyboard,
      keys: '?',
      keywords: 'help keys',
      run: onHelp,
    },
    {
      id: 'do.theme',
      group: 'do',
      label: 'Switch between light and dark',
      icon: Contrast,
      keywords: 'theme appearance',
      run: () => appearance.setState(({ theme }) => ({ theme: isDark(theme) ? 'light' : 'dark' })),
    },
    {
      id: 'do.density',
      group: 'do',
      label: 'Switch between compact and comfortable rows',
      icon: Rows3,
      keywords: 'density appearance',
      run: () => appearance.setState(({ density }) => ({ density: density === 'compact' ? 'comfortable' : 'compact' })),
    },
    ...settings.filter((command) => command.group === 'do'),
    { id: 'do.sign-out', group: 'do', label: 'Sign out', icon: LogOut, keywords: 'log out leave', run: onSignOut },
  ];
}

function isDark(theme: string): boolean {
  return theme.includes('dark') || document.documentElement.dataset.theme?.includes('dark') === true;
}

const checkpointCommand: Command = {
  id: 'do.checkpoint',
  group: 'do',
  label: 'Sign a checkpoint',
  icon: Stamp,
  keywords: 'audit chain anchor',
  run: async () => {
    try {
      const { size } = await call('audit.checkpoint', {});
      toasts.show({ text: `Checkpoint signed over ${formatCount(size)} entries` });
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  },
};

const secretCommands: readonly Command[] = [
  {
    id: 'do.new-secret',
    group: 'do',
    label: 'Keep a new secret',
    icon: KeyRound,
    keywords: 'create add password key certificate vault',
    run: () => navigate({ screen: 'secrets', path: ['new'] }),
  },
  {
    id: 'do.import-secrets',
    group: 'do',
    label: 'Import secrets',
    icon: FileUp,
    keywords: 'env csv fernet file vault',
    run: () => navigate({ screen: 'secrets', path: ['import'] }),
  },
];

const addressShape = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)$/i;
const numberShape = /^(?:alr-?)?(\d{1,9})$/i;

/** Searches with what was typed, in the screens that this person has. */
export function findSource(screens: readonly Screen[]): CommandSource {
  const has = (id: string) => screens.some((screen) => screen.id === id);
  return (query) => {
    const isAddress = addressShape.test(query);
    const quoted = /\s/.test(query) ? `"${query.replaceAll('"', '')}"` : query;
    const isLastResort = !isAddress && !numberShape.test(query);
    const found: Command[] = [];
    if (has('queue')) {
      found.push({
        id: 'find.alerts',
        group: 'find',
        isLastResort,
        label: isAddress ? `Alerts about ${query}` : `Alerts with “${query}”`,
        icon: isAddress ? Globe : Search,
        run: () => navigate({ screen: 'queue', query: { q: isAddress ? `ip:${query}` : quoted } }),
      });
    }
    if (has('events')) {
      found.push({
        id: 'find.events',
        group: 'find',
        isLastResort,
        label: isAddress ? `Events from ${query}` : `Events with “${query}”`,
        icon: ScrollText,
        run: () => navigate({ screen: 'events', query: isAddress ? { ip: query } : { text: query } }),
      });
    }
    if (has('secrets') && !isAddress) {
      found.push({
        id: 'find.secrets',
        group: 'find',
        isLastResort,
        label: `Secrets with “${query}”`,
        icon: KeyRound,
        run: () => navigate({ screen: 'secrets', query: { text: query } }),
      });
    }
    return numberShape.test(query) ? found.slice(0, 1) : found;
  };
}
