// `gatehouse restore FILE`: puts a backup in the place of a stopped console, or makes a console of it in an empty profile. Everything is
// checked before the first file is touched; the store that was there is set aside.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { homeFolder, lockProfile, openProfile, type Profile, ProfileHeld } from '../../adapters/files/profile.ts';
import { finishReplacement, replaceStore } from '../../adapters/files/restore-swap.ts';
import { leaveMemoryOutOfCoreDumps, systemClock, systemRandom } from '../../adapters/system/host-parts.ts';
import { BackupDamaged, BackupKeyWrong } from '../../core/features/backups/damage.ts';
import { refuseLaterVersion } from '../../core/features/backups/header.ts';
import { keptAnew, restoredKeyFile } from '../../core/features/backups/restored-keys.ts';
import {
  type KeyFile,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  masterByPassphrase,
  masterByRecoveryKey,
  PassphraseNeeded,
  WrongMasterKey,
} from '../../core/features/keys/index.ts';
import { formatKeyFile } from '../../core/features/keys/key-file.ts';
import { findMasterKey, protectionGiven, readKeyFile } from '../../core/features/keys/master-key.ts';
import { checkBackup, removeStore } from '../backup-check.ts';
import { version } from '../project.ts';
import { createPrompt, type Prompt } from '../prompt.ts';
import {
  explained,
  type Given,
  keyPorts,
  type OpenFlags,
  openByAsking,
  openFile,
  openWithOwnKeys,
} from './backup-file.ts';
import { progressOf } from './backup-progress.ts';
import { CommandFailure } from './failure.ts';

export type RestoreFlags = OpenFlags & {
  readonly protect?: 'keychain' | 'passphrase' | 'key-file' | 'environment';
  readonly json?: boolean;
};

export async function restore(path: string, flags: RestoreFlags): Promise<void> {
  leaveMemoryOutOfCoreDumps();
  process.umask(0o077);
  try {
    const profile = openProfile(homeFolder(process.env));
    using _lock = lockProfile(profile);
    finishReplacement(profile.folder);
    await restoreInto(profile, path, flags);
  } catch (error) {
    if (error instanceof ProfileHeld)
      throw new CommandFailure(error.message, {
        cause: error,
        hint: 'stop the console, or restore from its own window',
      });
    if (error instanceof BackupDamaged)
      throw new CommandFailure(`${path} can not be used: ${error.message}`, {
        cause: error,
        hint: 'nothing was changed',
      });
    if (error instanceof BackupKeyWrong)
      throw new CommandFailure(error.message, { cause: error, hint: 'nothing was changed' });
    throw explained(error, 'nothing was changed');
  }
}

async function restoreInto(profile: Profile, path: string, flags: RestoreFlags): Promise<void> {
  using file = openFile(path);
  const { parsed, layout } = file;
  const { header } = parsed;
  refuseLaterVersion(header, version);
  const ports = keyPorts(profile.keys, process.env);
  const own = readKeyFile(ports.file);
  refuseOtherConsole(own, header, profile);
  refuseFullDisk(profile, layout.contentBytes);
  await using prompt = createPrompt();
  const asks = flags.recoveryKeyStdin === true || flags.passphraseStdin === true;
  const byOwn = asks ? undefined : await openWithOwnKeys(parsed, own, ports);
  const { opened, given } =
    byOwn === undefined ? await openByAsking(parsed, flags, prompt, ports) : { opened: byOwn, given: {} };
  const scratch = join(profile.folder, 'scratch');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const target = join(scratch, `${randomUUID()}.db`);
  try {
    // Where the master key is to be kept must be clear before the long part.
    const keep = await planKeys(own, parsed.keyFile, given, flags, prompt, ports);
    using progress = progressOf(layout.contentBytes);
    const { dataKey, master } = opened;
    const cancelled = (): boolean => false;
    const checked = await checkBackup({
      path,
      dataKey,
      master,
      target,
      keep: true,
      known: undefined,
      progress: progress.update,
      cancelled,
    });
    const keyFile = await keep(master.slice());
    const at = systemClock.now();
    const setAside = replaceStore(profile.folder, {
      store: target,
      keyFile: formatKeyFile(keyFile),
      at,
      note: {
        backup_id: header.backup_id,
        created_at: header.created_at,
        restored_at: new Date(at).toISOString(),
        by: userInfo().username,
        audit_entries: checked.auditEntries,
        root_hash: checked.rootHash,
      },
    });
    report(flags, profile, header, existsSync(setAside) ? setAside : null, keyFile);
  } finally {
    removeStore(target);
    opened.dataKey.fill(0);
    opened.master.fill(0);
  }
}

