// The preload of the sandboxed window: gives the page `window.gatehouse` and nothing else. Built as one CommonJS file.

import { contextBridge, ipcRenderer } from 'electron';
import { createBridge } from './bridge.ts';

contextBridge.exposeInMainWorld('gatehouse', createBridge(ipcRenderer, process.platform));
