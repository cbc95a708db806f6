// `gatehouse store accept-older`: a human goes on with a store that contradicts what stands beside it. Runs while the console is stopped.
import { join } from 'node:path';
import { homeFolder } from '../../adapters/files/profile.ts';
import { OlderStore } from '../../core/ports.ts';
import { compose } from '../compose.ts';
import { projectFolder, version } from '../project.ts';
import { createPrompt } from '../prompt.ts';
import { refusalOf } from '../refusals.ts';
import { CommandFailure } from './failure.ts';

export async function acceptOlder({ yes }: { readonly yes?: boolean }): Promise<void> {
  let reasons: readonly string[] = [];
  try {
    const composed = await compose({
      home: homeFolder(process.env),
      folderFixed: true,
      environment: process.env,
      // It is up for a moment only, and for nobody.
      flags: new Map<string, unknown>([
        ['api.port', 0],
        ['api.addresses', ['127.0.0.1']],
      ]),
      rulesFolder: join(projectFolder, 'resources/rules'),
      staticRoot: join(projectFolder, 'out/renderer'),
      version,
      tell: (line) => process.stderr.write(`gatehouse: ${line}\n`),
      ...(process.stdin.isTTY ? { askPassphrase } : {}),
      acceptOlderStore(found) {
        reasons = found;
        return yes === true;
      },
    });
    await composed.stop();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    const hint =
      error instanceof OlderStore
        ? 'nothing was changed; what the store no longer holds is lost with this decision. To take it, add --yes'
        : refusal.hint;
    throw new CommandFailure(refusal.message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
  if (reasons.length === 0) throw new CommandFailure('nothing stands against this store; there is nothing to accept');
  process.stderr.write(
    `accepted: ${reasons.join('; ')}\nwhat was noted beside the store is set aside in the data folder; the decision stands in the audit log\n`,
  );
}

async function askPassphrase(): Promise<string> {
  await using prompt = createPrompt();
  return prompt.askSecret('Passphrase of this console: ');
}
