// Builds the one-file verifier: page, styles and worker in a single HTML file. Part of the renderer's build; runs in Node, not in a page.

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { build, type Plugin, type Rollup } from 'vite';

/**
 * Writes the file to `path` when the renderer's own build has been written.
 * @param folder this one: inside the configuration of the build, this module's own place is not known.
 */
export function oneFileVerifier(path: string, folder: string): Plugin {
  return {
    name: 'one-file-verifier',
    apply: 'build',
    async closeBundle() {
      const { script, style } = await buildParts(folder);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, page(script, style));
    },
  };
}

async function buildParts(folder: string): Promise<{ script: string; style: string }> {
  const built = await build({
    configFile: false,
    root: resolve(folder, '..'),
    // Warnings about directives inside of dependencies are those of the renderer's own build, said there.
    logLevel: 'error',
    plugins: [workerInPage(folder)],
    // Whatever this process runs as, tests among it, the file is the one that is delivered.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    worker: { format: 'iife' },
    build: {
      write: false,
      minify: true,
      cssCodeSplit: false,
      assetsInlineLimit: Number.POSITIVE_INFINITY,
      modulePreload: false,
      rollupOptions: {
        input: resolve(folder, 'main.tsx'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  });
  const files = (built as Rollup.RollupOutput).output;
  const script = files.find((file) => file.type === 'chunk');
  const style = files.find((file) => file.type === 'asset' && file.fileName.endsWith('.css'));
  if (script?.type !== 'chunk' || style?.type !== 'asset' || files.length !== 2) {
    throw new Error(`expected one script and one style, found ${files.map(({ fileName }) => fileName).join(', ')}`);
  }
  return { script: script.code, style: String(style.source) };
}

/** The console's page loads its worker as a file of its own; this one has no file beside it. */
function workerInPage(folder: string): Plugin {
  return {
    name: 'worker-in-page',
    enforce: 'pre',
    resolveId(source, importer) {
      const isStarter = source === './start-worker.ts' && importer?.endsWith('/bundles/verify-state.ts') === true;
      return isStarter ? resolve(folder, 'start-worker.ts') : null;
    },
  };
}

function page(script: string, style: string): string {
  // Inside a script element only this could end it early.
  const code = script.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const css = style.trim();
  // SECURITY: no address may be asked for anything. What runs is this script and the worker it makes from its own text.
  const policy = [
    "default-src 'none'",
    `script-src ${digestOf(code)}`,
    'worker-src blob:',
    `style-src ${digestOf(css)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta id="react-aria-pressable-style">
<title>Gatehouse verifier</title>
<style>${css}</style>
</head>
<body>
<div id="root"></div>
<noscript>This verifier is a program and needs JavaScript. It sends nothing anywhere; read its source if in doubt.</noscript>
<script>${code}</script>
</body>
</html>
`;
}

function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
