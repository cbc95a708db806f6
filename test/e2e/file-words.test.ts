// Every command that takes a file, with files that it can't use: each ends with a sentence of ours and never with the system's words.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  admin,
  type CommandResult,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  runCommand,
  startNode,
} from '../support/node.ts';

const profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
const place = (name: string): string => join(profile.home, name);
let node: NodeProcess;
let environment: NodeJS.ProcessEnv;

/** As Node, zod or the system say it. */
const raw =
  /\bE[A-Z]{3,}:|illegal operation|no such file or directory|received undefined|must match pattern|Invalid (input|string|URL)|\bat (async )?\S+ \(?(file|node):|not supported\. Expected/;

beforeAll(async () => {
  node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  const { key } = await client.call('keys.create', { name: 'all', scopes: ['*'] });
  environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
  mkdirSync(place('folder'));
  symlinkSync(place('circle'), place('circle'));
  writeFileSync(place('empty'), '');
  writeFileSync(
    place('binary'),
    Uint8Array.from({ length: 4_096 }, (_, i) => (i * 89 + (i >> 3)) % 256),
  );
});

afterAll(async () => {
  await node?.kill('SIGTERM');
  profile[Symbol.dispose]();
});

/** What a command said that is not for people; undefined when nothing. What can't be used is said, and never in silence. */
function faultOf(args: readonly string[], { code, stdout, stderr }: CommandResult): string | undefined {
  const said = `${stdout}${stderr}`;
  return raw.test(said) || (code !== 0 && said.trim() === '') ? `${args.join(' ')}\n${said}` : undefined;
}

const reading: readonly (readonly string[])[] = [
  ['import', 'FILE'],
  ['alerts', 'load', 'FILE'],
  ['scan', 'FILE'],
  ['scan', 'folder', '--rules', 'FILE'],
  ['audit', 'verify', 'FILE'],
  ['audit', 'verify', 'FILE', '--receipt', 'receipt.json'],
  ['audit', 'verify', 'binary', '--key', 'FILE'],
  ['audit', 'verify', 'binary', '--checkpoint', 'FILE'],
  ['audit', 'verify', 'binary', '--pdf', 'FILE'],
  ['audit', 'verify', 'binary', '--witness', 'FILE'],
  ['audit', 'verify', 'binary', '--tsa-ca', 'FILE'],
  ['audit', 'render', 'FILE', '--out', 'report.pdf'],
  ['audit', 'extract', 'FILE', '--out', 'taken'],
  ['audit', 'export', '--out', 'a.ghbundle', '--reason', 'x', '--attach', 'FILE'],
  ['verify-backup', 'FILE'],
  ['verify-backup', 'FILE', '--key', 'FILE'],
  ['restore', 'FILE'],
  ['rules', 'check', 'FILE'],
  ['rules', 'test', 'FILE'],
  ['rules', 'add', 'FILE'],
  ['rules', 'import', 'FILE'],
  ['rules', 'diff', 'FILE'],
  ['rules', 'dry-run', 'FILE'],
  ['rules', 'mapping', 'set', 'FILE'],
  ['secrets', 'import', 'FILE', '--format', 'env'],
  ['secrets', 'set', 'a/b', '--from', 'FILE'],
  ['config', 'check', 'FILE'],
  ['cert', 'import', 'FILE', '--key', 'FILE'],
  ['audit', 'status', '--ca', 'FILE'],
];

const writing: readonly (readonly string[])[] = [
  ['audit', 'export', '--reason', 'x', '--out', 'FILE'],
  ['audit', 'verifier', '--out', 'FILE'],
  ['events', 'export', '--format', 'jsonl', '--out', 'FILE'],
  ['alerts', 'export', '--format', 'jsonl', '--out', 'FILE'],
  ['scan', 'empty', '--out', 'FILE'],
  ['rules', 'export', 'gatehouse', '--out', 'FILE'],
  ['rules', 'coverage', '--out', 'FILE'],
];

const unusable = ['missing', 'folder', 'binary', 'empty', 'circle', 'empty/below'];

test('files that can not be read, and places that can not be written to', { timeout: 600_000 }, async () => {
  const faults: (string | undefined)[] = [];
  for (const [commands, files] of [
    [reading, unusable],
    [writing, ['folder', 'missing/below', 'empty/below', 'x'.repeat(300)]],
  ] as const) {
    for (const command of commands) {
      const results = await Promise.all(
        files.map(async (file) => {
          const args = command.map((word) =>
            word === 'FILE'
              ? place(file)
              : /^(binary|folder|empty|taken|.*\.(pdf|json|ghbundle))$/.test(word)
                ? place(word)
                : word,
          );
          return [args, await runCommand(args, environment)] as const;
        }),
      );
      for (const [args, result] of results) faults.push(faultOf(args, result));
    }
  }
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

test('ids and addresses that are none', { timeout: 120_000 }, async () => {
  for (const args of [
    ['keys', 'revoke', 'nope'],
    ['retention', 'release', 'nope'],
    ['rules', 'end', 'nope'],
    ['rules', 'replay', 'nope'],
    ['alerts', 'suppressed', 'nope'],
    ['keys', 'create', '--name', '', '--scope', 'nope'],
  ]) {
    const result = await runCommand(args, environment);
    expect([args, result.code]).not.toEqual([args, 0]);
    expect(faultOf(args, result)).toBeUndefined();
  }
  for (const url of ['http://127.0.0.1:9443', 'console.example.org', 'https://', 'ftp://127.0.0.1/']) {
    const { code, stderr } = await runCommand(['keys', 'list'], { ...environment, GATEHOUSE_URL: url });
    expect([code, stderr.split('\n')[0]]).toEqual([2, `gatehouse: ${url} is not the address of a console`]);
    expect(stderr).toContain('hint: give one that begins with https://');
  }
  const plain = await runCommand(['audit', 'verify', profile.home], environment);
  expect(plain).toMatchObject({ code: 2, stderr: expect.stringMatching(/^gatehouse: cannot read .*\bfile\b/) });
  const missing = await runCommand(['scan', place('nope.log')], environment);
  expect(`${missing.stdout}${missing.stderr}`).toContain('it does not exist; check the path');
});
