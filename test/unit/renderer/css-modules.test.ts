// A class name that a component uses and its stylesheet lacks is an undefined at run time; one nobody uses is dead. And colours are
// written as numbers in tokens.css alone.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../src-renderer', import.meta.url).pathname;
const files = ['ui', 'app', 'features']
  .flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    } catch {
      // A folder that does not exist yet holds no styles.
      return [];
    }
  })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

const sheets = files.filter((file) => file.endsWith('.module.css'));
const components = files.filter((file) => file.endsWith('.tsx'));

function withoutComments(css: string): string {
  return css.replace(/\/\*[\s\S]*?\*\//g, '');
}

function definedClasses(sheet: string): ReadonlySet<string> {
  const local = withoutComments(readFileSync(sheet, 'utf8')).replace(/:global\((?:[^()]|\([^()]*\))*\)/g, '');
  const selectors = Array.from(local.matchAll(/([^{};]+)\{/g), (match) => match[1]!).filter(
    (each) => !each.includes('@'),
  );
  return new Set(
    selectors.flatMap((selector) => Array.from(selector.matchAll(/\.([a-zA-Z][\w-]*)/g), (match) => match[1]!)),
  );
}

interface Use {
  readonly component: string;
  readonly sheet: string;
  readonly names: readonly string[];
  /** css[level]: any class may be meant. */
  readonly isOpen: boolean;
}

const uses: readonly Use[] = components.flatMap((component) => {
  const source = readFileSync(component, 'utf8');
  const body = source.replace(/^import .*$/gm, '');
  return Array.from(source.matchAll(/import (\w+) from '([^']+\.module\.css)'/g), (match) => {
    const [, name, path] = match;
    return {
      component,
      sheet: join(dirname(component), path!),
      names: Array.from(body.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g')), (use) => use[1]!),
      isOpen: new RegExp(`\\b${name}\\[`).test(body),
    };
  });
});

it('finds the stylesheets and their uses', () => {
  expect(sheets.length).toBeGreaterThan(20);
  expect(uses.length).toBeGreaterThan(sheets.length);
});

it('every class that is used is defined', () => {
  const missing = uses.flatMap((use) => {
    if (!existsSync(use.sheet)) return [`${relative(root, use.component)}: no ${relative(root, use.sheet)}`];
    const defined = definedClasses(use.sheet);
    return use.names.filter((name) => !defined.has(name)).map((name) => `${relative(root, use.component)}: .${name}`);
  });
  expect(missing).toEqual([]);
});

it('every class that is defined is used', () => {
  const dead = sheets.flatMap((sheet) => {
    const readers = uses.filter((use) => use.sheet === sheet);
    if (readers.some((use) => use.isOpen)) return [];
    const used = new Set(readers.flatMap((use) => use.names));
    return Array.from(definedClasses(sheet))
      .filter((name) => !used.has(name))
      .map((name) => `${relative(root, sheet)}: .${name}`);
  });
  expect(dead).toEqual([]);
});

describe('colours', () => {
  const tokens = readFileSync(join(root, 'ui/tokens.css'), 'utf8');
  const known = new Set(Array.from(tokens.matchAll(/--([a-z0-9-]+):/g), (match) => match[1]!));

  it('are numbers in tokens.css alone, but for the QR code', () => {
    const written = sheets
      .filter((sheet) => !sheet.endsWith('QrCode.module.css'))
      .filter((sheet) => /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/i.test(withoutComments(readFileSync(sheet, 'utf8'))))
      .map((sheet) => relative(root, sheet));
    expect(written).toEqual([]);
  });

  it('and every token that is read exists', () => {
    const unknown = [...sheets, join(root, 'ui/base.css')].flatMap((sheet) => {
      const css = withoutComments(readFileSync(sheet, 'utf8'));
      const own = new Set(Array.from(css.matchAll(/--([a-z0-9-]+)\s*:/g), (match) => match[1]!));
      return Array.from(css.matchAll(/var\(--([a-z0-9-]+)/g), (match) => match[1]!)
        .filter((name) => !known.has(name) && !own.has(name) && name !== 'trigger-width')
        .map((name) => `${relative(root, sheet)}: --${name}`);
    });
    expect(unknown).toEqual([]);
  });
});
