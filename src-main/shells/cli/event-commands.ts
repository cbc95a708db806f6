// Names, flags and help of `gatehouse watch` and `gatehouse events …`. What they do is in watch.ts and events.ts.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { outputFormat } from '../../../src-shared/contract/search.ts';
import { lineFormats } from '../watch/records.ts';
import type { EventsExportFlags, EventsSearchFlags } from './events.ts';
import type { WatchFlags } from './watch.ts';

type Dress = (command: Command) => Command;

export function addWatch(program: Command, withTarget: Dress): void {
  withTarget(program.command('watch'))
    .description('follow log files through rotation and send their lines to the console')
    .argument('<file...>', 'files, or patterns in quotation marks such as "/var/log/nginx/*.log"')
    .addOption(new Option('--format <name>', 'format of the lines').choices(['auto', ...lineFormats]).default('auto'))
    .option('--zone <zone>', 'time zone of lines without one, such as Europe/Berlin')
    .option('--state <file>', 'where the positions are kept; one for each set of files unless said')
    .option('--from-start', 'begin with what is in the files already, not at their ends')
    .action(async (files: string[], flags: WatchFlags) => (await import('./watch.ts')).watch(files, flags));
}

export function addEvents(program: Command, withTarget: Dress): void {
  const events = program.command('events').description('the events of the running console');
  withTarget(events.command('search'))
    .description('search events, newest first')
    .argument('[query...]', 'in the search language: type:login -success:true since:24h')
    .option('--limit <number>', 'at most so many (default 50)', whole)
    .option('--json', 'one JSON object a line')
    .action(async (query: string[], flags: EventsSearchFlags) => (await import('./events.ts')).search(query, flags));
  withTarget(events.command('rejected'))
    .description('events that were refused, with the reasons, newest first')
    .option('--limit <number>', 'at most so many (default 50)', whole)
    .option('--json', 'one JSON object a line')
    .action(async (flags: EventsSearchFlags) => (await import('./events.ts')).rejected(flags));
  withTarget(events.command('export'))
    .description('write all events that a search finds in the format of another tool')
    .argument('[query...]', 'in the search language; all events without one')
    .addOption(new Option('--format <name>').choices([...outputFormat.options, 'ocsf']).default('jsonl'))
    .option('--out <file>', 'where to write them; standard output unless said')
    .option('--force', 'overwrite the file')
    .action(async (query: string[], flags: EventsExportFlags) =>
      (await import('./events.ts')).exportEvents(query, flags),
    );
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}
