// A second evaluator of rules, too simple to be fast and written from the specification alone: it shares no code with the engine.
// Rules are the plain data of their files; conditions are trees, so that the parser of conditions is checked too.

export type Condition =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'of'; readonly quantity: '1' | 'any' | 'all'; readonly pattern: string }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly inner: Condition };

export interface NaiveRule {
  readonly searches: Readonly<Record<string, unknown>>;
  readonly condition: Condition;
}

type Json = unknown;

export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'name':
      return condition.name;
    case 'of':
      return `${condition.quantity} of ${condition.pattern}`;
    case 'not':
      return `not (${conditionText(condition.inner)})`;
    default:
      return `(${conditionText(condition.left)}) ${condition.kind} (${conditionText(condition.right)})`;
  }
}

export function naiveMatch(rule: NaiveRule, details: Readonly<Record<string, Json>>): boolean {
  function holds(condition: Condition): boolean {
    switch (condition.kind) {
      case 'name':
        return search(rule.searches[condition.name], details);
      case 'and':
        return holds(condition.left) && holds(condition.right);
      case 'or':
        return holds(condition.left) || holds(condition.right);
      case 'not':
        return !holds(condition.inner);
      case 'of': {
        const { pattern, quantity } = condition;
        const names = Object.keys(rule.searches).filter((name) =>
          pattern === 'them' ? !name.startsWith('_') : glob(pattern, name),
        );
        const results = names.map((name) => search(rule.searches[name], details));
        return quantity === 'all' ? results.every(Boolean) : results.some(Boolean);
      }
    }
  }
  return holds(rule.condition);
}

function search(value: unknown, details: Readonly<Record<string, Json>>): boolean {
  if (Array.isArray(value))
    return value.some((item) => (isMap(item) ? map(item, details) : keyword(item, [], details)));
  if (isMap(value)) return map(value, details);
  return keyword(value, [], details);
}

function map(value: Record<string, unknown>, details: Readonly<Record<string, Json>>): boolean {
  return Object.entries(value).every(([key, wanted]) => {
    const [field = '', ...modifiers] = key.split('|');
    const list: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    const results = list.map((one) =>
      field === '' ? keyword(one, modifiers, details) : item(field, modifiers, one, details),
    );
    const joined = modifiers.includes('all') ? results.every(Boolean) : results.some(Boolean);
    if (!modifiers.includes('neq')) return joined;
    const there = (name: string) => read(details, name) !== undefined && read(details, name) !== null;
    return there(field) && (!modifiers.includes('fieldref') || list.every((one) => there(String(one)))) && !joined;
  });
}

function keyword(value: unknown, modifiers: readonly string[], details: Readonly<Record<string, Json>>): boolean {
  return everyText(details).some((text) => valueFits(text, ['contains', ...modifiers], value));
}

function item(
  field: string,
  modifiers: readonly string[],
  value: unknown,
  details: Readonly<Record<string, Json>>,
): boolean {
  const found = read(details, field);
  if (modifiers.includes('exists')) return (found !== undefined) === value;
  if (value === null) return found === undefined || found === null;
  if (modifiers.includes('fieldref')) {
    return texts(read(details, String(value))).some((other) =>
      texts(found).some((text) => place(fold(text, modifiers), fold(other, modifiers), modifiers)),
    );
  }
  return texts(found).some((text) => valueFits(text, modifiers, value));
}

function valueFits(text: string, modifiers: readonly string[], value: unknown): boolean {
  const part = modifiers.find((name) => ['minute', 'hour', 'day', 'week', 'month', 'year'].includes(name));
  if (part !== undefined) return compare(partOf(text, part), modifiers, Number(value));
  if (modifiers.some((name) => ['gt', 'gte', 'lt', 'lte'].includes(name)))
    return (
      /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*$/i.test(text) && compare(Number(text), modifiers, Number(value))
    );
  if (modifiers.includes('re')) {
    const flags = ['i', 'm', 's'].filter((flag) => modifiers.includes(flag)).join('');
    return expression(String(value), flags).test(text);
  }
  if (modifiers.includes('cidr')) return inNetwork(text, String(value));
  return encoded(String(value), modifiers).some((tokens) => wildcards(text, tokens, modifiers));
}

const expressions = new Map<string, RegExp>();

function remembered(key: string, make: () => RegExp): RegExp {
  const known = expressions.get(key) ?? make();
  if (expressions.size > 50_000) expressions.clear();
  expressions.set(key, known);
  return known;
}

/** Characters are code points, as in the engine's expressions, unless the pattern has escapes that JavaScript then refuses. */
function expression(pattern: string, flags: string): RegExp {
  return remembered(`${flags}/${pattern}`, () => {
    const inline = /^\(\?([ims]+)\)/.exec(pattern);
    const all = [...new Set(`${flags}${inline?.[1] ?? ''}`)].join('');
    const rest = pattern.slice(inline?.[0].length ?? 0);
    try {
      return new RegExp(rest, `u${all}`);
    } catch {
      return new RegExp(rest, all);
    }
  });
}

