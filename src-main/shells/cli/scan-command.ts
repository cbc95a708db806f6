// The flags of `gatehouse scan`. What it does is in shells/scan.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatNames } from '../../../src-shared/log-formats.ts';
import type { Level } from '../../engine/rules/rule.ts';
import type { ScanFlags } from '../scan/scan.ts';
import { CommandFailure } from './failure.ts';

const levels: Readonly<Record<string, Level>> = {
  informational: 'info',
  info: 'info',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

export function addScan(
  program: Command,
  exit: (code: number) => void,
  columnList: (text: string) => Record<string, string>,
  withTarget: (command: Command) => Command,
): void {
  withTarget(program.command('scan'))
    .description(
      'run Sigma rules over log files, offline; exit 1 with --fail-level when something was found, 2 on failure',
    )
    .argument('<path...>', 'log files and folders; - is standard input')
    .option('--rules <path>', 'folder, .zip or .tar.gz of rules (default: the built-in ones)')
    .option('--mapping <file>', 'log-source mapping that comes before the standard one')
    .option(
      '--var <name=value>',
      'value of %name% in rules that say expand; may be given again, for each value',
      variable,
    )
    .option('--min-level <level>', 'leave out matches below it', level, 'info' as Level)
    .option('--since <time>', 'leave out events before it: RFC 3339, a date, or 7d, 12h')
    .option('--tag <tag>', 'only rules with this tag, such as attack.t1110; may be given again', gather, [])
    .option('--fail-level <level>', 'exit 1 when something of this level or above was found', level)
    .addOption(
      new Option('--output <form>', 'form of the result')
        .choices(['table', 'ndjson', 'csv', 'ocsf', 'ocsf-1.1.0', 'sarif', 'html'])
        .default('table'),
    )
    .addOption(new Option('--format <name>', 'format of the files').choices(['auto', ...formatNames]).default('auto'))
    .option('--zone <zone>', 'time zone of lines without one, such as Europe/Berlin')
    .option('--columns <list>', 'of CSV files: field=column pairs, such as time=Date,actor=User', columnList)
    .option('--jobs <number>', 'threads (default: one for each 32 MiB, at most one a core)', jobs)
    .option('--out <file>', 'write the result there instead of standard output')
    .option('--force', 'overwrite the file')
    .option('--load', 'load what is found into a console as alerts; what it has already adds nothing')
    .action(async (paths: string[], flags: Omit<ScanFlags, 'since'> & { since?: string }) => {
      const { scan, sinceTime } = await import('../scan/scan.ts');
      const sinceMs = flags.since === undefined ? undefined : sinceTime(flags.since, Date.now());
      if (flags.since !== undefined && sinceMs === undefined)
        throw new CommandFailure(`--since ${flags.since} is not a time`, {
          hint: 'write one such as 2026-11-21T08:00:00Z, 2026-11-21, 7d or 12h',
          exitCode: 2,
        });
      const { since: _text, ...rest } = flags;
      exit(await scan(paths, sinceMs === undefined ? rest : { ...rest, since: sinceMs }));
    });
}

function level(text: string): Level {
  const found = Object.hasOwn(levels, text.toLowerCase()) ? levels[text.toLowerCase()] : undefined;
  if (found === undefined) throw new InvalidArgumentError('expected informational, low, medium, high or critical');
  return found;
}

type Variables = Readonly<Record<string, readonly string[]>>;

function variable(text: string, before: Variables = {}): Variables {
  const [, name, value] = /^([^%\\\s=]{1,100})=(.{1,1000})$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('expected name=value, such as Servers=srv*');
  const known = Object.hasOwn(before, name) ? before[name] : undefined;
  return { ...before, [name]: [...(known ?? []), value] };
}

function jobs(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('expected a number from 1 to 99');
  return Number(text);
}

function gather(value: string, before: string[]): string[] {
  return [...before, value];
}
