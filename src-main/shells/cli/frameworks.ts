// `gatehouse audit frameworks`: what bundles can be exported by.
import type { FrameworkListed } from '../../../src-shared/contract/frameworks.ts';
import { createClient } from './client.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type FrameworksFlags = TargetFlags & { readonly json?: boolean };

export async function printFrameworks(name: string | undefined, flags: FrameworksFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const listed = await client.call('frameworks.list', name === undefined ? {} : { framework: name });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(listed)}\n`);
  else if (name === undefined) printAll(listed.frameworks);
  else for (const framework of listed.frameworks) printOne(framework);
}

function printAll(frameworks: readonly FrameworkListed[]): void {
  printTable(
    ['NAME', 'CONTROLS', 'WITH EVIDENCE', 'TITLE'],
    frameworks.map(({ id, title, edition, sections }) => {
      const controls = sections.flatMap((section) => section.controls);
      const withEvidence = controls.filter(({ no_evidence: why }) => why === null);
      return [id, String(controls.length), String(withEvidence.length), `${title} (${edition})`];
    }),
  );
}

function printOne({ sections }: FrameworkListed): void {
  printTable(
    ['REF', 'TITLE', 'EVIDENCE'],
    sections.flatMap((section) => [
      [section.ref, section.title, ''],
      ...section.controls.map(({ ref, title, evidence, no_evidence: why }) => [
        `  ${ref}`,
        title,
        why === null ? evidence.join(', ') : `none: ${why}`,
      ]),
    ]),
  );
}
