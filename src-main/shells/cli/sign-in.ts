// `gatehouse login` and `logout`: user, password, code; first enrolment of a second factor too, with the QR code drawn in the terminal.
import { renderUnicodeCompact } from 'uqr';
import type { LoginAnswer } from '../../../src-shared/contract/access.ts';
import { createPrompt, type Prompt } from '../prompt.ts';
import { type Client, createClient, type Target } from './client.ts';
import { CommandFailure } from './failure.ts';
import { findTarget, forgetSession, saveSession, type TargetFlags } from './target.ts';

export async function login(flags: TargetFlags & { username?: string }): Promise<void> {
  const target: Target = { ...findTarget(flags, process.env), token: undefined };
  using client = createClient(target);
  await using prompt = createPrompt();
  const username = flags.username ?? (await prompt.ask('User name: '));
  const password = await prompt.askSecret('Password: ');
  const answer = await client.call('auth.login', { username, password });
  const token = await finish(client, prompt, answer);
  const path = saveSession(process.env, { url: target.url, ca: target.ca ?? null, token, username });
  process.stderr.write(`signed in as ${username}; the session is kept in ${path}\n`);
}

async function finish(client: Client, prompt: Prompt, answer: LoginAnswer): Promise<string> {
  if ('user' in answer) return requireToken(answer.token);
  if ('mfa_enrollment_required' in answer) await showEnrolment(client, answer.token);
  const code = await prompt.ask('Code of your authenticator app: ');
  const done = await client.call('auth.mfa_verify', { token: answer.token, code: code.trim() });
  if (!('user' in done)) throw new CommandFailure('the console asked for the second factor twice');
  if (done.recovery_codes !== undefined) showRecoveryCodes(done.recovery_codes);
  return requireToken(done.token);
}

async function showEnrolment(client: Client, token: string): Promise<void> {
  const { uri, secret, issuer } = await client.call('auth.mfa_enable', { token });
  const lines = [
    'This account needs a second factor. Scan this with an authenticator app:',
    '',
    renderUnicodeCompact(uri),
    '',
    `or type this key: ${secret.match(/.{1,4}/g)?.join(' ') ?? secret} (${issuer}, time-based)`,
    '',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

function showRecoveryCodes(codes: readonly string[]): void {
  process.stderr.write(
    `Recovery codes; each works once. Keep them where your phone is not:\n${codes.map((code) => `  ${code}\n`).join('')}`,
  );
}

function requireToken(token: string | undefined): string {
  if (token === undefined) throw new CommandFailure('the console gave no token');
  return token;
}

export async function logout(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  try {
    await client.call('auth.logout', {});
  } finally {
    forgetSession(process.env);
  }
}
