// `gatehouse run --env NAME=secret:path -- command`: a program with secrets in its environment and nowhere else. Nothing is printed,
// nothing runs unless every secret was had, and what the program ends with is what this ends with.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { secretName } from '../../../src-shared/contract/secrets.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { usage } from './secret-value.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type RunFlags = TargetFlags & { readonly env: readonly string[] };

type Reference = { readonly variable: string; readonly path: string; readonly field: string | undefined };

/** What a program may need to speak to the console itself; all else of ours is secret or none of its business. */
const passedOn: ReadonlySet<string> = new Set(['GATEHOUSE_URL', 'GATEHOUSE_CA']);

/** @returns the program's exit code, or 128 and the number of the signal that ended it. */
export async function runWithSecrets(command: readonly string[], flags: RunFlags): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined) throw usage('there is no command to run', 'write it after --');
  const references = parseReferences(flags.env);
  const child = spawn(program, args, { stdio: 'inherit', env: await environmentFor(references, flags) });
  const stop = forwardSignals(child);
  try {
    return await ended(child, program);
  } finally {
    stop();
  }
}

/** SECURITY: a text that is no reference may be a value typed by mistake, so it is never repeated. */
function parseReferences(texts: readonly string[]): Reference[] {
  const references = texts.map((text) => {
    const [, variable, path = '', field] = /^([A-Za-z_]\w*)=secret:([^#]+)(?:#(.+))?$/.exec(text) ?? [];
    if (variable === undefined || !secretName.safeParse(path).success)
      throw usage('--env takes NAME=secret:path or NAME=secret:path#field, never a value');
    return { variable, path, field };
  });
  const names = references.map(({ variable }) => variable);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw usage(`--env names ${twice} twice`);
  return references;
}

/** The values live in this object alone, which goes to the program and is then forgotten. */
async function environmentFor(references: readonly Reference[], flags: RunFlags): Promise<NodeJS.ProcessEnv> {
  using client = createClient(findTarget(flags, process.env));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.toUpperCase().startsWith('GATEHOUSE_') || passedOn.has(name.toUpperCase()),
  );
  const environment: NodeJS.ProcessEnv = Object.fromEntries(inherited);
  // One after another: each is a reading that leaves its trace, and the first that fails ends it.
  for (const reference of references) environment[reference.variable] = await revealed(client, reference);
  return environment;
}

async function revealed(client: Client, { variable, path, field }: Reference): Promise<string> {
  const { value } = await client.call('secrets.reveal', { name: path, ...(field === undefined ? {} : { field }) });
  if (value === null) {
    throw usage(`${path} has several fields`, `name one: ${variable}=secret:${path}#field`);
  }
  if (value.includes('\0')) throw new CommandFailure(`${path} holds a NUL, which no environment variable can`);
  return value;
}

/**
 * From a terminal, ^C and ^\ reach the program by themselves, for it is in the same process group: passed on they would come twice.
 * SIGUSR1 is Node's own.
 */
function forwardSignals(child: ChildProcess): () => void {
  const terminal = process.stdin.isTTY === true;
  const listeners = (['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT', 'SIGQUIT'] as const).map((signal) => {
    const byTerminal = terminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
    const listener = (): void => {
      if (!byTerminal) child.kill(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

function ended(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      // As shells do it: 127 not found, 126 found but not to be run.
      const missing = cause.code === 'ENOENT';
      reject(
        new CommandFailure(missing ? `there is no program ${program}` : `${program} cannot be run: ${cause.code}`, {
          cause,
          exitCode: missing ? 127 : 126,
        }),
      );
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
