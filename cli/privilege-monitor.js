#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { runByProjectNode } from '../infra/project-node.js';

// Compiled code is kept, or half of a short command is compiling its sources. Older Nodes cannot.
nodeModule.enableCompileCache?.(
  fileURLToPath(new URL('../node_modules/.cache/privilege-monitor/compiled', import.meta.url)),
);

await runByProjectNode('privilege-monitor', new URL('main.ts', import.meta.url));