function refuseOtherConsole(
  own: KeyFile | undefined,
  header: { instance_id: string; console_name: string },
  profile: Profile,
): void {
  if (own === undefined || own.instance_id === header.instance_id) return;
  throw new CommandFailure(
    `${profile.folder} holds another console (${own.instance_id}); this backup is of ${header.console_name} (${header.instance_id})`,
    { hint: 'nothing was changed; name an empty folder with GATEHOUSE_HOME' },
  );
}

function refuseFullDisk(profile: Profile, contentBytes: number): void {
  const { bavail, bsize } = statfsSync(profile.folder);
  if (bavail * bsize < contentBytes * 1.05)
    throw new CommandFailure(
      `the store inside takes ${contentBytes} bytes, and only ${bavail * bsize} are free in ${profile.folder}`,
      {
        hint: 'nothing was changed',
      },
    );
}

type Keep = (backupMaster: Uint8Array) => Promise<KeyFile>;

/** The same console as before keeps its master key as before; anything else is kept as asked, or as this computer can. */
async function planKeys(
  own: KeyFile | undefined,
  inside: KeyFile,
  given: Given,
  flags: RestoreFlags,
  prompt: Prompt,
  ports: MasterKeyPorts,
): Promise<Keep> {
  if (own !== undefined && flags.protect === undefined) {
    const current = await currentMaster(own, given, ports);
    return async (master) => {
      try {
        return restoredKeyFile({ file: own, master: current }, { file: inside, master }, systemRandom);
      } finally {
        current.fill(0);
        master.fill(0);
      }
    };
  }
  const protection = protectionOf(flags, ports);
  const passphrase =
    protection === 'passphrase'
      ? await prompt.askSecret('New passphrase of the console, 12 characters or more: ')
      : undefined;
  if (passphrase !== undefined && [...passphrase].length < 12)
    throw new CommandFailure('the passphrase is too short; nothing was changed', { hint: 'use 12 characters or more' });
  return async (master) => {
    const kept = await keptAnew(ports, { file: inside, master }, { protection, passphrase, now: systemClock.now() });
    kept.master.fill(0);
    return kept.file;
  };
}

async function currentMaster(own: KeyFile, given: Given, ports: MasterKeyPorts): Promise<Uint8Array> {
  const { recoveryKey, passphrase } = given;
  const ways: (() => Promise<Uint8Array> | Uint8Array)[] = [
    () => findMasterKey(ports, own, undefined),
    ...(recoveryKey === undefined ? [] : [() => masterByRecoveryKey(own, recoveryKey)]),
    ...(passphrase === undefined ? [] : [() => masterByPassphrase(ports, own, passphrase)]),
  ];
  for (const way of ways) {
    try {
      return await way();
    } catch (error) {
      if (![PassphraseNeeded, MasterKeyUnavailable, WrongMasterKey].some((type) => error instanceof type)) throw error;
    }
  }
  throw new CommandFailure('the keys of the console in this folder can not be had, so its master key can not be kept', {
    hint: 'nothing was changed; say how to keep it anew, for example with --protect passphrase',
  });
}

function protectionOf(flags: RestoreFlags, ports: MasterKeyPorts): KeyProtection {
  if (flags.protect !== undefined) return flags.protect === 'key-file' ? 'key_file' : flags.protect;
  const given = protectionGiven(ports.given);
  if (given !== null) return given;
  if (ports.keychain.probe().available) return 'keychain';
  throw new CommandFailure('there is no keychain here to keep the master key in', {
    hint: 'nothing was changed; say --protect passphrase, which asks for a new one (or reads it from the next line of standard input), or give a key with GATEHOUSE_ENCRYPTION_KEY',
  });
}

function report(
  flags: RestoreFlags,
  profile: Profile,
  header: { backup_id: string; console_name: string; created_at: string },
  setAside: string | null,
  keyFile: KeyFile,
): void {
  if (flags.json === true) {
    const { backup_id, console_name, created_at } = header;
    const recovery_key_works = keyFile.recovery !== null;
    process.stdout.write(
      `${JSON.stringify({ backup_id, console_name, created_at, folder: profile.folder, set_aside: setAside, protection: keyFile.protection, recovery_key_works })}\n`,
    );
    return;
  }
  const lines = [
    `restored ${header.console_name} as of ${header.created_at} into ${profile.folder}; its master key is kept by ${keyFile.protection.replace('_', ' ')}`,
    ...(setAside === null
      ? []
      : [`the console that was there is whole in ${setAside}; remove that folder when you do not need it any more`]),
    ...(keyFile.recovery === null
      ? ['its recovery key does not open it any more: issue a new one in Settings > Encryption']
      : []),
    'API keys and users that were removed since that moment are back; look through them. Start with: npm start',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
