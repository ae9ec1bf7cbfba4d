/** Addresses of boards as people write them. Pure: needs no browser. */

/** `1-8` or `1,2,5`; undefined where it is neither, or leads outside. */
export const readAddresses = (text: string, from: number, to: number): readonly number[] | undefined => {
  const all: number[] = []
  for (const part of text.split(/[,，、\s]+/).filter(Boolean)) {
    const match = /^(\d{1,3})(?:[-–~](\d{1,3}))?$/.exec(part)
    if (!match) return undefined
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
    if (first < from || last > to || last < first) return undefined
    for (let one = first; one <= last; one++) all.push(one)
  }
  const each = [...new Set(all)]
  return each.length > 0 && each.length <= 64 ? each : undefined
}

/** `1,2,3,7` as people write it: `1-3, 7`. */
export const writeAddresses = (all: readonly number[]): string => {
  const sorted = all.toSorted((a, b) => a - b)
  const runs: [number, number][] = []
  for (const one of sorted) {
    const last = runs.at(-1)
    if (last && one === last[1] + 1) last[1] = one
    else runs.push([one, one])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ')
}
