import { Token } from 'aws-cdk-lib/core';
import type { z } from 'zod';
import { fieldName } from '../../lambda/common/parse-input.ts';
import { checkInput, InputError } from '../../queries/tools/checked-yaml.ts';
import type { DeclaredPlace } from '../naming/names.ts';
import {
  type EnvironmentConfig,
  environmentFields,
  environmentSchema,
} from './environment-config.ts';
import type { MwaaPrivilegeMonitorProps } from './monitor-props.ts';

/** The settings of a construct: an environment's, without what belongs to its stack. */
const monitorSettings = environmentFields
  .omit({
    ...{ account: true, region: true, airflow: true, terminationProtection: true },
    mwaaEnvironment: true,
  })
  .extend({ environmentName: environmentFields.shape.mwaaEnvironment });

type Settings = z.input<typeof monitorSettings>;
/** Every field given, so that one that only the other side has does not fit. */
type Full<T> = T extends object ? { readonly [Key in keyof T]-?: Full<NonNullable<T[Key]>> } : T;

/**
 * Fails to compile when the documented props and the schema differ in a field or its type; what the
 * schema reads of an approval has no type before it is parsed.
 */
type Documented<
  Props,
  _Written extends Full<Settings>,
  _Read extends Omit<Full<Props>, 'approvedChanges'>,
> = Props;
type Props = Documented<
  MwaaPrivilegeMonitorProps,
  Full<MwaaPrivilegeMonitorProps>,
  Omit<Full<Settings>, 'approvedChanges'>
>;

/** Where a value may be a token, with a text that passes the rules in its place. */
const standIns: Readonly<Record<string, string | undefined>> = {
  logsKmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000',
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/token',
};

/** A list must not name an address twice, so each token in one gets a stand-in of its own. */
const addressPath = /^notify\.((findings\.)?email(\.address)?|alarms\.email)$/;

function standInAt(path: readonly PropertyKey[]): string | undefined {
  const field = path.filter((part) => typeof part === 'string').join('.');
  return addressPath.test(field) ? `token-${path.join('-')}@example.com` : standIns[field];
}

type PlaceOf = (path: readonly PropertyKey[]) => string;

/**
 * Checks the settings of a construct by the rules of an environment's file.
 *
 * @param place the construct's path, for the beginning of an error
 * @param deployed where its stack is deployed, as far as that is known
 * @throws InputError with one line for each error: construct, field, rule and value
 */
export function monitorConfig(
  props: Props,
  place: string,
  deployed: DeclaredPlace,
): EnvironmentConfig {
  const placeOf: PlaceOf = (path) => {
    const named = path.map((part) => (part === 'mwaaEnvironment' ? 'environmentName' : part));
    return `${place}: ${fieldName(named) || 'the props'}`;
  };
  const known = withoutTokens(props, [], placeOf) as Props;
  // An unknown field is compared with the fields of a construct, not of a file.
  checkInput(monitorSettings, known, placeOf);
  const { environmentName, ...settings } = known;
  const written = { ...settings, ...knownPlace(deployed), mwaaEnvironment: environmentName };
  const checked = checkInput(environmentSchema, written, placeOf);
  const { account: _account, region: _region, ...config } = checked;
  const { logsKmsKeyArn, permissionsBoundary, notify } = props;
  return {
    ...config,
    ...(logsKmsKeyArn !== undefined && { logsKmsKeyArn }),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    notify: {
      ...config.notify,
      email: [...(notify?.email ?? [])],
      findings: { email: [...(notify?.findings?.email ?? [])] },
      alarms: { email: [...(notify?.alarms?.email ?? [])] },
    },
  };
}

/** What topics, buses and keys are held against; a Region that only the app knows is left to the app. */
function knownPlace({ account, region }: DeclaredPlace): DeclaredPlace {
  const { shape } = environmentFields;
  return {
    ...(shape.account.safeParse(account).success && { account }),
    ...(shape.region.safeParse(region).success && { region }),
  };
}

/** @throws InputError for a token where the value decides what is synthesized */
function withoutTokens(value: unknown, path: readonly PropertyKey[], placeOf: PlaceOf): unknown {
  if (Token.isUnresolved(value)) {
    const standIn = standInAt(path);
    if (standIn !== undefined && typeof value === 'string') return standIn;
    throw new InputError(`${placeOf(path)}: must be known at synthesis, got a token`);
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => withoutTokens(item, [...path, index], placeOf));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutTokens(item, [...path, key], placeOf)]),
  );
}
