/** Main classes of the Chinese Library Classification; only T and, for law, D have second letters. */
const shape = /^(?:T[BDEFGHJKLMNPQSTUV]|DF|[A-KN-VXZ])(?:[-0-9(="].*)?$/

/**
 * A number of the Chinese Library Classification (中图法) as it is filed: `i247.55 ` -> `I247.55`; of several the
 * first. Undefined when it is none: Library of Congress and Dewey numbers stand in the same fields of some records.
 */
export const clcNumber = (text: string): string | undefined => {
  const head =
    text
      .normalize('NFKC')
      .trim()
      .toUpperCase()
      .replace(/[[\]{}]/g, '')
      .split(/[;,\s*]/)[0] ?? ''
  const number = head.replace(/\/.*$/, '')
  return number.length <= 40 && shape.test(number) ? number : undefined
}
