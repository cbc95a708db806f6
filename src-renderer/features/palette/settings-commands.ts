// What the palette offers of the settings: each section as a place, and the few things one does there. Dangerous ones open the dialog
// that says what they hit.

import {
  CalendarClock,
  Cloud,
  Copy,
  DatabaseBackup,
  Info,
  KeyRound,
  LockKeyhole,
  RefreshCw,
  Scale,
  ScrollText,
  SlidersHorizontal,
} from 'lucide-react';
import { navigate } from '../../app/navigation.ts';
import type { Command } from '../../app/palette.ts';
import type { IconShape } from '../../ui/Icon.tsx';

type Section = 'encryption' | 'backups' | 'mirrors' | 'retention' | 'configuration' | 'about';

interface Entry {
  readonly id: string;
  readonly permission?: string;
  readonly label: string;
  readonly icon: IconShape;
  readonly keywords: string;
  readonly section: Section;
  /** What the section is asked to open. Absent: the section itself is the place. */
  readonly asks?: string;
  readonly hint?: string;
  /** The same thing on the command line. */
  readonly cli?: string;
}

const entries: readonly Entry[] = [
  {
    id: 'settings.encryption',
    permission: 'encryption.read',
    label: 'Encryption keys',
    cli: 'gatehouse encryption status',
    icon: KeyRound,
    keywords: 'settings master page sealing signing rotation vault recovery key protection',
    section: 'encryption',
  },
  {
    id: 'settings.mirrors',
    permission: 'console.read',
    label: 'Mirrors of the log',
    cli: 'gatehouse mirrors',
    icon: Copy,
    keywords: 'settings syslog siem otlp opentelemetry forward file audit.log alerts events',
    section: 'mirrors',
  },
  {
    id: 'settings.retention',
    permission: 'privacy.read',
    label: 'Retention and legal holds',
    cli: 'gatehouse retention status',
    icon: Scale,
    keywords: 'settings audit log days categories delete expired hold case pruning',
    section: 'retention',
  },
  {
    id: 'settings.backups',
    permission: 'backups.read',
    label: 'Backups',
    icon: DatabaseBackup,
    keywords: 'settings restore drill schedule retention ghbackup',
    section: 'backups',
  },
  {
    id: 'settings.configuration',
    permission: 'settings.read',
    label: 'Configuration',
    cli: 'gatehouse config show',
    icon: SlidersHorizontal,
    keywords: 'settings in force vault provider environment defaults origin toml',
    section: 'configuration',
  },
  {
    id: 'settings.about',
    label: 'API and about',
    icon: Info,
    keywords: 'settings curl certificate version licences telemetry',
    section: 'about',
  },
  {
    id: 'backup.new',
    permission: 'backups.manage',
    label: 'Back up now',
    icon: DatabaseBackup,
    keywords: 'backup save copy',
    section: 'backups',
    asks: 'new',
    hint: 'asks first',
  },
  {
    id: 'backup.schedule',
    permission: 'backups.manage',
    label: 'Change the schedule of backups',
    icon: CalendarClock,
    keywords: 'retention keep daily weekly monthly folder',
    section: 'backups',
    asks: 'schedule',
  },
  {
    id: 'key.rotate',
    permission: 'encryption.manage',
    label: 'Rotate the sealing key',
    cli: 'gatehouse encryption rotate sealing',
    icon: RefreshCw,
    keywords: 'encryption key renew',
    section: 'encryption',
    asks: 'rotate',
    hint: 'asks first',
  },
  {
    id: 'key.recovery',
    permission: 'encryption.manage',
    label: 'Issue a new recovery key',
    cli: 'gatehouse encryption recovery-key',
    icon: ScrollText,
    keywords: 'sheet print lost',
    section: 'encryption',
    asks: 'recovery',
    hint: 'asks first',
  },
  {
    id: 'key.protection',
    permission: 'encryption.manage',
    label: 'Change how the master key is kept',
    icon: KeyRound,
    keywords: 'keychain passphrase environment protection',
    section: 'encryption',
    asks: 'protection',
  },
  {
    id: 'vault.lock',
    permission: 'encryption.manage',
    label: 'Lock the vault',
    cli: 'gatehouse lock',
    icon: LockKeyhole,
    keywords: 'encryption panic zero keys stop',
    section: 'encryption',
    asks: 'lock',
    hint: 'asks first',
  },
  {
    id: 'provider.check',
    permission: 'settings.manage',
    label: 'Ask Vault again now',
    icon: Cloud,
    keywords: 'provider check secrets openbao',
    section: 'configuration',
    asks: 'check',
  },
];

export function settingsCommands(may: (permission: string) => boolean): readonly Command[] {
  return entries
    .filter(({ permission }) => permission === undefined || may(permission))
    .map(
      ({ id, label, icon, keywords, section, asks, hint, cli }): Command => ({
        id: asks === undefined ? `go.${id}` : `do.${id}`,
        group: asks === undefined ? 'go' : 'do',
        label,
        icon,
        keywords,
        ...(hint === undefined ? {} : { hint }),
        ...(cli === undefined ? {} : { cli }),
        run: () =>
          navigate({ screen: 'settings', path: [section], ...(asks === undefined ? {} : { query: { do: asks } }) }),
      }),
    );
}
