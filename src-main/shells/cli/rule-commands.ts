// Names, flags and help of `gatehouse rules …`. What they do is in rules.ts, and in rule-check.ts where no console is needed.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { packId } from '../../../src-shared/contract/rule-packs.ts';
import { chosenState, longestSuppressionMinutes } from '../../../src-shared/contract/rules.ts';
import type { ExceptFlags, ExtendFlags } from './exceptions.ts';
import type { DryRunFlags, WhatIfFlags } from './look-back.ts';
import type { SetMappingFlags } from './mapping.ts';
import type { CheckFlags } from './rule-check.ts';
import type { AddFlags, ExportFlags, ImportFlags, ListFlags } from './rules.ts';
import type { SuppressFlags } from './suppression.ts';
import type { TargetFlags } from './target.ts';

type Dress = (command: Command) => Command;

export function addRules(program: Command, withTarget: Dress, exit: (code: number) => void): void {
  const rules = program.command('rules').description('detection rules and rule packs');
  rules
    .command('check')
    .description('compile rules without a console; exit 1 when one is refused')
    .argument('<path...>', 'files, folders, zip or .tar.gz')
    .option('--json', 'one JSON object a problem')
    .action(async (paths: string[], flags: CheckFlags) =>
      exit((await import('./rule-check.ts')).checkRules(paths, flags)),
    );
  rules
    .command('test')
    .description('run the cases that stand in rules, without a console; exit 1 when one fails')
    .argument('<path...>', 'files, folders, zip or .tar.gz')
    .option('--json', 'one JSON object a case')
    .action(async (paths: string[], flags: CheckFlags) =>
      exit((await import('./rule-check.ts')).testRules(paths, flags)),
    );
  const mapping = rules
    .command('mapping')
    .description("the workspace's own mapping of log sources, which comes before the standard one");
  withTarget(mapping.command('show'))
    .description('print it')
    .action(async (flags: TargetFlags) => (await import('./mapping.ts')).showMapping(flags));
  mapping
    .command('check')
    .description('what a mapping says, without a console; exit 1 when it cannot be used')
    .argument('<file>')
    .action(async (file: string) => exit((await import('./mapping.ts')).checkMappingFile(file)));
  withTarget(mapping.command('set'))
    .description('set it from a file; all rules are compiled with it')
    .argument('<file>')
    .option('--note <text>', 'why; stands in the audit log')
    .action(async (file: string, flags: SetMappingFlags) => (await import('./mapping.ts')).setMapping(file, flags));
  withTarget(mapping.command('remove'))
    .description('go back to the standard log sources alone')
    .action(async (flags: TargetFlags) => (await import('./mapping.ts')).removeMapping(flags));
  withTarget(rules.command('list'))
    .description('detectors of the running console with their states')
    .option('--pack <pack>', 'of this pack only')
    .addOption(
      new Option('--state <state>', 'in this state only').choices([...chosenState.options, 'refused', 'switched_off']),
    )
    .option('--packs', 'the packs instead')
    .option('--json', 'one JSON object a line')
    .action(async (flags: ListFlags) => (await import('./rules.ts')).listRules(flags));
  withTarget(rules.command('add'))
    .description('add rules of your own; a file that is there already gets a new version')
    .argument('<file...>')
    .addOption(new Option('--state <state>', 'what they start as').choices(chosenState.options))
    .option('--note <text>', 'why; stands beside the version')
    .action(async (files: string[], flags: AddFlags) => (await import('./rules.ts')).addFiles(files, flags));
  withTarget(rules.command('remove'))
    .description('delete a rule of your own, or an imported pack')
    .argument('<rule>', 'id of the rule or detector, or name of the pack')
    .action(async (rule: string, flags: TargetFlags) => (await import('./rules.ts')).removeRule(rule, flags));
  for (const [name, state, what] of [
    ['enable', 'on', 'switch a rule or a whole pack on'],
    ['simulate', 'simulated', 'let a rule or a whole pack count what it would raise, and raise nothing'],
    ['disable', 'off', 'switch a rule or a whole pack off'],
  ] as const) {
    withTarget(rules.command(name))
      .description(what)
      .argument('<rule>', 'id of the rule or detector, or name of the pack')
      .action(async (rule: string, flags: TargetFlags) => (await import('./rules.ts')).setState(rule, state, flags));
  }
  for (const name of ['import', 'diff'] as const) {
    withTarget(rules.command(name))
      .description(
        name === 'import'
          ? 'import a pack, or the next version of one; rules that are refused are named'
          : 'what importing it would change, without changing anything; exit 1 when it would change something',
      )
      .argument('<path>', 'folder, zip, .tar.gz or signed pack (.ghpack)')
      .option('--pack <name>', 'name of the pack (default: from the path)', pack)
      .option('--title <text>', 'what people call it')
      .option('--version <text>', 'which version it is, such as the revision of the checkout')
      .option('--signer <key>', 'verifier key that it must be signed by')
      .addOption(new Option('--state <state>', 'what a new pack starts as (default on)').choices(chosenState.options))
      .option('--json', 'print the outcome as JSON')
      .action(async (path: string, flags: ImportFlags) =>
        exit(await (await import('./rules.ts')).importPack(path, flags, name === 'import')),
      );
  }
  withTarget(rules.command('export'))
    .description("write a pack as one file, signed by the console's key")
    .argument('[pack]', 'name of the pack', 'own')
    .requiredOption('--out <file>', 'where to write it, for example shop.ghpack')
    .option('--force', 'overwrite the file')
    .action(async (name: string, flags: ExportFlags) => (await import('./rules.ts')).exportPack(name, flags));
  withPeriod(withTarget(rules.command('dry-run')))
    .description('run a rule file over the stored events and say what it would raise; changes nothing')
    .argument('<file>', 'a rule file')
    .option('--rule <rule>', 'id of the rule that it would replace')
    .action(async (file: string, flags: DryRunFlags) => (await import('./look-back.ts')).dryRun(file, flags));
  withPeriod(withTarget(rules.command('what-if')))
    .description(
      'what a changed rule, limit or new exception would have made of the stored events and alerts; exit 1 when it would have hidden a true positive',
    )
    .argument('<rule>', 'id of the rule or detector; all with an exception for all rules')
    .option('--file <file>', 'the text that it would have')
    .option('--set <name=value>', 'a parameter that it would have; may be given again', pair)
    .option('--except <field=value>', 'a condition of an exception; all that are given must hold', pair)
    .action(async (rule: string, flags: WhatIfFlags) =>
      exit(await (await import('./look-back.ts')).whatIf(rule, flags)),
    );
  withTarget(rules.command('exceptions'))
    .description('what rules do not alert on, why, and until when; those that end first, first')
    .option('--json', 'one JSON object a line')
    .action(async (flags: TargetFlags & { json?: boolean }) => (await import('./exceptions.ts')).listExceptions(flags));
  withTarget(rules.command('except'))
    .description('keep events off a rule, or off all of them, for a reason and a time')
    .argument('<rule>', 'id of the rule or detector, or all')
    .requiredOption('--if <field=value>', 'such as ip_address|cidr=10.0.0.0/8; all that are given must hold', pair)
    .option('--reason <text>', 'why')
    .option('--days <count>', 'until it ends, at most 365', days, 30)
    .option('--never', 'it never ends; needs the permission exceptions.permanent')
    .option(
      '--preview',
      'make nothing; say which alerts of the last 30 days it would have hidden, exit 1 for a true one',
    )
    .option('--json', 'print the exception, or the preview, as JSON')
    .action(async (rule: string, flags: ExceptFlags) =>
      exit(await (await import('./exceptions.ts')).except(rule, flags)),
    );
  withTarget(rules.command('extend'))
    .description('give an exception another end')
    .argument('<exception>', 'its id')
    .option('--days <count>', 'from now, at most 365', days, 30)
    .option('--never', 'it never ends; needs the permission exceptions.permanent')
    .option('--reason <text>', 'why it is still needed')
    .action(async (id: string, flags: ExtendFlags) => (await import('./exceptions.ts')).extend(id, flags));
  withTarget(rules.command('transfer'))
    .description('give an exception to another owner, who is asked whether it is still needed')
    .argument('<exception>', 'its id')
    .argument('<owner>', 'who answers for it from now on')
    .action(async (id: string, owner: string, flags: TargetFlags) =>
      (await import('./exceptions.ts')).transfer(id, owner, flags),
    );
  withTarget(rules.command('end'))
    .description('end an exception')
    .argument('<exception>', 'its id')
    .action(async (id: string, flags: TargetFlags) => (await import('./exceptions.ts')).end(id, flags));
  withTarget(rules.command('suppress'))
    .description(
      'after an alert, keep others with the same values quiet for a while; without --by and --off, say how it is',
    )
    .argument('<rule>', 'id of the rule or detector')
    .option('--by <field>', 'a field that makes the group, such as ip_address; up to three', many)
    .option('--for <span>', 'such as 30m, 4h or 7d, from the first alert on', span, 60)
    .addOption(
      new Option('--missing <how>', 'an alert without one of the fields: a group of its own, or always raised')
        .choices(['null', 'raise'])
        .default('raise'),
    )
    .option('--off', 'raise every alert again')
    .option('--preview', 'change nothing; say how many alerts would have been left, exit 1 when a true one would not')
    .option('--json', 'print the suppression, or the preview, as JSON')
    .action(async (rule: string, flags: SuppressFlags) =>
      exit(await (await import('./suppression.ts')).suppress(rule, flags)),
    );
  withTarget(rules.command('coverage'))
    .description('ATT&CK coverage as a layer for the Navigator')
    .requiredOption('--out <file>', 'where to write it, for example layer.json; - for standard output')
    .option('--force', 'overwrite the file')
    .action(async (flags: ExportFlags) => (await import('./rules.ts')).writeCoverage(flags));
  withTarget(rules.command('replay'))
    .description(
      'compute an alert anew from its events, with the version of the rule that raised it; exit 1 when it differs',
    )
    .argument('<alert>', 'id of the alert')
    .option('--json', 'print the outcome as JSON')
    .action(async (alert: string, flags: TargetFlags & { json?: boolean }) =>
      exit(await (await import('./rules.ts')).replay(alert, flags)),
    );
}

function withPeriod(command: Command): Command {
  return command
    .option('--since <time>', 'such as 24h, 30d (default), or an instant')
    .option('--until <time>', 'likewise (default now)')
    .option('--most-events <count>', 'look at the newest so many (default 200000)', count)
    .option('--json', 'print the answer as JSON');
}

function count(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('expected a number from 1 on');
  return Number(text);
}

function days(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 365)
    throw new InvalidArgumentError('expected days from 1 to 365');
  return Number(text);
}

const minutesOf: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };

function span(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const minutes = Number(number) * (minutesOf[unit] ?? 0);
  if (minutes < 1 || minutes > longestSuppressionMinutes)
    throw new InvalidArgumentError('expected a span from 1m to 7d, such as 30m or 4h');
  return minutes;
}

function many(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function pair(text: string, before: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected NAME=VALUE');
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) };
}

function pack(text: string): string {
  if (!packId.safeParse(text).success)
    throw new InvalidArgumentError('expected lower-case letters, digits and dashes, such as sigma-core');
  return text;
}
