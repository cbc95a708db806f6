// Names, flags and help of `gatehouse alerts …`. What they do is in alerts.ts.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { outputFormat } from '../../../src-shared/contract/search.ts';
import type { AlertsExportFlags } from './alerts.ts';
import type { AlertsListFlags } from './alerts-list.ts';
import type { TargetFlags } from './target.ts';

export function addAlerts(
  program: Command,
  withTarget: (command: Command) => Command,
  exit: (code: number) => void,
): void {
  const alerts = program.command('alerts').description('the alerts of the running console');
  withTarget(alerts.command('list'))
    .description('the alerts that a query finds, gravest first, or groups of them: group:detector,user')
    .argument('[query...]', 'as in the queue; open and acknowledged ones without one')
    .option('--query <text>', 'the query in one piece, as it is copied from the queue')
    .option('--limit <number>', 'at most so many lines (default 50)', whole)
    .option('--json', 'one JSON object a line')
    .action(async (query: string[], flags: AlertsListFlags) =>
      (await import('./alerts-list.ts')).listAlerts(query, flags),
    );
  withTarget(alerts.command('suppressed'))
    .description('the alerts that one kept quiet, the newest first')
    .argument('<alert>', 'its id')
    .option('--json', 'one JSON object a line, with the first ten events of each')
    .action(async (alert: string, flags: TargetFlags & { json?: boolean }) =>
      (await import('./suppression.ts')).listSuppressed(alert, flags),
    );
  withTarget(alerts.command('export'))
    .description('write all alerts that a query finds in the format of another tool')
    .argument('[query...]', 'as in the queue: severity:critical,high status:closed user:alice; open ones without one')
    .addOption(new Option('--format <name>').choices([...outputFormat.options, 'ocsf']).default('jsonl'))
    .addOption(
      new Option('--sort <order>', 'by risk, alerts that change meanwhile may be missed or stand twice')
        .choices(['newest', 'risk'])
        .default('newest'),
    )
    .option('--out <file>', 'where to write them; standard output unless said')
    .option('--force', 'overwrite the file')
    .action(async (query: string[], flags: AlertsExportFlags) =>
      (await import('./alerts.ts')).exportAlerts(query, flags),
    );
  withTarget(alerts.command('load'))
    .description('load the NDJSON of gatehouse scan as alerts; what was loaded before adds nothing')
    .argument('<file>', 'the findings, or - for standard input')
    .action(async (file: string, flags: TargetFlags) =>
      exit(await (await import('./alerts.ts')).loadAlerts(file, flags)),
    );
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}
