// `gatehouse recover`: the recovery key opens a console whose keychain or passphrase is lost. Runs while the console is stopped.

import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { createKeyFileStore } from '../../adapters/files/key-file-store.ts';
import { homeFolder, lockProfile, openProfile, ProfileError, ProfileHeld } from '../../adapters/files/profile.ts';
import { finishReplacement } from '../../adapters/files/restore-swap.ts';
import { leaveMemoryOutOfCoreDumps, systemRandom } from '../../adapters/system/host-parts.ts';
import { createOsKeychain } from '../../adapters/vault/os-keychain.ts';
import { argon2idKdf } from '../../adapters/vault/passphrase-kdf.ts';
import { recoverMasterKey } from '../../core/features/keys/custody.ts';
import { WrongMasterKey } from '../../core/features/keys/key-ring.ts';
import { MasterKeyUnavailable } from '../../core/features/keys/master-key.ts';
import { parseRecoveryKey } from '../../core/features/keys/recovery-key.ts';
import { createPrompt } from '../prompt.ts';
import { CommandFailure } from './failure.ts';

const leastLength = 12;

export async function recover(flags: { readonly passphrase?: boolean }): Promise<void> {
  leaveMemoryOutOfCoreDumps();
  await using prompt = createPrompt();
  try {
    const profile = openProfile(homeFolder(process.env));
    using _lock = lockProfile(profile);
    finishReplacement(profile.folder);
    const keychain = createOsKeychain();
    const recoveryKey = parseRecoveryKey(await prompt.askSecret('Recovery key: '));
    const protection = flags.passphrase === true || !keychain.probe().available ? 'passphrase' : 'keychain';
    const passphrase =
      protection === 'passphrase' ? await prompt.askSecret('New passphrase, 12 characters or more: ') : undefined;
    if (passphrase !== undefined && [...passphrase].length < leastLength) {
      throw new CommandFailure('the passphrase is too short; nothing was changed', {
        hint: `use ${leastLength} characters or more`,
      });
    }
    const ports = {
      keychain,
      file: createKeyFileStore(profile.keys),
      kdf: argon2idKdf,
      random: systemRandom,
      given: { environment: undefined, keyFile: undefined },
    };
    await recoverMasterKey(ports, recoveryKey, { protection, passphrase });
    process.stderr.write(`the key is kept by ${protection} from now on; start the console as usual\n`);
  } catch (error) {
    const known = [ProfileError, ProfileHeld, ProblemError, WrongMasterKey, MasterKeyUnavailable];
    if (known.some((type) => error instanceof type)) {
      throw new CommandFailure((error as Error).message, { cause: error, hint: 'nothing was changed' });
    }
    throw error;
  }
}
