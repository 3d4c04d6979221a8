import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError, parseInput } from './common/parse-input.ts';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from './plan/runtime-config.ts';
import { type ScanPlan, scanPlanFileName, scanPlanSchema } from './plan/scan-plan.ts';
import {
  type WitnessConfig,
  witnessConfigSchema,
  witnessConfigVariable,
} from './witness/witness-config.ts';

/**
 * Everything that the monitor reads from its environment variables and files; no other file does.
 */
export interface RuntimeEnvironment {
  readonly config: RuntimeConfig;
  readonly plan: ScanPlan;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  readonly mwaaEndpoint: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment variables and the scan plan beside the bundle.
 *
 * The credentials are those that Lambda puts into the environment of a container; they outlive the
 * container.
 *
 * @throws InvalidInputError naming the variable or file, the field, the rule and the value
 */
export async function readRuntimeEnvironment(variables: Variables): Promise<RuntimeEnvironment> {
  const region = required(variables, 'AWS_REGION');
  return {
    config: readConfig(variables),
    plan: await readPlan(join(required(variables, 'LAMBDA_TASK_ROOT'), scanPlanFileName)),
    region,
    credentials: credentialsOf(variables),
    mwaaEndpoint: mwaaEndpoint(variables, region, 'api'),
  };
}

/** What the function of the second witness reads. */
export interface WitnessEnvironment
  extends Pick<RuntimeEnvironment, 'region' | 'credentials' | 'mwaaEndpoint'> {
  readonly config: WitnessConfig;
}

/**
 * Reads and checks the environment variables of the second witness.
 *
 * @throws InvalidInputError naming the variable, the field, the rule and the value
 */
export function readWitnessEnvironment(variables: Variables): WitnessEnvironment {
  const region = required(variables, 'AWS_REGION');
  const place = `environment variable ${witnessConfigVariable}`;
  const json = parseJson(required(variables, witnessConfigVariable), place);
  return {
    config: parseInput(witnessConfigSchema, json, place),
    region,
    credentials: credentialsOf(variables),
    mwaaEndpoint: mwaaEndpoint(variables, region, 'env'),
  };
}

function credentialsOf(variables: Variables): RuntimeEnvironment['credentials'] {
  return {
    accessKeyId: required(variables, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(variables, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: variables.AWS_SESSION_TOKEN,
  };
}

/** Checked here and not by the schema: while the stack is synthesized, topic and bus have no ARN yet. */
const topicArn = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/;

const busArn = /^arn:[\w-]+:events:[\w-]+:\d{12}:event-bus\/[\w.-]+$/;

function readConfig(variables: Variables): RuntimeConfig {
  const place = `environment variable ${runtimeConfigVariable}`;
  const json = parseJson(required(variables, runtimeConfigVariable), place);
  const config = parseInput(runtimeConfigSchema, json, place);
  const { findingsTopicArn } = config;
  if (!topicArn.test(findingsTopicArn)) {
    throw new InvalidInputError(
      `${place}: field "findingsTopicArn": must be the ARN of an SNS topic, got "${findingsTopicArn}"`,
    );
  }
  const { eventBusArn, chatTopicArn } = config;
  if (chatTopicArn !== undefined && !topicArn.test(chatTopicArn)) {
    throw new InvalidInputError(
      `${place}: field "chatTopicArn": must be the ARN of an SNS topic, got "${chatTopicArn}"`,
    );
  }
  if (eventBusArn !== undefined && !busArn.test(eventBusArn)) {
    throw new InvalidInputError(
      `${place}: field "eventBusArn": must be the ARN of an event bus, got "${eventBusArn}"`,
    );
  }
  return config;
}

/**
 * Where MWAA's API is. Its operations on environments are under the host prefix `api.`, those that reach
 * into one under `env.`. None is added to a configured endpoint: a stand-in has no such host.
 */
function mwaaEndpoint(variables: Variables, region: string, prefix: 'api' | 'env'): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  for (const name of ['AWS_ENDPOINT_URL_MWAA', 'AWS_ENDPOINT_URL']) {
    const configured = variables[name];
    if (configured && !URL.canParse(configured)) {
      throw new InvalidInputError(
        `environment variable ${name}: must be a URL, got "${configured}"`,
      );
    }
    if (configured) {
      return configured;
    }
  }
  return `https://${prefix}.airflow.${region}.${domain}`;
}

async function readPlan(path: string): Promise<ScanPlan> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new InvalidInputError(`scan plan ${path}: cannot be read`, { cause });
  }
  return parseInput(scanPlanSchema, parseJson(text, `scan plan ${path}`), `scan plan ${path}`);
}

function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (value === undefined || value === '') {
    throw new InvalidInputError(`environment variable ${name}: must be set`);
  }
  return value;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${place}: is not JSON`, { cause });
  }
}
