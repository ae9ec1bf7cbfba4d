/**
 * Asks a driver for a power beyond its contract: `if (can(courier, 'callForPickup')) ...`.
 * A driver without the power simply has no such method; it is never stubbed.
 */
export const can = <T extends object, K extends string>(
  thing: T,
  power: K,
): thing is T & Record<K, (...args: never[]) => unknown> =>
  typeof (thing as Record<string, unknown>)[power] === 'function'
