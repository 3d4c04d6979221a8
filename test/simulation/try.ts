import { runSeed } from './run-schedule.ts';

Error.stackTraceLimit = 0;
const n = Number(process.argv[2] ?? 20),
  first = Number(process.argv[3] ?? 1);
let inv = 0;
const rules = new Map<string, number[]>();
const strikes = new Map<string, number>();
const t0 = performance.now();
for (let seed = first; seed < first + n; seed++) {
  const r = await runSeed(seed, { isTold: n === 1 });
  inv += r.invocations;
  if (n === 1) {
    console.log(r.story.join('\n'));
    console.log(r.broken);
  }
  for (const { rule } of r.broken) {
    const l = rules.get(rule) ?? [];
    if (!l.includes(seed)) l.push(seed);
    rules.set(rule, l);
  }
  for (const [k, c] of r.strikes.entries()) strikes.set(k, (strikes.get(k) ?? 0) + c);
}
const ms = performance.now() - t0;
for (const [k, l] of rules) console.log(l.length, k, l.slice(0, 12).join(' '));
if (n > 1)
  console.log(
    [...strikes]
      .filter(([k]) => !k.includes(' '))
      .sort((a, b) => a[1] - b[1])
      .map(([k, c]) => `${k} ${c}`)
      .join(', '),
  );
const u = process.cpuUsage();
console.log({ n, inv, ms, perInv: ms / inv, perSchedule: ms / n, cpu: (u.user + u.system) / 1000 });
