// What `npm start` runs: builds what is needed, opens the desktop window where Electron's runtime is there or can be downloaded, and
// otherwise says so in one line and serves the same console to the local browser.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { verifierFile } from './bundle-machine.ts';
import { bundleAmong } from './electron/bundle-files.ts';
import { projectFolder } from './project.ts';

const downloadPatienceMs = 120_000;
/** A crash this soon is the runtime's, before any window was there. */
const earlyMs = 10_000;
/** What the system's loader exits with. */
const missingLibrary = 127;

if (Number(process.versions.node.split('.', 1)[0]) < 24) {
  process.stderr.write(
    `gatehouse: needs Node 24 or later, this is ${process.versions.node}\nhint: run npm ci, then npm start\n`,
  );
  process.exit(1);
}

process.exitCode = await launch();

async function launch(): Promise<number> {
  if (!isBuilt()) {
    process.stderr.write('gatehouse: building the console (once after each change)\n');
    const built = spawnSync(
      process.execPath,
      [join(projectFolder, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'],
      {
        cwd: projectFolder,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      },
    );
    if (built.status !== 0) {
      process.stderr.write(`${built.stdout}${built.stderr}\ngatehouse: the build failed\n`);
      return 1;
    }
  }
  const runtime = findRuntime() ?? downloadRuntime();
  const outcome = typeof runtime === 'string' ? await openWindow(runtime) : runtime;
  if (typeof outcome === 'number') return outcome;
  const bundle = bundleAmong(process.argv.slice(1), process.cwd());
  if (bundle !== undefined) {
    process.stderr.write(`gatehouse: no desktop window (${outcome.reason}); its verdict here instead\n`);
    const { run } = await import('./cli/main.ts');
    const code = await run(['verify', bundle]);
    process.stderr.write(`gatehouse: to read its entries, open ${verifierFile} in a browser and drop it there\n`);
    return code;
  }
  process.stderr.write(
    `gatehouse: no desktop window (${outcome.reason}); serving the console to your browser instead\n`,
  );
  const { serve } = await import('./server/serve.ts');
  return serve({ port: undefined, json: process.argv.includes('--json') });
}

/** The build is newer than everything it is made from. */
function isBuilt(): boolean {
  const built = [
    'out/renderer/index.html',
    'out/verifier/verify.html',
    'out/main/main.js',
    'out/preload/preload.cjs',
  ].map((path) => changedAt(join(projectFolder, path)));
  const sources = ['src-main', 'src-renderer', 'src-shared', 'electron.vite.config.ts', 'package-lock.json'];
  return Math.min(...built) > Math.max(...sources.map((path) => newestIn(join(projectFolder, path))));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return changedAt(path);
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

/** Electron's executable, if its runtime was downloaded before. */
function findRuntime(): string | undefined {
  const folder = join(projectFolder, 'node_modules/electron');
  const named = join(folder, 'path.txt');
  if (!existsSync(named)) return undefined;
  const executable = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), readFileSync(named, 'utf8'));
  return existsSync(executable) ? executable : undefined;
}

/** Without a display no window can open, so nothing is downloaded; else Electron's own installer is tried. */
function downloadRuntime(): string | { reason: string } {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { reason: 'no display' };
  }
  const installer = join(projectFolder, 'node_modules/electron/install.js');
  if (!existsSync(installer)) return { reason: 'Electron is not installed' };
  process.stderr.write('gatehouse: downloading the Electron runtime\n');
  spawnSync(process.execPath, [installer], { stdio: 'ignore', timeout: downloadPatienceMs });
  return findRuntime() ?? { reason: "Electron's runtime could not be downloaded" };
}

/** @returns its exit code, or why it did not even come up: system libraries are missing, or Chromium's sandbox is not allowed here. */
function openWindow(runtime: string): Promise<number | { reason: string }> {
  // Terminals inside of other Electron programs set it; our window would come up as a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env;
  const startedAt = Date.now();
  const bundle = bundleAmong(process.argv.slice(1), process.cwd());
  const files = bundle === undefined ? [] : [bundle];
  const child = spawn(runtime, [projectFolder, ...files], { stdio: 'inherit', env: environment });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ reason: `Electron could not be started: ${error.message}` }));
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      const crashed = signal !== null && !signals.some((each) => each === signal);
      const early = Date.now() - startedAt < earlyMs;
      if (early && (crashed || code === missingLibrary)) {
        resolve({ reason: `Electron ended at once (${signal ?? `exit ${code}`}); its message is above` });
      } else resolve(code ?? 1);
    });
  });
}
