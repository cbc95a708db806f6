// What a command line runs, however it is spelled: its simple commands as texts of one form, behind sudo, `sh -c`, xargs and their like
// too, and code that comes from elsewhere and is run. Which of it is forbidden stands in rules.
import { escapesOf, escapesOfLogged } from './shell-escapes.ts';
import { decodes, downloaders, filesFetched } from './shell-fetches.ts';
import { programOf } from './shell-programs.ts';
import { readShell } from './shell-reader.ts';
import {
  type Flow,
  nothing,
  type Origin,
  type Reading,
  type ShellWord,
  type Stage,
  setVariable,
} from './shell-stage.ts';
import { unwrap, wrappers } from './shell-wrappers.ts';

export interface ShellLine {
  /** Each `program argument …`; blanks inside a word stand as `␣`, paths are cleaned of what leads nowhere. */
  readonly commands: readonly string[];
  /** The stages of each pipeline, with ` | ` between. */
  readonly pipelines: readonly string[];
  /** Code that is run and isn't in the line: `downloaded`, `decoded`; `itself` of a function that multiplies; `escaped`: a shell for
   * whoever sits there, opened by a program that is none. */
  readonly runs: readonly string[];
  /** In order, once each, with those that run others. */
  readonly programs: readonly string[];
}

const longestLine = 32_768;
/** How often the line may be read anew, as text for another shell or put in for a variable. */
const readings = 6;
/** Programs that run each other's arguments, and the longest name of a folder followed. */
const mostWrappers = 12;
const longestFolder = 1_000;
const shells = /^(?:ba|da|z|k|mk|pdk|a|c|tc|fi|rba)?sh$/;
const interpreters: ReadonlyMap<RegExp, RegExp> = new Map([
  [/^python[\d.]*$/, /^-[a-zA-Z]*[cm]/],
  [/^perl[\d.]*$/, /^-[a-zA-Z]*[eE]/],
  [/^ruby[\d.]*$/, /^-[a-z]*e/],
  [/^(?:node|nodejs|bun|deno)$/, /^-(?:[a-z]*[ep]|-eval|-print)/],
  [/^php[\d.]*$/, /^-r/],
  [/^lua[\d.]*$/, /^-e/],
  [/^(?:iex|invoke-expression)$/, /^$/],
]);
const silent = new Set(['', ':', '[', '[[', 'true', 'false']);

