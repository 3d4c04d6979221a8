interface StackOutput {
  readonly OutputKey?: string | undefined;
  readonly OutputValue?: string | undefined;
}

/** How the CDK ends the logical id of what is inside a construct. */
const hash = /[0-9A-F]{8}$/;

/**
 * The outputs of one monitor by their plain names, such as `FindingsTopicArn`.
 *
 * In a stack of its own, a monitor's outputs have these names. In the stack of somebody's app, the
 * construct's path is before and a hash behind each: the one with the monitor's test alarm, whose name is
 * fixed, shows the path.
 *
 * @param isTestAlarm whether a value is the name of the monitor's test alarm
 */
export function monitorOutputs(
  outputs: readonly StackOutput[],
  isTestAlarm: (value: string) => boolean,
): ReadonlyMap<string, string | undefined> {
  const [path] = outputs.flatMap(({ OutputKey = '', OutputValue = '' }) =>
    isTestAlarm(OutputValue)
      ? (/^(.*)TestAlarmName[0-9A-F]{8}$/.exec(OutputKey)?.slice(1) ?? [])
      : [],
  );
  return new Map(
    outputs.flatMap(({ OutputKey = '', OutputValue }) => {
      if (path === undefined) return [[OutputKey, OutputValue]];
      if (!OutputKey.startsWith(path)) return [];
      return [[OutputKey.slice(path.length).replace(hash, ''), OutputValue]];
    }),
  );
}
