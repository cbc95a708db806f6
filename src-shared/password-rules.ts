// The rules for a new password and the strength meter: the same code in the core and in the renderer (spec 01).
// The word lists weigh some 400 kB, so they are imported only when somebody types a password; what is done about a failure is the caller's.

/** Every rule, with the words that finish the sentence "a password needs …". */
export const passwordRules = {
  length: '12 characters or more',
  too_long: '256 characters at most',
  lower: 'a lower-case letter',
  upper: 'an upper-case letter',
  digit: 'a digit',
  symbol: 'a symbol',
  common: 'to differ from well-known passwords',
  username: 'to leave out the user name',
} as const satisfies Record<string, string>;

export type PasswordRule = keyof typeof passwordRules;

/** Well-known passwords in lower case. */
export type CommonPasswords = ReadonlySet<string>;

/** 0 (guessed at once) to 4 (out of reach of offline guessing). */
type Strength = 0 | 1 | 2 | 3 | 4;

export type StrengthMeter = (password: string, username: string) => Strength;

const minimumLength = 12;
const maximumLength = 256;
/** A user name shorter than this says too little: "al" is in half of all words. */
const shortestTellingName = 3;
/** The estimate grows faster than its use: past 64 characters it only costs time (16 ms become 280 ms at 256). */
const measuredLength = 64;

/** The form in which a password is hashed and compared: NFC, so that the same keys give the same bytes on every system. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** Every rule that `password` breaks, in the order of the list; empty when it may be used. Characters are code points. */
export function brokenRules(password: string, username: string, common: CommonPasswords): PasswordRule[] {
  const normal = normalisePassword(password);
  const length = [...normal].length;
  const broken: Record<PasswordRule, boolean> = {
    length: length < minimumLength,
    too_long: length > maximumLength,
    lower: !/\p{Ll}/u.test(normal),
    upper: !/\p{Lu}/u.test(normal),
    digit: !/\p{Nd}/u.test(normal),
    symbol: !/[^\p{L}\p{M}\p{N}]/u.test(normal),
    common: isCommon(normal, common),
    username: containsName(normal, username),
  };
  return (Object.keys(passwordRules) as PasswordRule[]).filter((rule) => broken[rule]);
}

/**
 * Is it a well-known password, or one under make-up? "P@ssw0rd-2024" is "password" with a tail; as soon as the known word is less
 * than half of the whole, the rest has to carry the strength and the meter judges it.
 */
function isCommon(password: string, common: CommonPasswords): boolean {
  const folded = [...password.toLowerCase()].slice(0, maximumLength);
  const plain = folded.map((character) => substitutions.get(character) ?? character);
  const cores = [folded, plain].flatMap((text) => [text, trimmed(text, /[\p{L}\p{N}]/u), trimmed(text, /\p{L}/u)]);
  const undone = trimmed(folded, /\p{L}/u).map((character) => substitutions.get(character) ?? character);
  return [...cores, undone].some((word) => word.length * 2 >= folded.length && common.has(word.join('')));
}

/** Without the characters at either end that are not `kept`. */
function trimmed(text: readonly string[], kept: RegExp): readonly string[] {
  const first = text.findIndex((character) => kept.test(character));
  return first === -1 ? [] : text.slice(first, text.findLastIndex((character) => kept.test(character)) + 1);
}

const substitutions: ReadonlyMap<string, string> = new Map(
  Object.entries({ '@': 'a', '4': 'a', '3': 'e', '1': 'i', '!': 'i', '0': 'o', $: 's', '5': 's', '7': 't' }),
);

function containsName(password: string, username: string): boolean {
  const name = username.normalize('NFC').trim().toLowerCase();
  return name.length >= shortestTellingName && password.toLowerCase().includes(name);
}

/** The 49 000 common passwords of the strength library. */
export async function loadCommonPasswords(): Promise<CommonPasswords> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}

/** The meter of the form; takes 50 ms to make and at most as long for each measurement. */
export async function loadStrengthMeter(): Promise<StrengthMeter> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: measuredLength });
  return (password, username) =>
    estimator.check(normalisePassword(password), username === '' ? [] : [username]).score as Strength;
}