/** @param line of which the first 32,768 characters are read; where more follows, or it can't be read to its end, `…` is a program. */
export function readShellLine(line: string): ShellLine {
  const commands = new Set<string>();
  const pipelines = new Set<string>();
  const runs = new Set<string>();
  const programs = new Set<string>();
  const files = new Map<string, Origin>();
  const texts = new WeakMap<Stage, string>();
  let folder: string | undefined;
  /** How many programs that are no shells are about to run the command. */
  let escapes = 0;

  const reading: Reading = {
    variables: new Map(),
    origins: new Map(),
    functions: new Set(),
    left: Math.min(line.length, longestLine) * readings + 4_096,
    run: (stage, { input, within, beside }) => {
      const words = assigned(stage.words);
      const text = commandText(stage, stage.words.length - words.length);
      texts.set(stage, text);
      if (words.length === 0) {
        commands.add(text);
        return nothing;
      }
      const given = stage.input ?? inputOf(stage) ?? input;
      if (within !== undefined && words[0]?.text === within && beside) runs.add('itself');
      const flow = command(words, given, text, 0);
      const { origin } = flow;
      for (const { operator, target } of stage.redirects)
        if (origin !== undefined && operator.includes('>')) files.set(place(target.text), origin);
      return flow;
    },
    piped: (stages) => {
      pipelines.add(stages.map((stage) => texts.get(stage) ?? '').join(' | '));
    },
  };

  /** Assignments are carried out; what is left is the command. */
  function assigned(words: readonly ShellWord[]): ShellWord[] {
    let from = 0;
    for (; from < words.length; from++) {
      const [, name, value] = /^([A-Za-z_]\w{0,60})\+?=(.*)$/s.exec(words[from]?.text ?? '') ?? [];
      if (name === undefined || value === undefined) break;
      setVariable(reading, name, value, words[from]?.origin);
    }
    return words.slice(from);
  }

  /** What a redirection puts into a command. */
  function inputOf({ redirects }: Stage): Flow | undefined {
    for (const { operator, target } of redirects) {
      if (operator !== '<') continue;
      const origin = target.origin ?? files.get(place(target.text));
      if (origin !== undefined) return { origin, literal: undefined };
    }
    return undefined;
  }

  function place(path: string): string {
    if (path.startsWith('/') || path.startsWith('~') || folder === undefined)
      return cleanPath(path).replace(/^(?:\.\/)+/, '');
    return cleanPath(`${folder}/${path}`);
  }

  function enter(path: string): void {
    folder = path.length > longestFolder ? undefined : path;
  }

  function command(words: readonly ShellWord[], input: Flow, text: string, depth: number): Flow {
    const [first, ...rest] = words;
    if (first === undefined) return nothing;
    const program = nameOf(first);
    const operands = rest.map((word) => word.text);
    commands.add(text);
    if (!silent.has(program) && !reading.functions.has(program)) programs.add(program === '.' ? 'source' : program);
    const ownOrigin = first.origin ?? (first.text.includes('/') ? files.get(place(first.text)) : undefined);
    if (ownOrigin !== undefined) runs.add(ownOrigin);

    if (depth < mostWrappers)
      for (const line of escapesOf(program, operands)) escaping(() => readShell(line, reading, 1));
    const wrapper = wrappers.get(program);
    if (wrapper !== undefined && depth < mostWrappers) {
      const { from, lines } = unwrap(wrapper, [program, ...operands]);
      for (const at of lines) shellText(words[at], input);
      const inner = words.slice(from);
      if (inner.length === 0) return lines.length > 0 ? input : nothing;
      if (wrapper.line === true) return shellText({ text: joinedText(inner), bare: false, origin: undefined }, input);
      // What xargs reads are arguments.
      const read = program === 'xargs' ? wordsFrom(input) : [];
      const all = [...inner, ...read];
      return command(all, program === 'xargs' ? nothing : input, textOf(all), depth + 1);
    }
    return effects(program, rest, operands, input, depth);
  }

  function escaping(run: () => void): void {
    escapes++;
    run();
    escapes--;
  }

  function effects(
    program: string,
    rest: readonly ShellWord[],
    operands: readonly string[],
    input: Flow,
    depth: number,
  ): Flow {
    if (shells.test(program)) return shell(rest, input);
    if (program === 'eval') return shellText({ text: joinedText(rest), bare: false, origin: originIn(rest) }, input);
    if (program === 'cmd') {
      const at = operands.findIndex((word) => /^\/[ck]$/i.test(word));
      return at < 0
        ? nothing
        : shellText({ text: joinedText(rest.slice(at + 1)), bare: false, origin: undefined }, input);
    }
    if (program === 'powershell' || program === 'pwsh') {
      const at = operands.findIndex((word) => /^-c(?:o(?:m(?:m(?:a(?:n(?:d)?)?)?)?)?)?$/i.test(word));
      if (at >= 0)
        return shellText({ text: joinedText(rest.slice(at + 1)), bare: false, origin: originIn(rest) }, input);
    }
    if (/^(?:iex|invoke-expression)$/.test(program) && operands.some(fetches)) runs.add('downloaded');
    for (const [name, code] of interpreters) if (name.test(program)) return interpreter(code, rest, input);
    switch (program) {
      case 'source':
      case '.':
        ranFile(rest[0]);
        return nothing;
      case 'cd':
      case 'pushd':
        enter(place(operands[0] ?? '~'));
        return nothing;
      case 'export':
      case 'declare':
      case 'local':
      case 'readonly':
      case 'alias':
        assigned(rest.filter(({ text }) => !text.startsWith('-')));
        return nothing;
      case 'echo':
        return literal(
          operands.filter((word) => !/^-[neE]+$/.test(word)),
          rest,
        );
      case 'printf':
        return literal(operands.length > 1 ? operands.slice(1) : operands, rest);
      case 'which':
      case 'type':
      case 'whence':
        return literal(operands.filter((word) => !word.startsWith('-')).slice(-1), rest);
      case 'command':
        return literal(operands.slice(-1), rest);
      case 'read':
        for (const name of operands)
          if (/^[a-zA-Z_]\w*$/.test(name)) setVariable(reading, name, `$${name}`, input.origin);
        return nothing;
      case 'find':
        if (depth < mostWrappers) ranByFind(rest, depth + 1);
        return nothing;
      case 'cp':
      case 'mv':
        moved(operands);
        return nothing;
      default:
        return passed(program, rest, operands, input);
    }
  }

  /** Programs that write what they read, or what they fetched. */
  function passed(program: string, rest: readonly ShellWord[], operands: readonly string[], input: Flow): Flow {
    const origin = decodes(program, operands) ? 'decoded' : downloaders.test(program) ? 'downloaded' : undefined;
    if (origin === 'downloaded') for (const file of filesFetched(program, operands)) files.set(place(file), origin);
    const read = operands.find((word) => files.has(place(word)));
    const flow: Flow = {
      origin: origin ?? input.origin ?? (read === undefined ? originIn(rest) : files.get(place(read))),
      literal: program === 'cat' || program === 'tee' ? input.literal : undefined,
    };
    if (program === 'tee' && flow.origin !== undefined)
      for (const word of operands) files.set(place(word), flow.origin);
    return flow;
  }

  function literal(words: readonly string[], from: readonly ShellWord[]): Flow {
    return { origin: originIn(from), literal: words.join(' ').replaceAll('\\n', '\n') };
  }

  function moved(operands: readonly string[]): void {
    const names = operands.filter((word) => !word.startsWith('-'));
    const target = names.at(-1) ?? '';
    for (const name of names.slice(0, -1)) {
      const origin = files.get(place(name));
      if (origin === undefined) continue;
      files.set(place(target), origin);
      files.set(place(`${target}/${name.replace(/^.*\//, '')}`), origin);
    }
  }

  /** `find … -exec program … ;` */
  function ranByFind(rest: readonly ShellWord[], depth: number): void {
    for (let at = 0; at < rest.length; at++) {
      if (!/^-(?:exec|ok)(?:dir)?$/.test(rest[at]?.text ?? '')) continue;
      const from = at + 1;
      while (at < rest.length && !/^[;+]$/.test(rest[at]?.text ?? '')) at++;
      const words = rest.slice(from, at);
      escaping(() => command(words, nothing, textOf(words), depth));
    }
  }

  /** A text that a shell is given to run. */
  function shellText(word: ShellWord | undefined, input: Flow): Flow {
    if (word === undefined) return nothing;
    if (word.origin !== undefined) runs.add(word.origin);
    return readShell(word.text, reading, 1, input);
  }

  function ranFile(word: ShellWord | undefined): void {
    const origin = word?.origin ?? files.get(place(word?.text ?? ''));
    if (origin !== undefined) runs.add(origin);
  }

  function ranInput({ origin, literal }: Flow, isShell: boolean): Flow {
    if (origin !== undefined) runs.add(origin);
    return isShell && literal !== undefined ? readShell(literal, reading, 1) : nothing;
  }

  function shell(rest: readonly ShellWord[], input: Flow): Flow {
    let takesText = false;
    for (let at = 0; at < rest.length; at++) {
      const { text } = rest[at] ?? { text: '' };
      if (/^[-+]/.test(text) && text !== '-') {
        if (/^-[a-zA-Z]*c/.test(text)) takesText = true;
        if (/^-[a-zA-Z]*s$/.test(text)) return ranInput(input, true);
        if (/^(?:[-+][a-zA-Z]*[oO]|--(?:rcfile|init-file))$/.test(text)) at++;
        continue;
      }
      if (takesText) return shellText(rest[at], input);
      if (text === '-' || text === '/dev/stdin') return ranInput(input, true);
      ranFile(rest[at]);
      return nothing;
    }
    if (escapes > 0 && input === nothing) runs.add('escaped');
    return ranInput(input, true);
  }

  function interpreter(code: RegExp, rest: readonly ShellWord[], input: Flow): Flow {
    for (const [at, word] of rest.entries()) {
      if (word.text === '-' || word.text === '/dev/stdin') break;
      if (code.test(word.text)) {
        ranFile(rest[at + 1]);
        return input.origin === undefined ? nothing : { origin: input.origin, literal: undefined };
      }
      if (word.text.startsWith('-')) continue;
      ranFile(word);
      return nothing;
    }
    return ranInput(input, false);
  }

  /** The one form of a command: what a rule is written for. */
  function textOf(words: readonly ShellWord[]): string {
    const [first, ...rest] = words;
    if (first === undefined) return '';
    return [nameOf(first), ...rest.map(({ text }) => argument(text))].join(' ');
  }
  function argument(text: string): string {
    if (folder !== undefined && /^(?:\.|\.\/|(?:\.\/)?\.?\*|\.\.(?:\/\.\.)*)$/.test(text))
      return cleanPath(`${folder}/${text}`);
    return wordText(text);
  }
  function commandText({ words, redirects }: Stage, assignments: number): string {
    const parts =
      assignments === words.length ? words.map(({ text }) => wordText(text)) : [textOf(words.slice(assignments))];
    for (const { operator, target } of redirects) parts.push(operator, wordText(target.text));
    return parts.join(' ');
  }

  readShell(line.slice(0, longestLine), reading);
  if (line.startsWith('/'))
    for (const escaped of escapesOfLogged(line.slice(0, longestLine))) escaping(() => readShell(escaped, reading, 1));
  if (line.length > longestLine || reading.left <= 0) programs.add('…');
  return { commands: [...commands], pipelines: [...pipelines], runs: [...runs], programs: [...programs] };
}

