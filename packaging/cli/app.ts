/**
 * In the package of the CLI, what `infra/app.ts` is in this project: the stack of one environment's file, for
 * a demo. The CDK's own checks of what is deployed are left out, as nothing is.
 */

import './older-node.ts';
import { App } from 'aws-cdk-lib/core';
import { readEnvironmentFile } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { stackName } from '../../infra/naming/names.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';

// The demo gives folder and context in the environment variables of the CDK CLI.
const app = new App();
const file = String(app.node.tryGetContext('environmentFile'));
const { name, config } = readEnvironmentFile(file, file);
new MonitorStack(app, stackName('MonitorStack', name), { config, detections: loadDetections() });
app.synth();
