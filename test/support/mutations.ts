// Every change that can be made at every place of a parsed document: members and items taken out, put in, given twice, and each value
// replaced by values of other types, by its neighbours, and by other spellings of itself.

import { cloned, isMembers, type Members, type Part, Raw, spelled } from './forger.ts';

export type Mutation<T> = { readonly name: string; readonly mutated: T };

const others: readonly Part[] = [
  true,
  1,
  '1',
  null,
  [],
  {},
  0,
  -1,
  1.5,
  '',
  new Raw('1.0'),
  new Raw('-0'),
  new Raw('1e2'),
  new Raw('1e400'),
  new Raw('9007199254740992'),
  new Raw('NaN'),
];

/** @param from where in the document, as steps; @param most items of a list that are looked at, from both ends. */
export function* mutations<T extends Part>(
  document: T,
  from: readonly string[] = [],
  most = 2,
): Generator<Mutation<T>> {
  for (const path of [[], ...pathsOf(at(document, from), most)]) {
    const steps = [...from, ...path];
    const last = steps.at(-1);
    if (last === undefined) continue;
    const original = at(document, steps);
    const changes: [string, (parent: Members | Part[]) => void][] = [
      ['taken out', (parent) => remove(parent, last)],
      ...replacements(original).map((value): [string, (parent: Members | Part[]) => void] => [
        `is ${spelled(value).slice(0, 60)}`,
        (parent) => Object.assign(parent, { [last]: value }),
      ]),
    ];
    for (const [name, change] of changes) {
      const mutated = cloned(document);
      const parent = at(mutated, steps.slice(0, -1));
      if (!isMembers(parent) && !Array.isArray(parent)) continue;
      change(parent);
      yield { name: `${steps.join('.')} ${name}`, mutated };
    }
  }
}

function replacements(original: Part | undefined): Part[] {
  const plain = others.filter((value) => spelled(value) !== spelled(original ?? null));
  if (typeof original === 'string') return [...plain, ...spellings(original)];
  if (typeof original === 'number')
    return [...plain, original + 1, original - 1, String(original), new Raw(`${original}.0`)];
  if (Array.isArray(original)) {
    const [first = null] = original;
    return [...plain, [...original, first], [...original, null], original.toReversed()].filter(
      (value) => spelled(value) !== spelled(original),
    );
  }
  if (!isMembers(original)) return plain;
  const [first] = Object.keys(original);
  const inside = spelled(original).slice(1, -1);
  return [
    ...plain,
    { ...original, zz: 1 },
    { ...original, '': null },
    new Raw(`{"__proto__":1${inside && `,${inside}`}}`),
    ...(first === undefined
      ? []
      : [new Raw(`{${JSON.stringify(first)}:${spelled(original[first] ?? null)},${inside}}`)]),
    new Raw(`{ ${inside}}`),
  ];
}

function spellings(text: string): Part[] {
  const last = text.replace(/=*$/, '').at(-1) ?? '';
  const unused = text.replace(
    /.(=*)$/,
    (_, padding: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}${padding}`,
  );
  return [
    `${text}\n`,
    ` ${text}`,
    `${text}=`,
    text.toUpperCase(),
    unused,
    text.replace(/=+$/, ''),
    text.replaceAll('+', '-').replaceAll('/', '_'),
    text.replace('Z', '+00:00'),
    text.replace('.000Z', 'Z'),
    text.replace(/[0-9]/, (digit) => String.fromCharCode(0x0660 + Number(digit))),
    new Raw(JSON.stringify(text).replace(/[A-Za-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)),
    new Raw(`"\\ud800${text.slice(1).replaceAll(/["\\\n]/g, '')}"`),
  ].filter((value) => spelled(value) !== JSON.stringify(text));
}

function* pathsOf(part: Part | undefined, most: number): Generator<string[]> {
  if (Array.isArray(part)) {
    for (const [index, item] of part.entries()) {
      if (index >= Math.ceil(most / 2) && index < part.length - Math.floor(most / 2)) continue;
      yield [String(index)];
      for (const path of pathsOf(item, most)) yield [String(index), ...path];
    }
  } else if (isMembers(part)) {
    for (const [name, value] of Object.entries(part)) {
      yield [name];
      for (const path of pathsOf(value, most)) yield [name, ...path];
    }
  }
}

function at(part: Part, steps: readonly string[]): Part | undefined {
  let found: Part | undefined = part;
  for (const step of steps) {
    if (Array.isArray(found)) found = found[Number(step)];
    else if (isMembers(found)) found = found[step];
    else return undefined;
  }
  return found;
}

function remove(parent: Members | Part[], step: string): void {
  if (Array.isArray(parent)) parent.splice(Number(step), 1);
  else delete parent[step];
}
