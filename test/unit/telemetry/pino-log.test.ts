// The program's own log: for its owner alone, rotated, and never a reason to stop.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileLog } from '../../../src-main/adapters/telemetry/pino-log.ts';
import { temporaryFolder } from '../../support/stores.ts';

function where(): { folder: string; path: string } {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, 'server.log') };
}

function eventsIn(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).event);
}

test('one JSON object a line, readable by its owner alone; what needs somebody is echoed without control characters', () => {
  const { path } = where();
  const echoed: string[] = [];
  const log = createFileLog(path, (line) => echoed.push(line));
  log.info('serving', { url: 'https://127.0.0.1:9443' });
  log.warn('odd', { detail: 'a\x1b[31m' });
  log.error('bad');
  log.close();
  expect(eventsIn(path)).toEqual(['serving', 'odd', 'bad']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(echoed).toEqual(['warning: odd (detail: a�[31m)', 'error: bad']);
});

test('it is rotated while it is written, and no more files are kept than asked for', () => {
  const { folder, path } = where();
  const log = createFileLog(path, () => undefined, { maxBytes: 1_000, count: 2 });
  for (let n = 0; n < 100; n++) log.info(`event ${n}`);
  log.close();
  expect(readdirSync(folder).sort()).toEqual(['server.log', 'server.log.1', 'server.log.2']);
  const kept = ['.2', '.1', ''].flatMap((end) => eventsIn(`${path}${end}`));
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => `event ${100 - kept.length + n}`));
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1_000);
});

test.each([
  ['a link', (path: string, other: string) => symlinkSync(other, path)],
  ['a second name', (path: string, other: string) => linkSync(other, path)],
  ['a folder', (path: string) => void mkdirSync(path)],
])('%s in its place is not written to: said once, and gone on with as soon as it is away', (_what, place) => {
  const { folder, path } = where();
  const other = join(folder, 'other');
  writeFileSync(other, 'of somebody else\n');
  place(path, other);
  const echoed: string[] = [];
  const log = createFileLog(path, (line) => echoed.push(line));
  log.info('one');
  log.info('two');
  expect(readFileSync(other, 'utf8')).toBe('of somebody else\n');
  expect(echoed).toEqual([expect.stringMatching(/^warning: .*take it away; what happens is not written down$/)]);
  rmSync(path, { recursive: true });
  log.info('three');
  log.close();
  expect(eventsIn(path)).toEqual(['log lines were lost', 'three']);
});

test('a device is not written to either, and that stops nothing', () => {
  const echoed: string[] = [];
  const log = createFileLog('/dev/full', (line) => echoed.push(line));
  for (let n = 0; n < 3; n++) log.info('something');
  expect(echoed).toHaveLength(1);
});

test('a file that was moved away is gone on with under its own name', () => {
  const { folder, path } = where();
  const log = createFileLog(path, () => undefined);
  log.info('one');
  renameSync(path, join(folder, 'kept'));
  log.info('two');
  log.close();
  expect(eventsIn(path)).toEqual(['two']);
  expect(existsSync(join(folder, 'kept'))).toBe(true);
});

test('a line that a kill cut off does not spoil the next', () => {
  const { path } = where();
  writeFileSync(path, '{"event":"whole"}\n{"event":"cut o');
  const log = createFileLog(path, () => undefined);
  log.info('next');
  log.close();
  expect(eventsIn(path)).toEqual(['whole', 'next']);
});
