/**
 * Replaces the global `Date` with a virtual clock: it starts at the time it is set to and advances
 * at real speed. Timers stay real.
 *
 * Only `new Date()`, `Date()` and `Date.now()` change; dates created from a value are ordinary
 * dates.
 *
 * @returns a function that sets the virtual time, in epoch milliseconds
 */
export function installVirtualDate(): (epochMs: number) => void {
  const RealDate = Date;
  let setToEpochMs = RealDate.now();
  let setAtMs = performance.now();
  const now = () => Math.floor(setToEpochMs + performance.now() - setAtMs);

  const VirtualDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;

  return (epochMs) => {
    setToEpochMs = epochMs;
    setAtMs = performance.now();
  };
}
