// A shell command line as a shell reads it: quotes, backslashes, expansions, here-documents, groups, pipelines. What the commands mean
// is shell-line.ts. It is read once from left to right; what is read again (the text behind `sh -c`) is taken from one budget, so that
// time stays linear however things are nested.

import {
  type Flow,
  nothing,
  type Origin,
  type Reading,
  type ShellWord,
  type Stage,
  setVariable,
} from './shell-stage.ts';
import {
  ansiEnd,
  ansiText,
  closeBrace,
  comma,
  expandBraces,
  gap,
  openBrace,
  plain,
  withoutMarks,
} from './shell-text.ts';

const deepest = 10;
const mostHereDocuments = 16;
const mostExpanded = 64;
const plainText = /[^\s;|&()<>\\'"$`{},]+/y;
const redirection = /^(?:\d{1,3}|&)?(<<<|<<-?|<>|>>|>\||[<>]&|[<>])/;
const groupWords = new Set(['{', 'if', 'while', 'until']);
const passedWords = new Set(['then', 'do', 'else', 'elif', '!', 'coproc']);
const closingWords = new Set(['}', 'fi', 'done', 'esac']);

interface Group {
  readonly opener: string;
  readonly input: Flow;
  readonly stages: Stage[];
  readonly within: string | undefined;
}

/** Reads all of `text`. @returns what its last commands send on, all together. */
export function readShell(text: string, reading: Reading, depth: number = 0, input: Flow = nothing): Flow {
  if (depth > deepest || reading.left <= 0) return nothing;
  const line = withoutMarks(text.slice(0, reading.left));
  reading.left -= line.length + 1;
  return readList(line, reading, depth, input);
}

/** A blank, a line's end, or one of `;|&()<>`. */
function endsWord(code: number): boolean {
  return (
    code === 32 ||
    (code >= 9 && code <= 13) ||
    code === 59 ||
    code === 124 ||
    code === 38 ||
    code === 41 ||
    code === 60 ||
    code === 62
  );
}

function readList(text: string, reading: Reading, depth: number, given: Flow): Flow {
  let at = 0;
  let hereEnd = 0;
  let hereDocuments = 0;
  const groups: Group[] = [];
  let input = given;
  let within: string | undefined;
  /** A function's name that stands right before its body. */
  let defining: string | undefined;
  let pipeline: Stage[] = [];
  let stage = emptyStage();
  let sent: Flow[] = [];

  function inherited(): Flow {
    return groups.at(-1)?.input ?? given;
  }
  function finish(beside: boolean): Flow {
    const { words, redirects } = stage;
    if (words.length === 0 && redirects.length === 0) return input;
    const flow = reading.run(stage, { input, within, beside: beside || pipeline.length > 0 });
    pipeline.push(stage);
    stage = emptyStage();
    sent.push(flow);
    return flow;
  }
  function endPipeline(background = false): void {
    finish(background);
    if (pipeline.length > 1) reading.piped(pipeline);
    pipeline = [];
    input = inherited();
  }
  function pipe(): void {
    input = finish(true);
  }
  function open(opener: string): void {
    if (groups.length < 100) groups.push({ opener, input, stages: pipeline, within });
    if (defining !== undefined) within = defining;
    defining = undefined;
    pipeline = [];
    sent = [];
  }
  function close(): void {
    endPipeline();
    const group = groups.pop();
    if (group === undefined) return;
    within = group.within;
    // What comes after a group, such as a pipe, gets what all of it sent.
    input = joined(sent);
    pipeline = group.stages;
  }

  /** What stands at the cursor as it is; the cursor is then behind it. */
  function plainRun(): string {
    plainText.lastIndex = at;
    const found = plainText.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  }

  /** A word of the line, which may become several or none. */
  function readWord(): readonly ShellWord[] {
    // Most words hold nothing to take out.
    const run = plainRun();
    if (run !== '' && (at === text.length || endsWord(text.charCodeAt(at))))
      return [{ text: run, bare: true, origin: undefined }];
    at -= run.length;
    let value = '';
    let bare = true;
    let quoted = false;
    let origin: Origin | undefined;
    const begin = at;
    function add(part: Flow, inQuotes: boolean): void {
      bare = false;
      origin ??= part.origin;
      const known = part.literal ?? '';
      reading.left -= known.length;
      if (reading.left > 0) value += inQuotes ? known : known.trim().replace(/\s+/g, gap);
    }
    function doubleQuoted(): void {
      at++;
      while (at < text.length && text[at] !== '"') {
        const char = text[at] ?? '';
        if (char === '\\' && /["$`\\\n]/.test(text[at + 1] ?? '')) {
          if (text[at + 1] !== '\n') value += text[at + 1];
          at += 2;
        } else if (char === '$' || char === '`') add(expansion(true), true);
        else {
          value += char;
          at++;
        }
      }
      at++;
    }
    while (at < text.length) {
      value += plainRun();
      const char = text[at] ?? '';
      if (char === '' || /[\s;|&)]/.test(char)) break;
      if (char === '(') {
        // An array: `a=(x y)`.
        if (!value.endsWith('=')) break;
        value += char;
        at++;
        continue;
      }
      if (char === '<' || char === '>') {
        if (text[at + 1] !== '(' || value !== '') break;
        at += 2;
        const flow = readShell(inner(')'), reading, depth + 1);
        add({ origin: flow.origin, literal: '/dev/fd/63' }, true);
      } else if (char === '\\') {
        // `C:\Windows\…`, `%SystemRoot%\…`: here a backslash is only that.
        const isPath = /^(?:[A-Za-z]:|%\w{1,30}%)/.test(value);
        if (isPath) value += char;
        else if (text[at + 1] !== '\n') value += text[at + 1] ?? '';
        bare = false;
        at += isPath ? 1 : 2;
      } else if (char === "'" || (char === '"' && text.indexOf('"', at + 1) > 0)) {
        bare = false;
        quoted = true;
        if (char === '"') doubleQuoted();
        else {
          const end = text.indexOf("'", at + 1);
          // A quote that nothing closes is an apostrophe: logs join arguments without their quotes.
          value += end < 0 ? char : text.slice(at + 1, end);
          at = end < 0 ? at + 1 : end + 1;
        }
      } else if (char === '$' && text[at + 1] === "'") {
        const end = ansiEnd(text, at + 2);
        value += ansiText(text.slice(at + 2, end));
        bare = false;
        quoted = true;
        at = end + 1;
      } else if (char === '$' && text[at + 1] === '"') at++;
      else if (char === '$' || char === '`') add(expansion(false), false);
      else {
        value += char === '{' ? openBrace : char === ',' ? comma : char === '}' ? closeBrace : char;
        at++;
      }
    }
    if (at === begin) at++;
    if (value === '' && !quoted) return [];
    return expandBraces(value, mostExpanded)
      .flatMap((one) => (one.includes(gap) ? one.split(gap).filter((part) => part !== '') : [one]))
      .map((one) => ({ text: plain(one), bare, origin }));
  }

  /** `$…` or backquotes at the cursor. */
  function expansion(inQuotes: boolean): Flow {
    if (text[at] === '`') {
      const end = text.indexOf('`', at + 1);
      const command = end < 0 ? '' : text.slice(at + 1, end);
      at = end < 0 ? at + 1 : end + 1;
      return substitution(command.replaceAll('\\`', '`'));
    }
    if (text.startsWith('$((', at)) {
      const end = text.slice(at, at + 500).indexOf('))');
      at += end < 0 ? 3 : end + 2;
      return { origin: undefined, literal: '0' };
    }
    if (text.startsWith('$(', at)) {
      at += 2;
      return substitution(inner(')'));
    }
    const rest = text.slice(at, at + 200);
    const braced = /^\$\{[!#]?(\w+|[@*#?$!-])([^}]*)\}/.exec(rest);
    const found = braced ?? /^\$(\w+|[@*#?$!-])/.exec(rest);
    if (found === null) {
      at++;
      return { origin: undefined, literal: '$' };
    }
    at += found[0].length;
    const [, name = '', operation = ''] = found;
    // `$1x` is the first parameter and an x.
    if (braced === null && /^\d\w/.test(name)) at -= name.length - 1;
    const literal = variable(name, operation);
    return { origin: reading.origins.get(name), literal: inQuotes || literal !== ' ' ? literal : gap };
  }

  function substitution(command: string): Flow {
    if (command.trim() === '') return { origin: undefined, literal: '' };
    const { origin, literal = '$()' } = readShell(command, reading, depth + 1);
    return { origin, literal };
  }

  function variable(name: string, operation: string): string {
    if (/^(?:\d.*|[@*#?$!-])$/.test(name)) return '';
    if (name === 'IFS') return ' ';
    // `${PATH:0:1}` is how a slash is written where none may be.
    if (/^(?:PATH|HOME|PWD|SHELL)$/.test(name) && operation === ':0:1') return '/';
    const known = reading.variables.get(name);
    if (known !== undefined) return known;
    const otherwise = /^:?[-=]([^$`]*)$/.exec(operation)?.[1];
    return otherwise ?? `$${name}`;
  }

  /** What stands before the bracket that closes; the cursor is then behind it. */
  function inner(closing: string): string {
    const start = at;
    let open = 1;
    for (; at < text.length; at++) {
      const char = text[at];
      if (char === '\\') at++;
      else if (char === "'" || char === '"') {
        const end = text.indexOf(char, at + 1);
        if (end > 0) at = end;
      } else if (char === '(') open++;
      else if (char === closing && --open === 0) break;
    }
    const found = text.slice(start, at);
    at++;
    return found;
  }

  function redirect(operator: string): void {
    at += operator.length;
    while (text[at] === ' ' || text[at] === '\t') at++;
    const [target] = readWord();
    if (target === undefined) return;
    if (operator === '<<<') stage.input = { origin: target.origin, literal: target.text };
    else if (operator === '<<' || operator === '<<-') hereDocument(target.text);
    else if (!/^(?:\d+|-)$/.test(target.text)) stage.redirects.push({ operator: operator.replace('|', ''), target });
  }
  function hereDocument(delimiter: string): void {
    if (++hereDocuments > mostHereDocuments) return;
    const lineEnd = text.indexOf('\n', at);
    const start = Math.max(hereEnd, lineEnd < 0 ? text.length : lineEnd + 1);
    let end = start;
    while (end < text.length) {
      const next = text.indexOf('\n', end);
      const stop = next < 0 ? text.length : next;
      if (text.slice(end, Math.min(stop, end + 500)).trim() === delimiter) {
        stage.input = { origin: undefined, literal: text.slice(start, end) };
        hereEnd = stop;
        return;
      }
      end = stop + 1;
    }
    stage.input = { origin: undefined, literal: text.slice(start) };
    hereEnd = text.length;
  }

  /** After `for`: what the variable will be, one after the other, is taken as all at once. */
  function loop(): void {
    const [name] = nextWords(1);
    const values = nextWords(mostExpanded);
    if (name !== undefined && values[0] === 'in') setVariable(reading, name, values.slice(1).join(' '), undefined);
  }
  function nextWords(most: number): string[] {
    const found: string[] = [];
    while (at < text.length && found.length < most) {
      while (text[at] === ' ' || text[at] === '\t') at++;
      if (at >= text.length || /[;\n|&()<>]/.test(text[at] ?? '')) break;
      for (const { text: word } of readWord()) found.push(word);
    }
    return found;
  }

  /** @returns whether the word at a command's place was one of the language. */
  function keyword({ text: word, bare }: ShellWord): boolean {
    if (!bare || stage.words.length > 0) return false;
    if (groupWords.has(word)) open(word);
    else if (closingWords.has(word)) close();
    else if (word === 'function') defining = nextWords(1)[0];
    else if (word === 'for' || word === 'select') {
      open(word);
      loop();
    } else if (word === 'case') {
      open(word);
      nextWords(2);
    } else if (!passedWords.has(word)) return false;
    if (defining !== undefined) reading.functions.add(defining);
    return true;
  }

  while (at < text.length && reading.left > 0) {
    const char = text[at] ?? '';
    const operator = /[\d&<>]/.test(char) ? redirection.exec(text.slice(at, at + 6)) : null;
    if (char === '\n') {
      endPipeline();
      at = Math.max(at + 1, hereEnd);
    } else if (/\s/.test(char)) at++;
    else if (operator !== null && !/^[<>]\(/.test(text.slice(at, at + 2))) {
      at += operator[0].length - (operator[1] ?? '').length;
      redirect(operator[1] ?? '');
    } else if (char === '|' && text[at + 1] !== '|') {
      pipe();
      at += text[at + 1] === '&' ? 2 : 1;
    } else if (/[;|&]/.test(char)) {
      endPipeline(char === '&' && text[at + 1] !== '&');
      at += /^(?:&&|\|\||;;)/.test(text.slice(at, at + 2)) ? 2 : 1;
    } else if (char === '(') {
      const [name, ...others] = stage.words;
      if (defining !== undefined && /^\(\s*\)/.test(text.slice(at, at + 20))) at = text.indexOf(')', at) + 1;
      else if (name !== undefined && others.length === 0 && /^\(\s*\)/.test(text.slice(at, at + 20))) {
        defining = name.text;
        reading.functions.add(name.text);
        stage = emptyStage();
        at = text.indexOf(')', at) + 1;
      } else {
        if (stage.words.length === 0) open('(');
        at++;
      }
    } else if (char === ')') {
      if (groups.at(-1)?.opener === '(') close();
      // A pattern of `case` ends here, and what is between is none of a command's words.
      else if (groups.at(-1)?.opener === 'case') stage = emptyStage();
      at++;
    } else if (char === '#' && /^$|\s/.test(text[at - 1] ?? '')) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else {
      for (const word of readWord()) {
        if (!keyword(word)) stage.words.push(word);
      }
    }
  }
  endPipeline();
  return joined(sent);
}

function emptyStage(): Stage {
  return { words: [], redirects: [], input: undefined };
}

/** Several commands that write to one place. Text is only known where it is that of one. */
function joined(flows: readonly Flow[]): Flow {
  const [only] = flows;
  if (flows.length === 1 && only !== undefined) return only;
  return { origin: flows.find(({ origin }) => origin !== undefined)?.origin, literal: undefined };
}
