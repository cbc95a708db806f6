// `gatehouse subjects …` and `gatehouse retention …`: names, flags and help.
import type { Command } from 'commander';
import type { TargetFlags } from './target.ts';

type WithTarget = (command: Command) => Command;

export function addPrivacy(program: Command, withTarget: WithTarget): void {
  addSubjects(program, withTarget);
  addRetention(program, withTarget);
}

function addSubjects(program: Command, withTarget: WithTarget): void {
  const subjects = program
    .command('subjects')
    .description('data subjects; their id is asked for, never on the command line');
  const about = (name: string, description: string): Command =>
    withTarget(subjects.command(name))
      .description(description)
      .requiredOption('--reason <text>', 'why; stands in the audit log')
      .option('--json', 'print the answer as JSON');
  about('access', 'which audit entries are about a person').action(
    async (flags: Parameters<typeof import('./subjects.ts').access>[0]) =>
      (await import('./subjects.ts')).access(flags),
  );
  about('erase', 'destroy the key of everything that is kept about a person, for good')
    .option('--yes', 'the decision is taken')
    .action(async (flags: Parameters<typeof import('./subjects.ts').erase>[0]) =>
      (await import('./subjects.ts')).erase(flags),
    );
}

function addRetention(program: Command, withTarget: WithTarget): void {
  const retention = program.command('retention').description('how long audit entries are kept');
  withTarget(retention.command('status'))
    .description('categories and days, what a run would delete now, legal holds')
    .option('--json', 'print it as JSON')
    .action(async (flags: TargetFlags & { json?: boolean }) => (await import('./retention.ts')).showRetention(flags));
  withTarget(retention.command('run'))
    .description('delete the content of expired entries now; their leaves stay, so every proof still holds')
    .option('--yes', 'the decision is taken')
    .action(async (flags: TargetFlags & { yes?: boolean }) => (await import('./retention.ts')).runRetention(flags));
  withTarget(retention.command('hold'))
    .description('place a legal hold: nothing that it covers is deleted; prints its id')
    .argument('<label>')
    .option('--since <time>', 'entries since then (RFC 3339)')
    .option('--until <time>', 'entries until then (RFC 3339)')
    .action(async (label: string, flags: TargetFlags & { since?: string; until?: string }) =>
      (await import('./retention.ts')).placeHold(label, flags),
    );
  withTarget(retention.command('release'))
    .description('release a legal hold')
    .argument('<id>')
    .action(async (id: string, flags: TargetFlags) => (await import('./retention.ts')).releaseHold(id, flags));
}
