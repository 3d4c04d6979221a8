import { localPlace } from '../aws-endpoints/aws-place.ts';

const pseudoParameters = new Map<string, string>([
  ['AWS::AccountId', localPlace.accountId],
  ['AWS::Region', localPlace.region],
  ['AWS::Partition', localPlace.partition],
  ['AWS::URLSuffix', 'amazonaws.com'],
  ['AWS::StackName', 'local'],
]);

/**
 * The variables of a synthesized function as strings.
 *
 * A resource that is referred to is called by its logical id, since nothing has been deployed.
 *
 * @throws Error for a function of CloudFormation that is not known here
 */
export function resolveIntrinsics(
  variables: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, resolve(value, name)]),
  );
}

function resolve(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[intrinsic, argument] = [undefined, undefined]] = Object.entries(value);
  if (intrinsic === 'Ref') return pseudoParameters.get(String(argument)) ?? String(argument);
  if (intrinsic === 'Fn::GetAtt' && Array.isArray(argument)) return argument.join('.');
  if (intrinsic === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => resolve(part, name)).join(separator);
  }
  throw new Error(
    `the variable ${name} is ${JSON.stringify(value)}, which cannot be resolved here`,
  );
}
