// The one direction: src-shared ← base ← engine ← core ← adapters ← shells; the renderer sees src-shared only. No exceptions.
import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './source.ts';

const layers = [
  'src-shared',
  'src-main/base',
  'src-main/engine',
  'src-main/core',
  'src-main/adapters',
  'src-main/shells',
];

function layerOf(path: string): string {
  const found = layers.find((layer) => path.startsWith(`${layer}/`));
  return found ?? path.split('/')[0] ?? path;
}

const files = sourceFiles('src-shared', 'src-main', 'src-renderer');

function offences(check: (file: SourceFile, target: string) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((target) => check(file, target)).map((target) => `${file.path} → ${target}`),
  );
}

test('every layer imports from itself and from those before it', () => {
  const wrong = offences((file, target) => {
    if (!target.startsWith('src-')) return false;
    const from = layerOf(file.path);
    const to = layerOf(target);
    if (from === 'src-renderer') return to !== 'src-renderer' && to !== 'src-shared';
    return layers.indexOf(to) < 0 || layers.indexOf(to) > layers.indexOf(from);
  });
  expect(wrong).toEqual([]);
});

test('an adapter does not know another adapter', () => {
  const adapter = (path: string): string | undefined => /^src-main\/adapters\/([^/]+)\//.exec(path)?.[1];
  const wrong = offences((file, target) => {
    const from = adapter(file.path);
    const to = adapter(target);
    return from !== undefined && to !== undefined && from !== to;
  });
  expect(wrong).toEqual([]);
});

test('a feature knows another only by its index', () => {
  const feature = (path: string): string | undefined =>
    /^src-(?:main\/core|renderer)\/features\/([^/]+)\//.exec(path)?.[1];
  const wrong = offences((file, target) => {
    const from = feature(file.path);
    const to = feature(target);
    return from !== undefined && to !== undefined && from !== to && !target.endsWith('/index.ts');
  });
  expect(wrong).toEqual([]);
});

test('Electron exists only in its shell', () => {
  expect(
    offences((file, target) => target === 'electron' && !file.path.startsWith('src-main/shells/electron/')),
  ).toEqual([]);
});

test('src-shared runs anywhere: no Node modules', () => {
  expect(offences((file, target) => file.path.startsWith('src-shared/') && target.startsWith('node:'))).toEqual([]);
});

test('engine and core reach the world only through ports', () => {
  const allowed = new Set(['node:crypto', 'node:util', 'node:zlib']);
  const wrong = offences(
    (file, target) =>
      /^src-main\/(engine|core)\//.test(file.path) &&
      (target.startsWith('node:') ? !allowed.has(target) : target === 'better-sqlite3'),
  );
  expect(wrong).toEqual([]);
});

test('own files are imported with their extension', () => {
  expect(
    offences((_, target) => target.startsWith('src-') && !/\.(ts|tsx|css|json|svg)(\?[a-z&]+)?$/.test(target)),
  ).toEqual([]);
});

/** The groups of files each of which reaches all others of its group by imports (Tarjan 1972). */
function circles(importsOf: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (path: string): number => {
    const number = order.size;
    let low = number;
    order.set(path, number);
    open.push(path);
    for (const target of importsOf.get(path) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    lowest.set(path, low);
    if (low === number) {
      const group = open.splice(open.indexOf(path));
      if (group.length > 1) found.push(group.toSorted());
    }
    return low;
  };
  for (const path of importsOf.keys()) if (!order.has(path)) visit(path);
  return found;
}

test('no file imports itself by way of others, not even for a type', () => {
  expect(
    circles(
      new Map([
        ['a', ['b']],
        ['b', ['c', 'd']],
        ['c', ['a']],
        ['d', []],
      ]),
    ),
  ).toEqual([['a', 'b', 'c']]);
  expect(circles(new Map(files.map(({ path, imports }) => [path, imports])))).toEqual([]);
});
