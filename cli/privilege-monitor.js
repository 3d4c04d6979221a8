#!/usr/bin/env node
import { runByProjectNode } from '../infra/project-node.js';

await runByProjectNode('privilege-monitor', new URL('main.ts', import.meta.url));
