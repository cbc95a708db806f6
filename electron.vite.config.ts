import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import { oneFileVerifier } from './src-renderer/verifier-file/one-file.ts';

// Three builds: the Electron main process, the sandboxed window's preload (one CommonJS file, or Electron refuses it),
// and the renderer, which the window loads over app:// and the server serves to the browser.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        input: {
          main: resolve(import.meta.dirname, 'src-main/shells/electron/main.ts'),
          'page-rewrite-worker': resolve(import.meta.dirname, 'src-main/adapters/sqlite/page-rewrite-worker.ts'),
          'backup-worker': resolve(import.meta.dirname, 'src-main/shells/backup-worker.ts'),
          'log-check-worker': resolve(import.meta.dirname, 'src-main/shells/log-check-worker.ts'),
          'report-worker': resolve(import.meta.dirname, 'src-main/shells/report-worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: resolve(import.meta.dirname, 'src-main/shells/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [
      oneFileVerifier(
        resolve(import.meta.dirname, 'out/verifier/verify.html'),
        resolve(import.meta.dirname, 'src-renderer/verifier-file'),
      ),
    ],
    build: {
      outDir: 'out/renderer',
      minify: true,
      // The page's policy lets fonts and scripts come from its own origin only, not from data: addresses.
      assetsInlineLimit: 0,
      rollupOptions: { input: resolve(import.meta.dirname, 'src-renderer/index.html') },
    },
  },
});
