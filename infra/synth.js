// What cdk.json starts, with whatever Node the CDK CLI itself runs on: `npx cdk` has the project's, but a
// global `cdk` may have an older one.
import { runByProjectNode } from './project-node.js';

await runByProjectNode('the CDK app', new URL('app.ts', import.meta.url));
