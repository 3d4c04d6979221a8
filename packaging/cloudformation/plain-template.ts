import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import {
  App,
  CfnCondition,
  CfnParameter,
  type FileAssetLocation,
  Fn,
  type ISynthesisSession,
  type Stack,
  StackSynthesizer,
  Validations,
} from 'aws-cdk-lib/core';
import cdkJson from '../../cdk.json' with { type: 'json' };
import {
  type EnvironmentConfig,
  environmentSchema,
} from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { runbooksOfCheckout } from '../../infra/naming/checkout.ts';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { projectRoot } from '../bundle.ts';
import { withParameter } from './name-parameter.ts';

/** In EventBridge's rules, names of environments have this room before they would have to be shortened. */
export const nameCharactersMax = 28;

/** Stands for the environment's name until it is a parameter; as long as a name can be. */
const placeholder = 'NameOfTheMonitoredEnvironmen';

/** As long as a stack's name can be: whoever deploys the template chooses it. */
const longestStackName = 'S'.repeat(128);

/** Leaves out everything of `cdk bootstrap`: the function's code is where two parameters say. */
class ParameterSynthesizer extends StackSynthesizer {
  private readonly codeKey: string;

  constructor(codeKey: string) {
    super();
    this.codeKey = codeKey;
  }

  override addFileAsset(): FileAssetLocation {
    const bucket = new CfnParameter(this.boundStack, 'CodeBucket', {
      description: "The bucket, in the stack's Region, with the function's code",
    });
    const key = new CfnParameter(this.boundStack, 'CodeKey', {
      description: "The key of the function's code in the bucket",
      default: this.codeKey,
    });
    return {
      bucketName: bucket.valueAsString,
      objectKey: key.valueAsString,
      httpUrl: '',
      s3ObjectUrl: '',
    };
  }

  override addDockerImageAsset(): never {
    throw new Error('a monitor has no container images');
  }

  override synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
  }
}

/** The settings of a template for any environment: the defaults. */
export function settingsForAny(): EnvironmentConfig {
  const config = environmentSchema.parse({
    mwaaEnvironment: placeholder,
    // The turn of a monitor follows from its name, which is not known.
    ...{ offsetMinutes: 0, delaySeconds: 0 },
  });
  return { ...config, notify: { ...config.notify, email: [Fn.ref('Email')] } };
}

/**
 * A template of one monitor for CloudFormation alone: without the CDK, its bootstrap stack and its assets.
 *
 * @param config the settings of an environment's file, all of them fixed; without them name and e-mail
 *   address are parameters, and the other settings are the defaults
 * @throws InputError for a second witness, which has code of its own
 * @param codeKey names the function's code by its content, so that an update replaces it
 */
export function plainTemplate(config: EnvironmentConfig | undefined, codeKey: string): object {
  if (config?.witness !== undefined) {
    throw new InputError(
      'witness: must be left out for a template without the CDK, whose code is that of the scanner alone; deploy it by the CDK (docs/packages.md)',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'plain-template-'));
  try {
    const app = new App({
      outdir: folder,
      analyticsReporting: false,
      // The code is packed apart from the template.
      context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] },
    });
    const stack = new MonitorStack(app, 'Monitor', {
      config: {
        runbookBaseUrl: runbooksOfCheckout(projectRoot),
        ...(config ?? settingsForAny()),
        ...{ account: undefined, region: undefined },
      },
      detections: loadDetections(),
      stackName: longestStackName,
      synthesizer: new ParameterSynthesizer(codeKey),
      ...(config === undefined && {
        description: 'Watches an MWAA environment for changes of Airflow privileges',
      }),
    });
    if (config === undefined) addParameters(stack);
    app.synth();
    const template = JSON.parse(readFileSync(join(folder, stack.templateFile), 'utf8'));
    return config === undefined
      ? withParameter(template, placeholder, 'MwaaEnvironment')
      : template;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function addParameters(stack: Stack): void {
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::W2001',
    reason: 'The name of the environment becomes a parameter after the synthesis.',
  });
  new CfnParameter(stack, 'MwaaEnvironment', {
    description: 'The name of the MWAA environment',
    allowedPattern: '[a-zA-Z][0-9a-zA-Z_-]*',
    maxLength: nameCharactersMax,
    constraintDescription: `It begins with a letter and has at most ${nameCharactersMax} letters, digits, "-" and "_"; make a template of its own for a longer name.`,
  });
  const email = new CfnParameter(stack, 'Email', {
    description: 'The address that gets every alarm and finding; empty for nobody',
    default: '',
  });
  const isGiven = new CfnCondition(stack, 'HasEmail', {
    expression: Fn.conditionNot(Fn.conditionEquals(email.valueAsString, '')),
  });
  for (const node of stack.node.findAll()) {
    if (node instanceof CfnSubscription) node.cfnOptions.condition = isGiven;
  }
}
