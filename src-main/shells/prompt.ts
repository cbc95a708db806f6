// Asking at the terminal. What is secret is not echoed; without a terminal, answers are read from standard input, a line each.
import { createInterface, type Interface } from 'node:readline/promises';
import { CommandFailure } from './cli/failure.ts';

export type Prompt = AsyncDisposable & {
  ask(question: string): Promise<string>;
  /** Like `ask`, but the answer does not appear on the screen. */
  askSecret(question: string): Promise<string>;
};

export function createPrompt(): Prompt {
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal });
  const waiting = terminal ? undefined : lines[Symbol.asyncIterator]();

  async function next(question: string, secret: boolean): Promise<string> {
    if (waiting !== undefined) {
      const line = await waiting.next();
      if (line.done === true) throw new CommandFailure(`no answer to "${question.trim()}" on standard input`);
      return line.value;
    }
    return secret ? askSilently(lines, question) : lines.question(question);
  }

  return {
    ask: (question) => next(question, false),
    askSecret: (question) => next(question, true),
    async [Symbol.asyncDispose]() {
      lines.close();
    },
  };
}

async function askSilently(lines: Interface, question: string): Promise<string> {
  process.stderr.write(question);
  // readline has no switch for this; the method is what its own password examples replace.
  const echo = Reflect.get(lines, '_writeToOutput') as unknown;
  Reflect.set(lines, '_writeToOutput', () => undefined);
  try {
    return await lines.question('');
  } finally {
    Reflect.set(lines, '_writeToOutput', echo);
    process.stderr.write('\n');
  }
}