function nameOf({ text }: ShellWord): string {
  return programOf(text).replace(/\s+/g, '␣');
}

/** In PowerShell's parentheses: `iex (iwr …)`. */
function fetches(word: string): boolean {
  return downloaders.test(word.toLowerCase());
}

function originIn(words: readonly ShellWord[]): Origin | undefined {
  return words.find(({ origin }) => origin !== undefined)?.origin;
}

/** As `sh -c` would be given it by a program that joins its arguments. */
function joinedText(words: readonly ShellWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

function wordsFrom({ literal }: Flow): ShellWord[] {
  const words = literal?.trim().split(/\s+/, 64) ?? [];
  return words.flatMap((text) => (text === '' ? [] : { text, bare: false, origin: undefined }));
}

/** A word without blanks in it, so that words can be told apart; what a shell would take for an operator if it weren't quoted, in quotes. */
function wordText(text: string): string {
  if (text === '') return "''";
  if (/^[|<>&;]+$/.test(text)) return `'${text}'`;
  if (/\s/.test(text)) return text.replace(/\s/g, '␣');
  return text.includes('/') ? cleanPath(text) : text;
}

/** `//etc/./x/..` as `/etc`. */
function cleanPath(path: string): string {
  if (path.includes('://') || path.length > 4_096) return path;
  let clean = path.replace(/\/{2,}/g, '/');
  if (/^\/(?:.*\/)?\.{1,2}(?:\/|$)/.test(clean)) {
    const parts: string[] = [];
    for (const part of clean.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.' && part !== '') parts.push(part);
    }
    clean = `/${parts.join('/')}`;
  }
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