function compare(number: number, modifiers: readonly string[], limit: number): boolean {
  if (modifiers.includes('gt')) return number > limit;
  if (modifiers.includes('gte')) return number >= limit;
  if (modifiers.includes('lt')) return number < limit;
  if (modifiers.includes('lte')) return number <= limit;
  return number === limit;
}

type Token = { readonly any: '*' | '?' } | { readonly char: string };

function tokensOf(value: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    const next = value.charAt(at + 1);
    if (char === '\\' && ['*', '?', '\\'].includes(next)) {
      tokens.push({ char: next });
      at++;
    } else if (char === '*' || char === '?') tokens.push({ any: char });
    else tokens.push({ char });
  }
  return tokens;
}

function encoded(value: string, modifiers: readonly string[]): Token[][] {
  let results: Token[][] = [tokensOf(value)];
  let bytes = false;
  for (const name of modifiers) {
    const text = (tokens: Token[]) => tokens.map((token) => ('char' in token ? token.char : '')).join('');
    const back = (one: string) => [...one].map((char) => ({ char }));
    const data = (tokens: Token[]) => Buffer.from(text(tokens), bytes ? 'latin1' : 'utf8');
    if (name === 'wide' || name === 'utf16le') {
      results = results.map((one) => back(Buffer.from(text(one), 'utf16le').toString('latin1')));
      bytes = true;
    } else if (name === 'base64') {
      results = results.map((one) => back(data(one).toString('base64')));
      bytes = false;
    } else if (name === 'base64offset') {
      // Encoded at three offsets among all single bytes around it: what never changes is what counts.
      results = results.flatMap((one) => [0, 1, 2].map((offset) => back(common(data(one), offset))));
      bytes = false;
    }
  }
  return results;
}

function common(value: Buffer, offset: number): string {
  const tail = (3 - ((offset + value.length) % 3)) % 3;
  const forms = [0, 85, 170, 255].map((filler) =>
    Buffer.concat([Buffer.alloc(offset, filler), value, Buffer.alloc(tail, filler)]).toString('base64'),
  );
  const [first = ''] = forms;
  const same = [...first].map((char, at) => forms.every((form) => form.charAt(at) === char));
  return first.slice(same.indexOf(true), same.lastIndexOf(true) + 1);
}

function fold(text: string, modifiers: readonly string[]): string {
  const lower = modifiers.includes('cased')
    ? text
    : [...text].map((char) => char.toLowerCase().replace('ς', 'σ').replace('ſ', 's')).join('');
  return modifiers.includes('windash') ? lower.replace(/[/–—―]/g, '-') : lower;
}

function place(text: string, wanted: string, modifiers: readonly string[]): boolean {
  if (modifiers.includes('contains')) return text.includes(wanted);
  if (modifiers.includes('startswith')) return text.startsWith(wanted);
  return modifiers.includes('endswith') ? text.endsWith(wanted) : text === wanted;
}

function wildcards(text: string, tokens: readonly Token[], modifiers: readonly string[]): boolean {
  const inner = tokens
    .map((token) => ('any' in token ? (token.any === '*' ? '[^]*' : '[^]') : quote(fold(token.char, modifiers))))
    .join('');
  const open = (...names: string[]) => (names.some((name) => modifiers.includes(name)) ? '[^]*' : '');
  const source = `^${open('contains', 'endswith')}${inner}${open('contains', 'startswith')}$`;
  return remembered(source, () => new RegExp(source)).test(fold(text, modifiers));
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function glob(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split('*').map(quote).join('.*')}$`).test(name);
}

function read(value: Json, name: string): Json {
  if (!isMap(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const dot = name.indexOf('.');
  return dot < 0 ? undefined : read(value[name.slice(0, dot)], name.slice(dot + 1));
}

function texts(value: Json): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => one !== undefined && one !== null && typeof one !== 'object').map(String);
}

function everyText(value: Json): string[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(everyText) : [String(value)];
}

function inNetwork(text: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const number = (address: string) => {
    const parts = address.split('.').map(Number);
    return parts.length === 4 && parts.every((part) => part >= 0 && part < 256)
      ? parts.reduce((sum, part) => sum * 256 + part, 0)
      : Number.NaN;
  };
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(text) / size) === Math.floor(number(base) / size);
}

function partOf(text: string, part: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):\d\d(\.\d+)?Z$/.exec(text.trim());
  const known = match === null ? undefined : new Date(`${text.trim().slice(0, 10)}T00:00:00Z`);
  if (match === null || known === undefined || Number.isNaN(known.getTime())) return Number.NaN;
  if (known.getUTCDate() !== Number(match[3])) return Number.NaN;
  if ((part === 'hour' && Number(match[4]) > 23) || (part === 'minute' && Number(match[5]) > 59)) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  if (part === 'week') {
    // Weeks begin on Monday; the first is the one with the fourth of January in it.
    const monday = (at: number) => at - ((new Date(at).getUTCDay() + 6) % 7) * 86_400_000;
    const own = monday(Date.UTC(year, month - 1, day));
    const first = [year + 1, year, year - 1].map((one) => monday(Date.UTC(one, 0, 4))).find((one) => one <= own) ?? own;
    return Math.round((own - first) / 604_800_000) + 1;
  }
  return { year, month, day, hour, minute }[part] ?? Number.NaN;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
