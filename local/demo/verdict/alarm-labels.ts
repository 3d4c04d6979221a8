/** Alarm names without their common prefix of whole words, up to a hyphen. */
export function alarmLabels(names: readonly string[]): string[] {
  const [first = '', ...others] = names;
  let shared = 0;
  for (let end = first.indexOf('-') + 1; end > 0; end = first.indexOf('-', end) + 1) {
    if (others.length === 0 || !others.every((name) => name.startsWith(first.slice(0, end)))) break;
    shared = end;
  }
  return names.map((name) => name.slice(shared));
}
