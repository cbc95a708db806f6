// Choosing the data folder, as the desktop's wizard does: everything of the console lies there, and the next start finds it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeFolder } from '../../../src-main/adapters/files/profile.ts';
import type { Answer, Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { type Composed, compose } from '../../../src-main/shells/compose.ts';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import { temporaryFolder } from '../../support/stores.ts';

let root: string;
let environment: NodeJS.ProcessEnv;
let composed: Composed | undefined;

beforeEach(() => {
  root = temporaryFolder();
  environment = {
    XDG_DATA_HOME: join(root, 'data'),
    GATEHOUSE_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    GATEHOUSE_PORT: '0',
  };
});

afterEach(async () => {
  await composed?.stop();
  composed = undefined;
  rmSync(root, { recursive: true, force: true });
});

async function start(folderFixed = false): Promise<Composed> {
  composed = await compose({
    home: homeFolder(environment, 'linux'),
    folderFixed,
    environment,
    flags: new Map(),
    rulesFolder: resolve(import.meta.dirname, '../../../resources/rules'),
    staticRoot: join(root, 'nothing'),
    version: '0.0.0-test',
    tell: () => undefined,
  });
  return composed;
}

async function claim({ core }: Composed): Promise<(operation: OperationName, input: object) => Promise<Answer>> {
  const send = (operation: OperationName, input: object, credential: Credential): Promise<Answer> =>
    core.dispatch({
      operation,
      via: 'https',
      origin: { ip: '127.0.0.1', userAgent: null },
      credential,
      input,
      traceId: '0'.repeat(32),
    });
  const answer = await send('setup.claim', { token: core.issueSetupToken() }, { kind: 'none' });
  if (answer.kind === 'problem') throw new Error(answer.problem.detail);
  const { token } = answer.output as { token: string };
  return (operation, input) => send(operation, input, { kind: 'token', token, from: 'bearer' });
}

test('the console is made in the folder chosen, and the next start finds it there', async () => {
  const chosen = join(root, 'disk', 'console');
  const send = await claim(await start());
  expect(await send('setup.keys', { protection: 'environment', data_folder: chosen })).toMatchObject({
    kind: 'output',
  });
  for (const name of ['keys.json', 'store.db', 'ca.pem', 'running.json'])
    expect(existsSync(join(chosen, name)), name).toBe(true);
  const standard = join(root, 'data', 'gatehouse');
  for (const name of ['keys.json', 'store.db']) expect(existsSync(join(standard, name)), name).toBe(false);
  await composed?.stop();
  expect(homeFolder(environment, 'linux')).toBe(chosen);
  const again = await start();
  expect(again.core.isOpen()).toBe(true);
  expect(again.profile.folder).toBe(chosen);
});

test('a folder that holds a console, a relative one and one that cannot be made are refused with the field', async () => {
  const taken = join(root, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'keys.json'), '{}');
  writeFileSync(join(root, 'file'), '');
  const send = await claim(await start());
  for (const folder of [taken, 'here/or/there', join(root, 'file', 'below')]) {
    const answer = await send('setup.keys', { protection: 'environment', data_folder: folder });
    expect(answer, folder).toMatchObject({
      kind: 'problem',
      problem: { code: 'request/invalid', fields: [{ path: 'data_folder' }] },
    });
  }
  expect(homeFolder(environment, 'linux')).toBe(join(root, 'data', 'gatehouse'));
  expect(await send('setup.keys', { protection: 'environment' })).toMatchObject({ kind: 'output' });
});

test('a folder that is fixed stays', async () => {
  const send = await claim(await start(true));
  const answer = await send('setup.keys', { protection: 'environment', data_folder: join(root, 'elsewhere') });
  expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'request/invalid' } });
});
