/** What modules log through. Fields must be masked or harmless before they are handed over. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export const noLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
