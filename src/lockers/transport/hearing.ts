import type { Ask, Echo, Found } from './bus.ts'

export interface Heard<T> {
  readonly found: Found<T> | undefined
  readonly echo: Echo
  /** The answer equals the question, and whether this line echoes is not known. */
  readonly doubtful: boolean
}

/** Looks for the answer to `ask` in the bytes heard since it was sent, and learns whether the line echoes. */
export const hear = <T>(heard: Uint8Array, ask: Ask<T>, echo: Echo): Heard<T> => {
  if (echo === 'no' && !ask.echoProof) return { found: ask.find(heard), echo, doubtful: false }
  const copy = indexOf(heard, ask.request)
  const behind = copy < 0 ? undefined : copy + ask.request.length
  if (ask.echoProof) {
    const found = findBehind(heard, ask, behind ?? 0)
    const learned = behind !== undefined || echo === 'yes' ? 'yes' : found ? 'no' : echo
    return { found, echo: learned, doubtful: false }
  }
  if (echo === 'yes')
    return {
      found: behind === undefined ? undefined : findBehind(heard, ask, behind),
      echo,
      doubtful: false,
    }
  const found = ask.find(heard)
  return {
    found,
    echo,
    doubtful: echo === 'unknown' && found !== undefined && found.start === copy && found.end === behind,
  }
}

/**
 * The same on a line where earlier questions went unanswered and may be answered now: a match that is only a part
 * of a longer late answer is skipped; where the late answer cannot be told apart, the last one heard counts.
 */
export const hearAmongLate = <T>(
  heard: Uint8Array,
  ask: Ask<T>,
  echo: Echo,
  late: readonly Ask<unknown>[],
): Heard<T> => {
  const others = late.filter(one => !alike(one, ask))
  let rest = heard
  let best = hear(rest, ask, echo)
  for (;;) {
    const { found } = best
    if (!found) return best
    const longer = others.flatMap(one => one.find(rest) ?? []).find(one => swallows(one, found))
    if (longer) {
      rest = without(rest, longer)
      best = hear(rest, ask, best.echo)
      continue
    }
    const next = late.length === others.length ? undefined : ask.find(rest.subarray(found.end))
    if (!next) return best
    rest = rest.subarray(found.end)
    best = { ...best, found: next, doubtful: false }
  }
}

/** Whether the answers to two questions cannot be told apart. */
export const alike = (one: Ask<unknown>, other: Ask<unknown>): boolean =>
  (one.kin ?? one.key) === (other.kin ?? other.key)

/** What was heard besides the adapter's echo of the question. */
export const withoutEcho = (heard: Uint8Array, ask: Ask<unknown>, echo: Echo): Uint8Array => {
  const start = echo === 'yes' ? indexOf(heard, ask.request) : -1
  return start < 0 ? heard : without(heard, { value: undefined, start, end: start + ask.request.length })
}

const findBehind = <T>(heard: Uint8Array, ask: Ask<T>, from: number): Found<T> | undefined => {
  const found = ask.find(heard.subarray(from))
  return found && { ...found, start: found.start + from, end: found.end + from }
}

const swallows = (big: Found<unknown>, small: Found<unknown>): boolean =>
  big.start <= small.start && big.end >= small.end && big.end - big.start > small.end - small.start

const without = (bytes: Uint8Array, part: Found<unknown>): Uint8Array =>
  Uint8Array.of(...bytes.subarray(0, part.start), ...bytes.subarray(part.end))

const indexOf = (bytes: Uint8Array, part: Uint8Array): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part)
