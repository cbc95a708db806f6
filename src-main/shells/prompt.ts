// Asking at the terminal. What is secret is not echoed; without a terminal, answers are read from standard input, a line each.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailure } from './cli/failure.ts';

export type Prompt = AsyncDisposable & {
  ask(question: string): Promise<string>;
  /** Like `ask`, but the answer does not appear on the screen. */
  askSecret(question: string): Promise<string>;
};

export function createPrompt(): Prompt {
  const terminal = process.stdin.isTTY === true;
  // SECURITY: readline echoes what is typed by itself; only what it writes to can keep a secret off the screen.
  let silent = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!silent) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal, historySize: 0 });
  const waiting = terminal ? undefined : lines[Symbol.asyncIterator]();

  async function next(question: string, secret: boolean): Promise<string> {
    if (waiting !== undefined) {
      const line = await waiting.next();
      if (line.done === true) throw new CommandFailure(`no answer to "${question.trim()}" on standard input`);
      return line.value;
    }
    return secret ? askSilently(question) : lines.question(question);
  }

  async function askSilently(question: string): Promise<string> {
    process.stderr.write(question);
    silent = true;
    try {
      return await lines.question('');
    } finally {
      silent = false;
      process.stderr.write('\n');
    }
  }

  return {
    ask: (question) => next(question, false),
    askSecret: (question) => next(question, true),
    async [Symbol.asyncDispose]() {
      lines.close();
    },
  };
}
