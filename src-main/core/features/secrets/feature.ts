// The secrets vault. Start here: the operations. vault.ts changes secrets, reveal.ts hands values out, show.ts tells of metadata,
// import.ts takes files, content.ts is what a value is. Values are sealed under a key of each secret, so that purging shreds them.

import type { secretsOperations } from '../../../../src-shared/contract/secrets.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import type { WriteTx } from '../../store/store.ts';
import { importSecrets } from './import.ts';
import { migrations, scopedTables } from './migrations.ts';
import type { SecretsParts } from './parts.ts';
import { reveal } from './reveal.ts';
import { list, show } from './show.ts';
import { create, purge, remove, restore, rotate, setGrants, update, type Vault } from './vault.ts';

export function createSecrets(parts: SecretsParts): Feature {
  const vault = (tx: WriteTx, call: Call): Vault => ({ parts, tx, call });
  const handlers: Handlers<typeof secretsOperations> = {
    'secrets.list': list,
    'secrets.get': show,
    'secrets.reveal': (tx, call, input) => reveal(parts, tx, call, input),
    'secrets.create': (tx, call, input) => create(vault(tx, call), input),
    'secrets.update': (tx, call, input) => update(vault(tx, call), input),
    'secrets.rotate': (tx, call, input) => rotate(vault(tx, call), input),
    'secrets.set_grants': (tx, call, input) => setGrants(vault(tx, call), input),
    'secrets.delete': (tx, call, input) => remove(vault(tx, call), input),
    'secrets.restore': (tx, call, input) => restore(vault(tx, call), input),
    'secrets.purge': (tx, call, input) => purge(vault(tx, call), input),
    'secrets.import': (tx, call, input) => importSecrets(vault(tx, call), input),
  };
  return { name: 'secrets', migrations, scopedTables, handlers };
}
