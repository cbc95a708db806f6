// `gatehouse emit`: one event, or a line of standard input each, sent to the running console; signed where GATEHOUSE_EVENT_SECRET is set.
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { parseStrictJsonBytes } from '../../../src-shared/evidence/strict-json.ts';
import { utf8 } from '../../base/bytes.ts';
import { isEventSecret, signEvent } from '../../base/event-signature.ts';
import { uuidV7 } from '../../base/ids.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type EmitFlags = TargetFlags & {
  readonly source?: string;
  readonly type?: string;
  readonly actor?: string;
  readonly ip?: string;
  readonly action?: string;
  readonly failed?: boolean;
  readonly detail: readonly string[];
  readonly unsigned?: boolean;
  readonly print?: boolean;
  readonly json?: boolean;
};

type Fields = Record<string, unknown>;

const mostAtOnce = 1_000;
const shown = 20;

/** @param given an event as JSON, `-` for standard input, or nothing where the flags say it all. */
export async function emit(given: string | undefined, flags: EmitFlags): Promise<void> {
  const secret = flags.unsigned === true ? undefined : secretOf(process.env);
  const events = (await eventsOf(given, flags)).map((event) => complete(event, secret));
  secret?.fill(0);
  if (flags.print === true) {
    for (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`);
    return;
  }
  using client = createClient(findTarget(flags, process.env));
  const refused: string[] = [];
  for (let from = 0; from < events.length; from += mostAtOnce) {
    const answer = await client.call('events.ingest', { events: events.slice(from, from + mostAtOnce) });
    if (flags.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
    for (const { status, index, reason } of answer.results) {
      if (status === 'rejected') refused.push(`event ${from + index + 1}: ${reason ?? 'rejected'}`);
    }
  }
  if (refused.length === 0) return;
  const more = refused.length > shown ? `; and ${refused.length - shown} more` : '';
  throw new CommandFailure(
    `${refused.length} of ${events.length} not taken: ${refused.slice(0, shown).join('; ')}${more}`,
  );
}

async function eventsOf(given: string | undefined, flags: EmitFlags): Promise<Fields[]> {
  const own = fieldsOf(flags);
  if (given === undefined && Object.keys(own).length > 0) return [own];
  if (given !== undefined && given !== '-') return [{ ...parse(given, 'the event'), ...own }];
  const written = await text(process.stdin);
  if (written.trim() === '') {
    throw new CommandFailure('there is no event: standard input is empty', {
      hint: 'say what happened, for example: gatehouse emit --source deploy --type config_change --detail host=db1',
      exitCode: 2,
    });
  }
  const whole = tryParse(written);
  if (whole !== undefined) return [{ ...whole, ...own }];
  return written
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => ({ ...parse(line, `line ${number}`), ...own }));
}

/** The members in the order of the contract; id and time are made where they are missing, so that sending again is a duplicate only by choice. */
function complete(event: Fields, secret: Uint8Array | undefined): Fields {
  // A log record with a declared format has its own time, and is known by its content.
  const made = 'format' in event ? {} : { id: uuidV7(Date.now(), randomBytes(10)), time: new Date().toISOString() };
  const whole = { ...made, ...event };
  if (secret === undefined) return whole;
  if ('signature' in whole) {
    throw new CommandFailure('the event has a signature already', {
      hint: 'take it out, or send it as it is with --unsigned',
      exitCode: 2,
    });
  }
  return { ...whole, signature: signEvent(whole, secret) };
}

function fieldsOf({ source, type, actor, ip, action, failed, detail }: EmitFlags): Fields {
  const details = Object.fromEntries(
    detail.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandFailure(`--detail ${pair}: expected name=value`, { exitCode: 2 });
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
  return {
    ...(source === undefined ? {} : { source }),
    ...(type === undefined ? {} : { event_type: type }),
    ...(actor === undefined ? {} : { actor }),
    ...(ip === undefined ? {} : { ip_address: ip }),
    ...(action === undefined ? {} : { action }),
    ...(failed === true ? { success: false } : {}),
    ...(detail.length === 0 ? {} : { details }),
  };
}

function parse(written: string, name: string): Fields {
  try {
    const value = parseStrictJsonBytes(utf8(written), { maximumDepth: 32 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new CommandFailure(`${name} is not JSON: ${cause.message}`, { cause, exitCode: 2 });
  }
  throw new CommandFailure(`${name}: expected a JSON object`, { exitCode: 2 });
}

/** One object over several lines; undefined where it is none, and the lines are looked at by themselves. */
function tryParse(written: string): Fields | undefined {
  try {
    return parse(written, 'the event');
  } catch (error) {
    if (error instanceof CommandFailure) return undefined;
    throw error;
  }
}

function secretOf({ GATEHOUSE_EVENT_SECRET: written }: NodeJS.ProcessEnv): Uint8Array | undefined {
  if (written === undefined || written === '') return undefined;
  if (!isEventSecret(written)) {
    throw new CommandFailure('GATEHOUSE_EVENT_SECRET is not an event secret', {
      hint: 'it begins with ghm_ and is printed below the key by: gatehouse keys create --event-signing required',
      exitCode: 2,
    });
  }
  return utf8(written);
}
