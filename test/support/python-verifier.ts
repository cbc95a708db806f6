// The Python verifier of the format description, over many files in one process: starting it for each would take most of the time.
// Signatures that Node found good or bad are not given to openssl once more; all others are.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Primitives } from '../../src-shared/evidence/primitives.ts';
import { projectRoot } from './node.ts';

export const havePython = ['python3', 'openssl'].every((program) => spawnSync(program, ['--help']).error === undefined);
if (!havePython) {
  const missing = 'python3 or openssl not found: what the documentation prints in Python does not run';
  if (process.env.GATEHOUSE_TEST_SERVICES === 'required') throw new Error(missing);
  console.warn(missing);
}

export function pythonScript(): string {
  const page = readFileSync(join(projectRoot, 'docs/bundle-format.md'), 'utf8');
  const script = /```python\n(.*?)```/s.exec(page)?.[1];
  if (script === undefined) throw new Error('the format description holds no Python verifier');
  return script;
}

const driver = `
import contextlib, io, json, sys
import argparse
import verify
work = json.load(open(sys.argv[1]))
judged = {(bytes.fromhex(k), bytes.fromhex(m), bytes.fromhex(s)): ok for k, m, s, ok in work["signatures"]}
openssl = verify.verify_ed25519
def known(key, message, signature):
    found = judged.get((key, verify.sha(message), signature))
    return openssl(key, message, signature) if found is None else found
verify.verify_ed25519 = known
answers = []
for number, key in enumerate(work["keys"]):
    out, code = io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            sys.argv = ["verify.py", f"{work['folder']}/{number}"] + [key]
            verify.start()
        except SystemExit as error:
            code = error.code if type(error.code) is int else 1
            if type(error.code) is str: print(error.code)
    answers.append([code, out.getvalue().split("\\n")[0]])
json.dump(answers, open(work["answers"], "w"))
`;

export type PythonAnswer = { readonly code: number; readonly first: string };
export type JudgedSignature = readonly [key: string, message: string, signature: string, isGood: boolean];

/** The primitives, and every signature that they judged, each once. */
export function remembering(primitives: Primitives): { primitives: Primitives; judged: Map<string, JudgedSignature> } {
  const judged = new Map<string, JudgedSignature>();
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    judged,
    primitives: {
      ...primitives,
      verifyEd25519(key, message, signature) {
        const parts = [hex(key), hex(primitives.sha256(message)), hex(signature)] as const;
        const name = parts.join();
        const known = judged.get(name);
        if (known !== undefined) return known[3];
        const isGood = primitives.verifyEd25519(key, message, signature);
        judged.set(name, [...parts, isGood]);
        return isGood;
      },
    },
  };
}

/** What the script says of each file with the key that stands beside it. */
export function inPython(
  folder: string,
  files: readonly { readonly bytes: Uint8Array; readonly key: string }[],
  signatures: Iterable<JudgedSignature>,
): PythonAnswer[] {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'verify.py'), pythonScript());
  writeFileSync(join(folder, 'driver.py'), driver);
  for (const [index, { bytes }] of files.entries()) writeFileSync(join(folder, String(index)), bytes);
  const answers = join(folder, 'answers.json');
  const work = { folder, answers, keys: files.map(({ key }) => key), signatures: [...signatures] };
  writeFileSync(join(folder, 'work.json'), JSON.stringify(work));
  const { status, stderr } = spawnSync('python3', [join(folder, 'driver.py'), join(folder, 'work.json')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the Python verifier failed: ${stderr}`);
  const said = JSON.parse(readFileSync(answers, 'utf8')) as [number, string][];
  return said.map(([code, first]) => ({ code, first }));
}
