// The rules of the house that a machine can check.
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { bareCode, sourceFiles } from './source.ts';

const files = sourceFiles('src-shared', 'src-main', 'src-renderer');
const tests = sourceFiles('test');

function offenders(pattern: RegExp, folder: RegExp = /./): string[] {
  return files.filter((file) => folder.test(file.path) && pattern.test(bareCode(file.text))).map((file) => file.path);
}

test('no clock, chance, environment or timer of its own in engine and core', () => {
  const world =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.(env|hrtime|stdout|stderr)\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\.now\b/;
  expect(offenders(world, /^src-main\/(engine|core)\//)).toEqual([]);
});

test('no code made from text', () => {
  expect(offenders(/\beval\(|\bnew Function\(|dangerouslySetInnerHTML/)).toEqual([]);
});

test('no default exports, enums, injected magic or unchecked types', () => {
  expect(offenders(/^export default\b/m)).toEqual([]);
  expect(offenders(/^\s*(export )?(const )?enum\b/m)).toEqual([]);
  expect(offenders(/\bas any\b|[:<]\s*any\s*[;,)=>|[\]]|@ts-ignore|@ts-expect-error/)).toEqual([]);
});

test('file names are kebab-case or a component, and say what they hold', () => {
  const named = files.map((file) => basename(file.path));
  expect(
    named.filter((name) => !/^([a-z0-9]+(-[a-z0-9]+)*|[A-Z][A-Za-z0-9]+)(\.d)?\.(ts|tsx|mjs)$/.test(name)),
  ).toEqual([]);
  expect(named.filter((name) => /(^|-)(utils?|helpers?|common|misc|manager|impl)\./.test(name))).toEqual([]);
});

test('every file opens by saying what it owns', () => {
  const silent = files.filter((file) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(file.text));
  expect(silent.map((file) => file.path)).toEqual([]);
});

test('no file holds a second subject: none over 400 lines', () => {
  const long = files.filter((file) => file.text.split('\n').length > 400);
  expect(long.map((file) => file.path)).toEqual([]);
});

test('SQL stands in table files and migrations, nowhere else in a feature', () => {
  const sql = /['"`]\s*(SELECT|INSERT|UPDATE|DELETE|CREATE TABLE)\b/;
  const homes = /(-table|migrations|facts|certificates)\.ts$/;
  const wrong = files.filter(
    (file) => /^src-main\/core\/features\//.test(file.path) && !homes.test(file.path) && sql.test(file.text),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('migrations import nothing but types', () => {
  const wrong = files.filter(
    (file) =>
      file.path.endsWith('/migrations.ts') && !file.path.includes('/store/') && /^import (?!type)/m.test(file.text),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('nothing is left for later and no test is switched off', () => {
  const later = /\b(TODO|FIXME|XXX|HACK)\b|not implemented/;
  expect(files.filter((file) => later.test(file.text)).map((file) => file.path)).toEqual([]);
  const off = tests.filter((file) => /\b(test|it|describe)\.(only|skip|todo)\(/.test(file.text));
  expect(off.map((file) => file.path)).toEqual([]);
});
