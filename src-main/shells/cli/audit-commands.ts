// Names, flags and help of `gatehouse audit …` and `gatehouse verify`. What they do is in audit.ts, audit-verify.ts, audit-log.ts, export.ts and frameworks.ts.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { redaction } from '../../../src-shared/contract/bundles.ts';
import type { ExtractFlags, RenderFlags } from './audit.ts';
import type { AuditStatusFlags } from './audit-log.ts';
import type { VerifyFlags } from './audit-verify.ts';
import type { ExportFlags } from './export.ts';
import type { FrameworksFlags } from './frameworks.ts';
import type { TargetFlags } from './target.ts';

type Dress = (command: Command) => Command;

export function addAudit(program: Command, withTarget: Dress, exit: (code: number) => void): void {
  const audit = program.command('audit').description('signed evidence');
  withTarget(audit.command('export'))
    .description('export a signed bundle of audit entries')
    .requiredOption('--out <file>', 'where to write it, for example march.ghbundle')
    .option('--from <seq>', 'first entry', whole)
    .option('--to <seq>', 'last entry', whole)
    .option('--since <time>', 'entries since then (RFC 3339)')
    .option('--until <time>', 'entries until then (RFC 3339)')
    .option('--event-type <type>', 'only entries of this type')
    .option('--actor <name>', 'only entries of this actor')
    .option('--session <id>', 'only entries of this session')
    .option('--about <type/id>', 'only entries about that, for example alert/0199a3…')
    .option('--incident <id>', 'only entries about this incident: short for --about incident/ID')
    .option('--framework <name>', 'only entries that are evidence for this framework, for example soc2')
    .option('--control <ref>', 'of the framework only this control or section, for example CC6.1')
    .option('--reason <text>', 'why; stands in the bundle')
    .addOption(
      new Option('--redact <what>', 'keep fields back; the bundle still verifies (docs/redaction.md)').choices(
        redaction.options,
      ),
    )
    .option('--attach <file>', 'a file that goes into the bundle, with its SHA-256; may be given again', gather, [])
    .option('--pdf', 'attach the report for people')
    .option('--with-key', "attach the console's public key")
    .option('--with-verifier', 'attach the verifier as one HTML file')
    .option('--force', 'overwrite the file')
    .action(async (flags: ExportFlags) => (await import('./export.ts')).exportBundle(flags));
  withTarget(audit.command('frameworks'))
    .description('frameworks that can be exported by, or the controls of one with what is evidence for each')
    .argument('[name]', 'for example soc2')
    .option('--json', 'print the answer as JSON, with entry types and reasons')
    .action(async (name: string | undefined, flags: FrameworksFlags) =>
      (await import('./frameworks.ts')).printFrameworks(name, flags),
    );
  addVerify(audit, withTarget, exit);
  withTrust(audit.command('render'))
    .description('verify a bundle and write it as a PDF for people; exits as verify does')
    .argument('<file>')
    .requiredOption('--out <file>', 'where to write it, for example march.pdf')
    .option('--strict', 'exit 3 when genuine with limits')
    .option('--no-bundle', 'do not carry the bundle inside the PDF')
    .option('--force', 'overwrite the file')
    .action(async (file: string, flags: RenderFlags) => exit(await (await import('./audit.ts')).render(file, flags)));
  withTrust(audit.command('extract'))
    .description('verify a bundle and take out the files attached to it; exits as verify does')
    .argument('<file>')
    .requiredOption('--out <folder>', 'where to put them; made where it is missing')
    .option('--strict', 'exit 3 when genuine with limits')
    .option('--force', 'overwrite files')
    .action(async (file: string, flags: ExtractFlags) => exit(await (await import('./audit.ts')).extract(file, flags)));
  audit
    .command('verifier')
    .description('save the verifier as one HTML file: opens in any browser, asks for nothing from anywhere')
    .requiredOption('--out <file>', 'where to write it, for example verify.html')
    .option('--force', 'overwrite the file')
    .action(async (flags: { out: string; force?: boolean }) => (await import('./audit.ts')).saveVerifier(flags));
  withTarget(audit.command('status'))
    .description('health of the log, and how far each anchor is; exit 1 when the log or an anchor contradicts')
    .option('--json', 'print the answer as JSON')
    .action(async (flags: AuditStatusFlags) => exit(await (await import('./audit-log.ts')).printAuditStatus(flags)));
  withTarget(audit.command('checkpoint'))
    .description('sign a checkpoint now, send it to all anchors, and print it')
    .option('--json', 'print the answer as JSON')
    .action(async (flags: AuditStatusFlags) => (await import('./audit-log.ts')).signCheckpoint(flags));
  withTarget(audit.command('public-key'))
    .description('print the verifier key of the running console')
    .action(async (flags: TargetFlags) => (await import('./audit.ts')).printPublicKey(flags));
}

/** Under `audit`, and once more at the top: whoever only has a bundle looks for it there. */
export function addVerify(parent: Command, withTarget: Dress, exit: (code: number) => void): void {
  withTarget(withTrust(parent.command('verify')))
    .description(
      'verify a bundle offline, the one in a PDF, or a receipt; exit 0 genuine, 1 not genuine, 2 could not be checked',
    )
    .argument('<file>')
    .option('--pdf <file>', 'a PDF that came with the bundle: is it the one that was signed with these entries?')
    .option('--of <file>', 'with a receipt: the file that it should be about')
    .option('--receipt <file>', 'write down what was checked and what came of it')
    .option('--sign', 'have the running console sign the receipt; without it nobody does, and it says so')
    .option('--force', 'overwrite the receipt')
    .option('--strict', 'exit 3 when genuine with limits')
    .option('--json', 'print the verdict as JSON')
    .action(async (file: string, flags: VerifyFlags) =>
      exit(await (await import('./audit-verify.ts')).verify(file, flags)),
    );
}

function withTrust(command: Command): Command {
  return command
    .option('--key <key>', 'verifier key of the console, or a file that holds it; may be given again', gather, [])
    .option(
      '--checkpoint <file>',
      'a signed checkpoint that you hold from elsewhere, or an earlier bundle; may be given again',
      gather,
      [],
    )
    .option('--witness <key>', "a witness's verifier key, or a file that holds it; may be given again", gather, [])
    .option('--tsa-ca <file>', 'CA of a time-stamp authority, in PEM form; may be given again', gather, []);
}

function gather(value: string, before: string[]): string[] {
  return [...before, value];
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}
